"""Seeding recipes: what a library holds, as data in a TOML file that names no code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qprof.library.distributions import Distribution, constant
from qprof.library.problems import RecipeError
from qprof.library.recipe_values import distribution, nearest, number, text, whole

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DEFAULT_RECIPE = "chinook"

_NONE, _ONE, _TWO, _TEN = constant(0), constant(1), constant(2), constant(10)


@dataclass(frozen=True)
class Recipe:
    """How large each table is and how its rows hang together.

    An artist has albums; its tracks are counted for the artist or for each album, whichever of the
    two is not None. A recipe's `children` multiplies what each artist and each playlist has, and is
    worked into the distributions here. Skews are exponents: the one at rank r is chosen with weight
    `r ** -skew`.
    """

    name: str
    description: str = ""
    artists: int = 20
    the_artists: float = 0.0
    albums_per_artist: Distribution = _TWO
    tracks_per_artist: Distribution | None = None
    tracks_per_album: Distribution | None = None
    guests_per_track: Distribution = _NONE
    genres: int = 10
    genres_per_track: Distribution = _ONE
    genre_skew: float = 0.0
    playlists: int = 0
    tracks_per_playlist: Distribution = _NONE
    track_skew: float = 0.0
    overrides: tuple[tuple[str, str], ...] = ()

    @property
    def mean_tracks(self) -> float:
        """How many tracks an artist has on average."""
        if self.tracks_per_artist is not None:
            return self.tracks_per_artist.mean
        return self.albums_per_artist.mean * (self.tracks_per_album or _TEN).mean


_MOST_ROOTS = 10_000_000
_READERS: dict[str, Callable[[object], Any]] = {
    "description": text,
    "artists": whole(1, _MOST_ROOTS),
    "the_artists": number(0, 1),
    "albums_per_artist": distribution,
    "tracks_per_artist": distribution,
    "tracks_per_album": distribution,
    "guests_per_track": distribution,
    "genres": whole(0, 10_000),
    "genres_per_track": distribution,
    "children": number(0.001, 10_000),
    "genre_skew": number(0, 10),
    "playlists": whole(0, _MOST_ROOTS),
    "tracks_per_playlist": distribution,
    "track_skew": number(0, 10),
}
_GROWING = ("albums_per_artist", "tracks_per_artist", "tracks_per_playlist")
"""What `children` multiplies. The tracks of an album are not among them: where an artist's tracks
are counted by its albums, they grow along, once."""
_EITHER = {"tracks_per_artist": "tracks_per_album", "tracks_per_album": "tracks_per_artist"}


def recipe_names() -> list[str]:
    """List the recipes that come with qprof, in alphabetical order."""
    return sorted(path.stem for path in _folder().glob("*.toml"))


def load_recipe(name_or_path: str, overrides: Mapping[str, str] | None = None) -> Recipe:
    """Read a recipe by its name, or from a path that ends in `.toml`, with some values replaced.

    `overrides` maps a key to a TOML value as text, such as `3` or `{uniform = [1, 5]}`. Raises
    `RecipeError` for a recipe that cannot be found or read, or that makes no sense.
    """
    path = _find(name_or_path)
    stated = {key: value.strip() for key, value in sorted((overrides or {}).items())}
    table = _with_overrides(_read(path), stated)
    where = f"recipe {path.stem}"
    values = {key: _value(where, key, value) for key, value in table.items()}
    if not _EITHER.keys() & values.keys():
        values["tracks_per_album"] = _TEN
    recipe = Recipe(name=path.stem, overrides=tuple(stated.items()), **_grown(values))
    _check(where, recipe)
    return recipe


def _grown(values: dict[str, Any]) -> dict[str, Any]:
    """Multiply what each parent has by `children`, where the recipe says so."""
    factor = values.pop("children", 1.0)
    if factor == 1:
        return values
    counts = {"albums_per_artist": _TWO, **values}
    return {
        **values,
        **{key: counts[key].times(factor) for key in _GROWING if counts.get(key) is not None},
    }


def _folder() -> Path:
    """Inside the package in an installed wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "seeds"
    return inside if inside.is_dir() else package.parent / "seeds"


def _find(name_or_path: str) -> Path:
    if name_or_path.endswith(".toml"):
        return Path(name_or_path)
    names = recipe_names()
    if name_or_path in names:
        return _folder() / f"{name_or_path}.toml"
    advice = nearest(name_or_path, names)
    raise RecipeError(f'There is no recipe "{name_or_path}"; {advice}')


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        reason = problem.strerror or "it cannot be read"
        raise RecipeError(f"Cannot read the recipe {path} ({reason}); check the path.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise RecipeError(f"The recipe {path} is not valid TOML ({problem}); mend it.") from None


def _with_overrides(table: dict[str, Any], overrides: Mapping[str, str]) -> dict[str, Any]:
    """Put each override in its place; one way to count tracks ousts the other."""
    merged = dict(table)
    for key, stated in overrides.items():
        if _EITHER.get(key) not in overrides:
            merged.pop(_EITHER.get(key, ""), None)
        merged[key] = _override(key, stated)
    return merged


def _override(key: str, stated: str) -> object:
    try:
        table = tomllib.loads(f"value = {stated}")
    except tomllib.TOMLDecodeError:
        table = {}
    if table.keys() == {"value"}:
        return table["value"]
    raise RecipeError(
        f"Cannot read {key}={stated}: the value is not one TOML value; "
        f"write for example {key}=3 or {key}={{uniform = [1, 5]}}."
    )


def _value(where: str, key: str, value: object) -> Any:
    if key not in _READERS:
        raise RecipeError(f'The {where} has an unknown key "{key}"; {nearest(key, list(_READERS))}')
    try:
        return _READERS[key](value)
    except ValueError as problem:
        raise RecipeError(f"The {where}: {key} {problem}.") from None


def _check(where: str, recipe: Recipe) -> None:
    """Refuse values that are each in order but contradict each other."""
    for wrong, sentence in _contradictions(recipe):
        if wrong:
            raise RecipeError(f"The {where}: {sentence}.")


def _contradictions(recipe: Recipe) -> list[tuple[bool, str]]:
    guests, genres = recipe.guests_per_track.most, recipe.genres_per_track.most
    return [
        (
            recipe.tracks_per_artist is not None and recipe.tracks_per_album is not None,
            "tracks_per_artist and tracks_per_album both count the tracks; keep one of them",
        ),
        (
            recipe.tracks_per_album is not None
            and recipe.tracks_per_album.most > 0
            and recipe.albums_per_artist.most == 0,
            "tracks_per_album needs albums, and albums_per_artist is 0; use tracks_per_artist",
        ),
        (
            genres > recipe.genres,
            f"genres_per_track goes up to {genres}, and genres is {recipe.genres}; "
            f"set genres to {genres} or more",
        ),
        (
            guests >= recipe.artists,
            f"guests_per_track goes up to {guests} other artists, and artists is "
            f"{recipe.artists}; set artists to {guests + 1} or more",
        ),
        (
            recipe.playlists > 0 and recipe.tracks_per_playlist.most > 0 and not recipe.mean_tracks,
            "tracks_per_playlist needs tracks, and there are none; set tracks_per_playlist to 0",
        ),
    ]
