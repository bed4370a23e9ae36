"""Needed, against what plain SQL says that the objects are: roots, and distinct pairs."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import (
    Session,
    contains_eager,
    defaultload,
    joinedload,
    lazyload,
    selectinload,
    subqueryload,
)

from qprof.domain.trace import Cost
from qprof.measure.experiments.questions import examine
from qprof.seeding.library.models import Album, Artist, Base, Genre, Track
from tests.measure.experiments.models import Author, Book
from tests.measure.experiments.oracle import counting_engine, plain
from tests.measure.experiments.runs import UserCall
from tests.opening import on

PAIRS = (
    "SELECT count(*) FROM artists",
    "SELECT count(*) FROM (SELECT DISTINCT artist_id, track_id FROM track_artists)",
    "SELECT count(*) FROM (SELECT DISTINCT g.track_id, g.genre_id FROM track_genres g "
    "JOIN track_artists a ON a.track_id = g.track_id)",
    "SELECT count(*) FROM albums",
)
"""The rows that artists, their tracks, those tracks' genres and their albums are."""


def needed(call: UserCall, engine: Engine) -> Cost:
    """Return what qprof says that the objects of `call` need."""
    found = examine("call", {}, on(engine, call)).call
    assert found.needed is not None
    return found.needed


def by(load: Any) -> UserCall:
    """Return a call that loads artists, tracks, genres and albums by the option `load`."""

    def call(session: Session) -> Any:
        options = [getattr(load(Artist.tracks), load.__name__)(Track.genres), load(Artist.albums)]
        found = session.scalars(select(Artist).options(*options).order_by(Artist.id)).unique().all()
        return [(each, [track.genres for track in each.tracks], each.albums) for each in found]

    return call


@pytest.fixture(scope="module")
def library() -> Iterator[Engine]:
    engine = counting_engine()
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


def refill(
    engine: Engine, plays: list[set[int]], genres: list[set[int]], albums: list[int]
) -> None:
    """Replace the content: who plays on which track, each track's genres, albums of each artist."""
    with Session(engine) as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
        styles = [Genre(id=each, name=f"g{each}") for each in range(4)]
        tracks = [_track(key, [styles[each] for each in own]) for key, own in enumerate(genres)]
        artists = [
            Artist(
                id=key, name=f"a{key}", sort_name="a", tracks=[tracks[each] for each in sorted(own)]
            )
            for key, own in enumerate(plays)
        ]
        owned = [
            Album(artist=artists[owner % len(artists)], title="t", year=1)
            for owner in (albums if artists else [])
        ]
        session.add_all([*styles, *tracks, *artists, *owned])
        session.commit()


def _track(key: int, genres: list[Genre]) -> Track:
    from datetime import datetime

    return Track(
        id=key,
        title="t",
        duration=1,
        bitrate=1,
        path="p",
        play_count=0,
        added_at=datetime(2020, 1, 1),
        genres=genres,
    )


LIBRARIES = st.tuples(
    st.lists(st.sets(st.integers(0, 4)), max_size=5),
    st.lists(st.sets(st.integers(0, 3)), min_size=5, max_size=5),
    st.lists(st.integers(0, 4), max_size=6),
)
LOADS = [joinedload, selectinload, subqueryload, lazyload]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=LIBRARIES, load=st.sampled_from(LOADS))
def test_needed_rows_are_roots_and_distinct_pairs(content: Any, load: Any, library: Engine) -> None:
    """Whatever the library and however the call is written, shared tracks included."""
    refill(library, *content)
    assert needed(by(load), library).rows == sum(plain(library, each) for each in PAIRS)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=LIBRARIES)
def test_needed_is_the_same_however_the_call_is_written(content: Any, library: Engine) -> None:
    """Queries, rows and cells speak for the objects, not for the options."""
    refill(library, *content)
    assert len({needed(by(load), library) for load in LOADS}) == 1


@pytest.mark.parametrize("load", LOADS)
def test_needed_queries_are_one_and_one_for_each_path_with_parents(
    load: Any, library: Engine
) -> None:
    """Artists without tracks have no genres to ask for."""
    refill(library, [set(), set()], [set()] * 5, [])
    assert needed(by(load), library).queries == 3


def test_needed_cells_are_rows_times_their_own_columns(shop: Engine) -> None:
    """4 authors × 3 columns; 6 books × 4: the parent's key is one of their own."""

    def call(session: Session) -> Any:
        return session.scalars(select(Author).options(joinedload(Author.books))).unique().all()

    assert needed(call, shop) == Cost(2, 10, 4 * 3 + 6 * 4)


def test_more_than_500_parents_need_a_second_query(library: Engine) -> None:
    """1 for the roots, and ⌈501 / 500⌉ for each of two paths; nobody has a track."""
    refill(library, [set()] * 501, [set()] * 5, [])
    assert needed(by(joinedload), library) == Cost(5, 501, 501 * 7)


def test_500_parents_need_one(library: Engine) -> None:
    """The last chunk is full, and there is no empty one after it."""
    refill(library, [set()] * 500, [set()] * 5, [])
    assert needed(by(joinedload), library).queries == 3


def test_a_count_is_needed_once(shop: Engine) -> None:
    """Asked three times with the same parameters, it is needed once."""

    def call(session: Session) -> Any:
        return [session.scalar(select(func.count(Book.id))) for _ in range(3)]

    assert needed(call, shop) == Cost(1, 1, 1)


def test_a_count_is_needed_for_each_set_of_parameters(shop: Engine) -> None:
    """Other parameters are another question."""

    def call(session: Session) -> Any:
        count = select(func.count(Book.id))
        return [session.scalar(count.where(Book.author_id == each)) for each in (1, 2, 1)]

    assert needed(call, shop) == Cost(2, 2, 2)


def test_plain_values_need_what_their_objects_did(shop: Engine) -> None:
    """A call that returns counts of lazily loaded books needs the books."""

    def call(session: Session) -> Any:
        return [len(each.books) for each in session.scalars(select(Author))]

    assert needed(call, shop) == Cost(2, 10, 36)


def test_a_closed_session_has_a_need(shop: Engine) -> None:
    """The balanced plan reads nothing afterwards."""

    def call(session: Session) -> Any:
        found = session.scalars(select(Author).options(joinedload(Author.books))).unique().all()
        session.close()
        return found

    assert needed(call, shop) == Cost(2, 10, 36)


def test_own_sibling_joins_are_needed_apart(shop: Engine) -> None:
    """contains_eager cannot be moved; its rows' keys say 4 authors, 6 books and 6 awards."""

    def call(session: Session) -> Any:
        statement = select(Author).outerjoin(Author.books).outerjoin(Author.awards)
        own = [contains_eager(Author.books), contains_eager(Author.awards)]
        return session.scalars(statement.options(*own)).unique().all()

    def apart(session: Session) -> Any:
        own = [selectinload(Author.books), selectinload(Author.awards)]
        return session.scalars(select(Author).options(*own)).all()

    assert needed(call, shop) == needed(apart, shop) == Cost(3, 16, 54)


DISTINCT = {
    "nothing": [],
    "a to-one path of the root": [joinedload(Author.country)],
    "a to-one path below": [defaultload(Author.books).joinedload(Book.author)],
    "both": [joinedload(Author.country), defaultload(Author.books).joinedload(Book.author)],
}


@pytest.mark.parametrize("name", DISTINCT)
def test_own_sibling_joins_under_distinct_are_needed_apart(name: str, shop: Engine) -> None:
    """With a joined to-one path, SQLAlchemy puts the author's own JOINs into a subquery."""

    def call(session: Session) -> Any:
        statement = select(Author).outerjoin(Author.books).outerjoin(Author.awards).distinct()
        own = [contains_eager(Author.books), contains_eager(Author.awards)]
        return session.scalars(statement.options(*own, *DISTINCT[name])).unique().all()

    def apart(session: Session) -> Any:
        own = [selectinload(Author.books), selectinload(Author.awards)]
        return session.scalars(select(Author).options(*own, *DISTINCT[name])).all()

    assert needed(call, shop) == needed(apart, shop)
    assert needed(call, shop).rows == 16


def test_own_joins_with_a_deeper_path_are_needed_apart(shop: Engine) -> None:
    """Author → books by its own join, tags below by an option: 4 + 6 + 7 rows."""

    def call(session: Session) -> Any:
        own = contains_eager(Author.books).selectinload(Book.tags)
        return session.scalars(select(Author).outerjoin(Author.books).options(own)).unique().all()

    assert needed(call, shop).rows == 17


def test_a_self_reference_needs_no_level_more_than_it_has(shop: Engine) -> None:
    """2 roots, 2 children, 3 grandchildren, 2 columns each; no join for a fourth level."""
    from tests.measure.experiments.forms import FORMS

    assert needed(FORMS["self_referential"].call, shop) == Cost(3, 7, 14)


def test_a_balanced_plan_that_cannot_run_leaves_needed_unknown(shop: Engine) -> None:
    """The reason becomes a note of the call."""

    def call(session: Session) -> Any:
        statement = select(Author).execution_options(yield_per=1)
        sent = session.scalars(statement.options(selectinload(Author.books))).all()
        if not sent or next(_again) > 3:
            raise LookupError("no fourth time")
        return sent

    _again = iter(range(1, 9))
    found = examine("call", {}, on(shop, call)).call
    assert found.needed is None
    assert "LookupError: no fourth time" in found.notes[0]
