"""Predictions on servers equal what the server itself says that it sent."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.exc import DBAPIError, InvalidRequestError

from qprof.domain.plans import PLANS, named_plan
from qprof.forecast.predict.plans import foresee
from qprof.forecast.predict.root import asking
from qprof.forecast.predict.tree import Unpredictable
from qprof.runs.request import BUILT_IN
from qprof.targets.code import load_target
from tests.forecast.predict.schemas import FORMS, fill, loaded, statement, world
from tests.opening import discover, measure, on
from tests.servers.conftest import new_database
from tests.servers.counters import counting

pytestmark = pytest.mark.server
REFUSED = (InvalidRequestError, AttributeError, DBAPIError)
"""What SQLAlchemy or the server cannot run: a joined collection under yield_per, for example."""
WITHOUT_OBJECTS = ("artists.names", "artists.track_counts")
UNCHECKED = {"postgresql": "SET session_replication_role = replica",
             "mariadb": "SET foreign_key_checks = 0"}  # fmt: skip


@pytest.mark.parametrize("call", sorted(load_target(BUILT_IN)))
def test_a_call_s_predictions_are_what_the_server_sends(tiny, call):
    """Queries and rows of every plan of the built-in calls."""
    target, flagged = load_target(BUILT_IN)[call], set()
    with counting(tiny) as (engine, sent_by):
        opening = on(engine, target)
        foresight, found = foresee(opening), discover(opening)
        for name in PLANS:
            cost = foresight.of(name).cost
            if cost is None:
                flagged.add(name)
                continue
            sent = sent_by(partial(measure, opening, named_plan(name, found.paths), found))
            assert (cost.queries, cost.rows) == sent, name
    assert flagged == ({"lazy"} if call in WITHOUT_OBJECTS else set())


def test_the_first_connection_is_no_part_of_a_prediction(tiny):
    """A dialect asks a new server for its version and the like, once for each engine."""
    target = load_target(BUILT_IN)["artists.search"]
    engine = create_engine(tiny)
    first, second = foresee(on(engine, target)), foresee(on(engine, target))
    engine.dispose()
    assert first.plans == second.plans


@pytest.mark.parametrize("kind", UNCHECKED)
@pytest.mark.parametrize("seed", [3, 11])
@pytest.mark.filterwarnings("ignore:Multiple rows returned with uselist=False")
@pytest.mark.filterwarnings("ignore:Cannot correctly sort tables")
@pytest.mark.filterwarnings("ignore:Previous unbuffered result")  # PyMySQL, of what SQLAlchemy ends
def test_random_statements_are_what_the_server_sends(kind, seed):
    """Over schemas with every kind of relationship: exact, or flagged."""
    schema = world(seed)
    with new_database(kind) as url:
        _filled(schema, kind, url)
        with counting(url) as (engine, count):
            exact = Counter(
                each for n in range(len(FORMS)) for each in _exact(schema, n, engine, count)
            )
    assert set(exact) == set(PLANS)


def test_a_refusal_is_told_and_the_transaction_goes_on(tiny):
    """PostgreSQL takes no further statement after an error, without a savepoint."""
    engine = create_engine(tiny)
    with engine.connect() as connection:
        refusal = pytest.raises(Unpredictable, match=r"the database refused its aggregates: .*nowh")
        with refusal, asking(connection):
            connection.exec_driver_sql("SELECT * FROM nowhere")
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    engine.dispose()


def _filled(schema, kind, url):
    """Write rows whose foreign keys do not all lead somewhere."""
    engine = create_engine(url)
    event.listen(engine, "connect", lambda raw, _: raw.cursor().execute(UNCHECKED[kind]))
    fill(schema, engine)
    engine.dispose()


def _exact(schema, number, engine, count):
    """Return the plans whose prediction is not flagged, once it proved to be true."""
    opening = on(engine, partial(loaded, statement(schema, FORMS[number])))
    try:
        found = discover(opening)
    except REFUSED:
        return
    for each in foresee(opening).plans:
        if each.cost is not None:
            run = partial(measure, opening, named_plan(each.plan, found.paths), found)
            assert (each.cost.queries, each.cost.rows) == count(run), (number, each.plan)
            yield each.plan
