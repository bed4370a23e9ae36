"""Needed as the rows tell it, against needed as the balanced plan measures it."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, ForeignKey, create_engine, func, insert, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    immediateload,
    joinedload,
    lazyload,
    mapped_column,
    relationship,
    selectinload,
    subqueryload,
)

from qprof.domain.trace import Cost
from qprof.measure.capture import record
from qprof.measure.derived.needed import Derived, derived_needed
from qprof.measure.derived.nested import NestedRecording
from qprof.measure.experiments.questions import examine
from qprof.measure.experiments.runner import quiet
from qprof.seeding.library.models import Album, Artist, Base, Track
from tests.measure.experiments.forms import FORMS
from tests.measure.experiments.models import Author, Book, Tag
from tests.measure.experiments.oracle import counting_engine
from tests.measure.experiments.runs import UserCall
from tests.measure.experiments.test_needed import LIBRARIES, refill
from tests.opening import on

LOADS = [joinedload, selectinload, subqueryload, lazyload, immediateload]


def derived(call: UserCall, engine: Engine) -> Derived:
    """Return what the rows of one run of `call` tell."""
    recording = NestedRecording()
    with Session(engine) as session, record(into=recording), quiet():
        call(session)
    assert not recording.errors
    return derived_needed(recording.snapshots())


def measured(call: UserCall, engine: Engine) -> Cost | None:
    """Return what the balanced plan measured."""
    return examine("call", {}, on(engine, call)).call.needed


@pytest.fixture(scope="module")
def library() -> Iterator[Engine]:
    engine = counting_engine()
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


def exchangeable(above: Any, below: Any) -> bool:
    """Return whether a plan can exchange both: not a subqueryload below a selectin or lazy load.

    The rows tell all the same.
    """
    return below is not subqueryload or above in (joinedload, subqueryload)


def assert_told(call: UserCall, engine: Engine, *, measurable: bool) -> None:
    """Hold what the rows tell against the balanced plan, wherever that can be measured."""
    told, balanced = derived(call, engine).cost, measured(call, engine)
    assert told is not None
    assert told == balanced or (balanced is None and not measurable)


def mixed(tracks: Any, genres: Any, albums: Any) -> UserCall:
    """Return a call that loads each path by an option of its own, and reads them all."""

    def call(session: Session) -> Any:
        own = tracks(Artist.tracks)
        options = [getattr(own, genres.__name__)(Track.genres), albums(Artist.albums)]
        found = session.scalars(select(Artist).options(*options).order_by(Artist.id)).unique().all()
        return [(each, [track.genres for track in each.tracks], each.albums) for each in found]

    return call


ANY = st.sampled_from(LOADS)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@example(
    content=([{0}, {1}], [set()] * 5, []), tracks=lazyload, genres=selectinload, albums=joinedload
)
@example(
    content=([{0}, {0, 1}], [{0}, set(), set(), set(), set()], []),
    tracks=lazyload,
    genres=subqueryload,
    albums=joinedload,
)
@given(content=LIBRARIES, tracks=ANY, genres=ANY, albums=ANY)
def test_derived_is_what_the_balanced_plan_measures(
    content: Any, tracks: Any, genres: Any, albums: Any, library: Engine
) -> None:
    """Whatever the data, and however each path is loaded."""
    refill(library, *content)
    call = mixed(tracks, genres, albums)
    assert_told(call, library, measurable=exchangeable(tracks, genres))


def to_one(artist: Any, albums: Any) -> UserCall:
    """Return a call that goes to one and from there to many: album, artist, its other albums."""

    def call(session: Session) -> Any:
        option = getattr(artist(Album.artist), albums.__name__)(Artist.albums)
        found = session.scalars(select(Album).options(option).order_by(Album.id)).unique().all()
        return [(each.artist, list(each.artist.albums)) for each in found]

    return call


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@example(content=([set(), set()], [set()] * 5, [0, 1]), artist=lazyload, albums=selectinload)
@given(content=LIBRARIES, artist=ANY, albums=ANY)
def test_to_one_paths_cost_their_columns_on_their_parents_rows(
    content: Any, artist: Any, albums: Any, library: Engine
) -> None:
    """As the balanced plan joins them."""
    refill(library, *content)
    assert_told(to_one(artist, albums), library, measurable=exchangeable(artist, albums))


UNTOLD = {"multi_column", "two_roots", "of_type"}
OTHERWISE = {"cars_of_a_subclass"}
"""The balanced plan asks for the columns of the subclass, too; its rows cannot tell."""


@pytest.mark.parametrize("name", sorted(FORMS.keys() - UNTOLD - OTHERWISE))
def test_every_form_of_a_call_is_told_by_its_rows(name: str, shop: Engine) -> None:
    """As the balanced plan measures it."""
    call = FORMS[name].call
    assert derived(call, shop).cost == measured(call, shop)


@pytest.mark.parametrize("name", sorted(UNTOLD))
def test_joined_collections_of_several_entities_are_not_told(name: str, shop: Engine) -> None:
    """The reason names the line."""
    found = derived(FORMS[name].call, shop)
    assert found.cost is None
    assert "several entities" in found.reason
    assert "tests/measure/experiments/forms.py:" in found.reason


def test_a_partly_read_collection_needs_what_was_read(shop: Engine) -> None:
    """4 authors, and the 3 books of one: what the balanced plan loads beyond is not needed."""

    def call(session: Session) -> Any:
        return session.scalars(select(Author).order_by(Author.id)).all()[0].books

    assert derived(call, shop).cost == Cost(2, 7, 4 * 3 + 3 * 4)


def test_single_parents_that_come_one_by_one_need_a_query_each(shop: Engine) -> None:
    """Two roots, each with a collection of its own: no selectin could load both."""

    def call(session: Session) -> Any:
        return [session.get_one(Author, key).books for key in (1, 2)]

    assert derived(call, shop).cost == Cost(4, 2 + 4, 2 * 3 + 4 * 4)


def test_rows_that_repeat_by_a_join_of_its_own_are_not_told(shop: Engine) -> None:
    """Author 1 comes once for each of its books, and each time with its awards."""

    def call(session: Session) -> Any:
        statement = select(Author).join(Author.books).options(joinedload(Author.awards))
        return session.scalars(statement).unique().all()

    assert "rows repeat beyond what the joined paths explain" in derived(call, shop).reason


def test_asking_again_is_not_needed_and_writing_again_is(shop: Engine) -> None:
    """One count, and two rows that RETURNING gave back."""

    def call(session: Session) -> Any:
        for _ in range(2):
            session.scalar(select(func.count(Book.id)))
            added = insert(Tag.__table__).values(name="x").returning(Tag.__table__.c.id)
            session.execute(added).all()
        session.rollback()

    assert derived(call, shop).cost == Cost(3, 3, 3)


def test_keys_that_python_sees_otherwise_than_the_driver_are_matched() -> None:
    """SQLite holds a UUID as text; a lazy load knows its parent by the UUID."""

    class Base(DeclarativeBase):
        pass

    class Parent(Base):
        __tablename__ = "parent"
        id: Mapped[UUID] = mapped_column(primary_key=True)
        children: Mapped[list["Child"]] = relationship()

    class Child(Base):
        __tablename__ = "child"
        id: Mapped[UUID] = mapped_column(primary_key=True)
        parent_id: Mapped[UUID] = mapped_column(ForeignKey("parent.id"))

    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    keys = [uuid4() for _ in range(2)]
    with Session(engine) as session:
        session.add_all(Parent(id=key, children=[Child(id=uuid4())]) for key in keys)
        session.commit()

    def call(session: Session) -> Any:
        return [session.get_one(Parent, key).children for key in keys]

    assert derived(call, engine).cost == Cost(4, 4, 2 * 1 + 2 * 2)
    engine.dispose()


def test_objects_from_before_are_loaded_by_one_selectin(shop: Engine) -> None:
    """Their parents' SELECT is not part of the recording, so their paths cannot join it."""
    recording = NestedRecording()
    with Session(shop) as session:
        authors = session.scalars(select(Author)).all()
        with record(into=recording):
            assert [(len(each.books), each.country) for each in authors]
    assert derived_needed(recording.snapshots()).cost == Cost(1 + 1, 6 + 2, 6 * 4 + 2 * 2)
