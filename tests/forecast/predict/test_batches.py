"""Under yield_per, each batch of rows has SELECTs of its own: what is predicted is executed."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, joinedload, selectinload

from qprof.domain.plans import PLANS, named_plan
from qprof.forecast.predict.plans import foresee
from tests.forecast.predict.parties import Line, Order, Party, write
from tests.measure.experiments.oracle import counting, counting_engine
from tests.opening import discover, measure, on

SIZES = (1, 4, 7, 100)
CHUNK: dict[str, Any] = {} if sqlalchemy.__version__ < "2.1" else {"chunksize": 3}
KEY = (Order.a, Order.b)
COLLECTIONS = {"joined", "subquery"}
"""The plans that SQLAlchemy refuses under yield_per, if there is a collection."""
STATEMENTS: dict[str, tuple[Any, set[str]]] = {
    "collections": (
        select(Party)
        .order_by(Party.id)
        .options(selectinload(Party.orders).selectinload(Order.lines), selectinload(Party.tags)),
        COLLECTIONS,
    ),
    "chunks": (
        select(Party).order_by(Party.id.desc()).options(selectinload(Party.orders, **CHUNK)),
        COLLECTIONS,
    ),
    "a_collection_joined_below": (
        select(Party)
        .order_by(Party.v, Party.id)
        .options(selectinload(Party.orders).joinedload(Order.lines)),
        COLLECTIONS,
    ),
    "to_one_by_foreign_keys": (
        select(Order).order_by(*KEY).options(selectinload(Order.party).selectinload(Party.tags)),
        COLLECTIONS,
    ),
    "to_one_joined": (
        select(Line).order_by(Line.id).options(joinedload(Line.order).selectinload(Order.party)),
        {"subquery"},
    ),
    "an_object_in_several_batches": (
        select(Party).join(Party.orders).order_by(Party.id).options(selectinload(Party.tags)),
        COLLECTIONS,
    ),
    "its_own_kind": (
        select(Party)
        .where(Party.v > 2)
        .order_by(Party.id)
        .options(selectinload(Party.kids).selectinload(Party.kids)),
        COLLECTIONS,
    ),
    "limited": (
        select(Party).order_by(Party.id).limit(11).offset(3).options(selectinload(Party.orders)),
        COLLECTIONS,
    ),
    "distinct": (
        select(Party).join(Party.orders).distinct().order_by(Party.id).options(
            selectinload(Party.tags)
        ),
        COLLECTIONS,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def parties() -> Iterator[Engine]:
    engine = counting_engine()
    write(engine)
    yield engine
    engine.dispose()


def by_option(statement: Any, size: int) -> Callable[[Session], Any]:
    return lambda session: session.scalars(statement.execution_options(yield_per=size)).all()


def by_argument(statement: Any, size: int) -> Callable[[Session], Any]:
    return lambda session: session.scalars(statement, execution_options={"yield_per": size}).all()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", STATEMENTS)
def test_each_batch_is_a_load_of_its_own(name: str, size: int, parties: Engine) -> None:
    statement, refused = STATEMENTS[name]
    spelled = by_argument if size == 4 else by_option
    assert _unknown(parties, spelled(statement, size)) == refused


def test_so_it_is_for_a_legacy_query(parties: Engine) -> None:
    def with_selectins(session: Session) -> Any:
        query = session.query(Party).options(selectinload(Party.orders), selectinload(Party.tags))
        return list(query.order_by(Party.id).yield_per(9))

    assert _unknown(parties, with_selectins) == COLLECTIONS


UNKNOWN = {
    "without_an_order": select(Party).options(selectinload(Party.orders)),
    "by_an_order_with_ties": select(Party).order_by(Party.v).options(selectinload(Party.orders)),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_without_an_order_it_is_not_known_which_rows_come_together(
    name: str, parties: Engine
) -> None:
    """One batch for all rows needs no order."""
    few, many = (by_option(UNKNOWN[name], size) for size in (4, 30))
    lazily = {"lazy"}
    assert _unknown(parties, few) == set(PLANS) - lazily
    assert _unknown(parties, many) == COLLECTIONS


def _unknown(engine: Engine, call: Callable[[Session], Any]) -> set[str]:
    """Return the plans that are unknown; the others are as the cursor counts them."""
    opening = on(engine, call)
    foresight, found = foresee(opening), discover(opening)
    for each in foresight.plans:
        if each.cost is None:
            assert each.reason
            continue
        with counting(engine) as seen:
            measure(opening, named_plan(each.plan, found.paths), found)
        figures = (each.cost.queries, each.cost.rows, each.cost.cells)
        assert figures == seen.figures(), (each.plan, each.exactness)
    return {each.plan for each in foresight.plans if each.cost is None}


STREAMED: dict[str, Callable[[Any], Any]] = {
    "batches": lambda result: result.yield_per(4).all(),
    "the_first_batch": lambda result: next(result.yield_per(4).partitions()),
}


@pytest.mark.parametrize("name", STREAMED)
def test_batches_of_the_result_s_own_are_seen_in_the_run(name: str, parties: Engine) -> None:
    """No option of the statement tells of them; the run's own counts contradict the prediction."""

    def call(session: Session) -> Any:
        statement = select(Party).order_by(Party.id).options(selectinload(Party.orders))
        return STREAMED[name](session.scalars(statement))

    reasons = [each.reason or "" for each in foresee(on(parties, call)).plans]
    assert all("had been predicted of it" in each for each in reasons), reasons
