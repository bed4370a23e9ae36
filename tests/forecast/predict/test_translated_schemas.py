"""Where tables are in another schema than their classes say, the rows of that one are told."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, joinedload

from qprof.domain.plans import PLANS, named_plan
from qprof.forecast.predict.plans import foresee
from tests.forecast.predict.parties import Base, Party, write
from tests.measure.experiments.oracle import counting, counting_engine
from tests.opening import discover, measure, on

BOTH = (joinedload(Party.orders), joinedload(Party.tags))
MAP = {"schema_translate_map": {None: "tenant"}}


@pytest.fixture(scope="module")
def tenants() -> Iterator[Engine]:
    """Two schemas, the default one of which is empty."""
    engine = counting_engine()
    with engine.connect() as connection:
        connection.exec_driver_sql("ATTACH ':memory:' AS tenant")
    Base.metadata.create_all(engine)
    write(engine.execution_options(**MAP))
    yield engine
    engine.dispose()


def aggregated(session: Session) -> Any:
    return session.scalars(select(Party).options(*BOTH), execution_options=MAP).unique().all()


def by_the_statement(session: Session) -> Any:
    return session.scalars(select(Party).options(*BOTH).execution_options(**MAP)).unique().all()


def counted(session: Session) -> Any:
    union = session.query(Party).union(session.query(Party))
    return union.options(*BOTH).execution_options(**MAP).all()


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")
@pytest.mark.parametrize("call", [aggregated, by_the_statement, counted])
@pytest.mark.parametrize("options", [{}, MAP])
def test_the_rows_are_those_of_the_other_schema(
    call: Callable[[Session], Any], options: dict[str, Any], tenants: Engine
) -> None:
    opening = on(tenants.execution_options(**options), call)
    foresight, found = foresee(opening), discover(opening)
    known = [each for each in foresight.plans if each.cost is not None]
    for each in known:
        with counting(tenants) as seen:
            measure(opening, named_plan(each.plan, found.paths), found)
        assert each.cost is not None
        assert (each.cost.queries, each.cost.rows) == seen.figures()[:2]
        assert each.cost.rows > 0
    # A map of the statement's own does not reach what is loaded lazily.
    wanted = set(PLANS) if options else set(PLANS) - {"lazy"}
    wanted = {"as-written", "joined"} if call is counted else wanted
    assert {each.plan for each in known} == wanted
