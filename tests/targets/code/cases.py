"""The calls of `tests/apps/conventions`, as they are named on the command line."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CONVENTIONS = Path(__file__).resolve().parents[2] / "apps" / "conventions"
"""The folder of the application `music`; `filling.py` there says what its library holds."""
DATABASE = ("--database", "sqlite:///music.db")


@dataclass(frozen=True)
class Case:
    """A call, and what its user types after `qprof profile CALL --target TARGET`."""

    target: str
    call: str
    options: Sequence[str] = ()
    entities: bool = False
    """It loads objects, so that plans can be compared."""

    @property
    def words(self) -> list[str]:
        """What stands after the command."""
        return [self.call, "--target", f"music.{self.target}", *self.options]


def _argument(name: str, value: object) -> tuple[str, str]:
    return "--arg", f"{name}={value}"


QUERY = _argument("query", "a")
OPENED = ("--setup", "music.opening:opened")
CONTEXT = ("--setup", "music.flask_models:application_context")

CASES: dict[str, Case] = {
    "session factory": Case(
        "session_factory:ArtistRepository", "ArtistRepository.search", (*QUERY, *DATABASE), True
    ),
    "list and total": Case(
        "session_factory:ArtistRepository", "ArtistRepository.page", DATABASE, True
    ),
    "session and keywords": Case(
        "session_keywords:ArtistRepository", "ArtistRepository.search", (*QUERY, *DATABASE), True
    ),
    "cached repository": Case(
        "session_keywords:Repositories", "artists.search", (*QUERY, *DATABASE), True
    ),
    "repository property": Case(
        "session_keywords:Repositories", "tracks.with_genres", DATABASE, True
    ),
    "own engine": Case("own_engine:Library", "Library.artists", (*OPENED, *QUERY), True),
    "own engine, no argument": Case("own_engine:Library", "Library.tracks", OPENED, True),
    "keyword session": Case(
        "keyword_session:search_artists", "search_artists", (*QUERY, *DATABASE), True
    ),
    "DTOs of entities": Case("keyword_session:artist_cards", "artist_cards", DATABASE),
    "DTOs of rows": Case("keyword_session:track_counts", "track_counts", DATABASE),
    "unexecuted Query": Case(
        "keyword_session:artists_of",
        "artists_of",
        (*_argument("country", "FR"), *DATABASE),
        True,
    ),
    "unexecuted Select": Case("keyword_session:long_tracks", "long_tracks", DATABASE, True),
    "decorator": Case("decorated:search_artists", "search_artists", QUERY, True),
    "decorator that asks first": Case(
        "decorated:count_tracks", "count_tracks", _argument("artist_id", 3)
    ),
    "class method": Case("class_methods:ArtistDAO", "ArtistDAO.search", (*QUERY, *DATABASE), True),
    "class method, a count": Case("class_methods:ArtistDAO", "ArtistDAO.count", DATABASE),
    "static method": Case(
        "class_methods:ArtistDAO",
        "ArtistDAO.albums",
        (*_argument("artist_id", 3), *DATABASE),
        True,
    ),
    "Model.query": Case("flask_models:Artist", "Artist.search", (*QUERY, *CONTEXT), True),
    "Model.query in a function": Case("flask_models:all_artists", "all_artists", CONTEXT, True),
    "async function": Case(
        "asynchronous:search_artists", "search_artists", (*QUERY, *DATABASE), True
    ),
    "async generator": Case("asynchronous:track_titles", "track_titles", DATABASE),
    "async stream": Case("asynchronous:stream_tracks", "stream_tracks", DATABASE, True),
    "AsyncSession constructor": Case(
        "asynchronous:ArtistRepository", "ArtistRepository.with_tracks", DATABASE, True
    ),
    "AsyncSession.get": Case(
        "asynchronous:ArtistRepository",
        "ArtistRepository.get",
        (*_argument("artist_id", 3), *DATABASE),
        True,
    ),
    "FastAPI dependency": Case("fastapi_dependencies:count_tracks", "count_tracks"),
    "FastAPI dependency of a dependency": Case(
        "fastapi_dependencies:list_artists", "list_artists", QUERY, True
    ),
    "FastAPI service": Case(
        "fastapi_dependencies:ArtistService", "ArtistService.search", QUERY, True
    ),
    "WSGI request": Case("wsgi_app:app", "GET /artists?query=a"),
    "WSGI path": Case("wsgi_app:app", "GET /artists/3"),
    "ASGI request, threaded": Case("asgi_app:app", "GET /artists?query=a"),
    "ASGI request, async": Case("asgi_app:app", "GET /async/artists?query=a"),
    "generator": Case("generators:Catalogue", "Catalogue.lines", DATABASE),
    "property": Case("generators:Catalogue", "Catalogue.size", DATABASE),
    "property of entities": Case("generators:Catalogue", "Catalogue.artists", DATABASE, True),
    "touch by a method": Case(
        "slips:find_artists", "find_artists", (*DATABASE, "--touch", "to_dict"), True
    ),
    "touch by a function": Case(
        "slips:find_artists",
        "find_artists",
        (*DATABASE, "--touch", "music.schemas:ArtistOut.model_validate"),
        True,
    ),
    "own sessions": Case(
        "class_methods:ArtistDAO",
        "ArtistDAO.count",
        ("--sessions", "music.decorated:SessionLocal"),
    ),
    "sessions that are yielded": Case(
        "class_methods:ArtistDAO",
        "ArtistDAO.count",
        ("--sessions", "music.fastapi_dependencies:get_db"),
    ),
}
