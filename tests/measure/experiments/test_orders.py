"""Which order counts: what an ORDER BY asks for, modulo its ties, wherever the list stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine, ForeignKey, UniqueConstraint, create_engine, event, func, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    aliased,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
    subqueryload,
)
from sqlalchemy.pool import StaticPool

from qprof.domain.plans import named_plan
from qprof.domain.trace import PlanRun, PlanRuns
from qprof.measure.experiments.comparison import compare_plans
from qprof.measure.experiments.difference import difference
from qprof.measure.experiments.graph import snapshot
from qprof.measure.experiments.questions import examine
from qprof.measure.orm.orders import Order, statement_order
from tests.opening import on


class Base(DeclarativeBase):
    pass


class Trip(Base):
    __tablename__ = "trip"
    __table_args__ = (UniqueConstraint("day", "place"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[int] = mapped_column(index=True)
    place: Mapped[str]
    code: Mapped[int] = mapped_column(unique=True)
    nick: Mapped[str | None] = mapped_column(unique=True)
    photos: Mapped[list[Photo]] = relationship()
    people: Mapped[list[Person]] = relationship(order_by="Person.age")


class Photo(Base):
    __tablename__ = "photo"
    id: Mapped[int] = mapped_column(primary_key=True)
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"), index=True)


class Person(Base):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    age: Mapped[int]
    trip_id: Mapped[int] = mapped_column(ForeignKey("trip.id"), index=True)


TRIPS = 40


@pytest.fixture(scope="module")
def trips() -> Iterator[Engine]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        for i in range(1, TRIPS + 1):
            session.add(Trip(id=i, day=i * 7 % 3, place=f"p{i}", code=i, nick=f"n{i}"))
        session.flush()
        session.add_all(Photo(trip_id=1 + i * 13 % TRIPS) for i in range(3 * TRIPS))
        session.add_all(
            Person(trip_id=1 + i * 11 % TRIPS, age=i // TRIPS % 2) for i in range(4 * TRIPS)
        )
        session.commit()
    yield engine
    engine.dispose()


@dataclass
class Page:
    trips: list[Trip]


FORMS: dict[str, Callable[[Session, Any], Any]] = {
    "alone": lambda _, found: found,
    "pair": lambda session, found: (found, session.scalar(select(func.count(Trip.id)))),
    "dict": lambda _, found: {"items": found},
    "object": lambda _, found: Page(found),
    "rows": lambda _, found: [(each, 1) for each in found],
    "a list of lists": lambda _, found: [found],
}
ORDERS: dict[str, tuple[tuple[Any, ...], bool]] = {
    "none": ((), False),
    "with ties": ((Trip.day,), False),
    "with ties, downwards": ((Trip.day.desc(),), False),
    "by an expression": ((func.abs(Trip.day),), False),
    "by a key": ((Trip.id,), True),
    "by a key at last": ((func.abs(Trip.day), Trip.id.desc()), True),
    "by a unique column": ((Trip.code,), True),
    "by a unique column that may be NULL": ((Trip.nick,), False),
    "by what is unique together": ((Trip.day, Trip.place), True),
}


@pytest.mark.parametrize("name", ORDERS)
def test_an_order_is_total_only_where_no_two_can_tie(name: str) -> None:
    """By constraints alone: the data of today prove nothing."""
    clauses, total = ORDERS[name]
    mapper: Any = Trip.__mapper__
    found = statement_order(select(Trip).order_by(*clauses), [mapper])
    assert (found is not None and found.total) == total
    assert (found is None) == (not clauses)


def test_an_order_by_another_class_or_alias_is_not_the_objects_own() -> None:
    """What it sorts by cannot be read off the objects."""
    mapper: Any = Trip.__mapper__
    other = aliased(Trip)
    for clause in (Photo.id, other.id):
        statement = select(Trip).join(Trip.photos).order_by(clause)
        assert statement_order(statement, [mapper]) == Order(None, total=False)


def _swapped(found: list[Any], one: int, other: int) -> list[Any]:
    copy = list(found)
    copy[one], copy[other] = copy[other], copy[one]
    return copy


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ORDERS)
def test_another_order_is_other_only_where_the_order_was_asked_for(
    name: str, form: str, trips: Engine
) -> None:
    """Two neighbours that tie may change places; two that do not, may not."""
    clauses, total = ORDERS[name]
    statement = select(Trip).order_by(*clauses)
    roots = examine("call", {}, on(trips, lambda s: s.scalars(statement).all())).found.roots
    with Session(trips) as session:
        found = list(session.scalars(statement))
        views = [found, _swapped(found, 0, 1), _swapped(found, 0, TRIPS - 1)]
        graphs = [snapshot(FORMS[form](session, each), roots) for each in views]
    told = [difference(graphs[0], each, ordered=bool(clauses)) for each in graphs[1:]]
    certain = [None if each is None else each.certain for each in told]
    if total or "NULL" in name:
        assert certain == [True, True]
    elif "ties" in name:
        assert certain == [None, True]
    else:
        assert certain == ([None, None] if name == "none" else [False, False])


def test_ties_of_a_collection_may_change_places(trips: Engine) -> None:
    """A relationship's order_by is an ORDER BY as well."""
    with Session(trips) as session:
        one, other = (session.get_one(Trip, 1, options=[selectinload(Trip.people)]) for _ in "ab")
        first = snapshot(one)
        people = sorted(other.people, key=lambda each: (each.age, -each.id))
        other.people[:] = people
        assert difference(first, snapshot(other), ordered=True) is None
        other.people[:] = people[::-1]
        assert difference(first, snapshot(other), ordered=True) is not None


def _page(*clauses: Any) -> Callable[[Session], Any]:
    options = (subqueryload(Trip.photos), subqueryload(Trip.people))
    return lambda s: s.scalars(select(Trip).options(*options).order_by(*clauses).limit(5)).all()


def _compared(engine: Engine, call: Callable[[Session], Any]) -> tuple[Any, PlanRuns]:
    specimen = examine("call", {}, on(engine, call))
    plans = [named_plan(name, specimen.found.paths) for name in ("as-written", *PLANS)]
    return specimen, compare_plans(specimen, plans, 1)


PLANS = ("joined", "selectin", "subquery", "lazy", "balanced")


def _plan(runs: PlanRuns, name: str) -> PlanRun:
    return next(each for each in runs.runs if each.plan == name)


@pytest.mark.parametrize(
    ("clauses", "unstable"), [((), True), ((Trip.day,), True), ((Trip.day, Trip.id), False)]
)
def test_a_subqueryload_under_a_limit_needs_a_unique_order(
    clauses: tuple[Any, ...], unstable: bool, trips: Engine
) -> None:
    """The two statements may choose other objects; by a unique order they cannot."""
    specimen, _ = _compared(trips, _page(*clauses))
    told = [each.path for each in specimen.call.unstable]
    assert told == (["Trip.people", "Trip.photos"] if unstable else [])


def test_a_joined_page_with_ties_is_not_called_other_objects(trips: Engine) -> None:
    """The same objects in an order that the ORDER BY leaves open."""
    options = (joinedload(Trip.photos), joinedload(Trip.people))
    statement = select(Trip).options(*options).order_by(Trip.day).limit(9)
    _, runs = _compared(trips, lambda s: s.scalars(statement).unique().all())
    assert {each.identical for each in runs.runs} <= {True, None}
    assert _plan(runs, "as-written").identical is True
    assert runs.suspect is None


def test_plans_that_agree_against_the_call_make_it_suspect(trips: Engine) -> None:
    """A call that drops what its own JOIN repeats returns other objects under each other plan."""

    def cut(session: Session) -> Any:
        seen: list[str] = []
        event.listen(session.connection(), "before_cursor_execute", lambda *a: seen.append(a[2]))
        statement = select(Trip).options(joinedload(Trip.photos)).order_by(Trip.id)
        found = session.scalars(statement).unique().all()
        return found[: 3 if "JOIN" in seen[0] else 5]

    _, runs = _compared(trips, cut)
    assert runs.suspect is not None
    assert set(runs.suspect.plans) == {"selectin", "subquery", "lazy", "balanced"}
    assert runs.suspect.differs == "it returns 5 objects, not 3"
