"""Limits of a run on servers, whose drivers take a whole result before anybody can count it."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine

from qprof.domain.limits import Limits
from qprof.runs.profile import profile
from qprof.runs.request import Request
from tests.apps.greedy import GARDENS
from tests.servers.conftest import run, shown

pytestmark = pytest.mark.server
EACH = 20
LIMITS = Limits(rows=1_000)


@pytest.fixture
def greedy(empty):
    engine = create_engine(empty)
    GARDENS.fill(engine, 1, EACH)
    engine.dispose()
    return empty


def profiled(url, name, limits=LIMITS):
    request = Request([name], target="tests.apps.greedy:CALLS", database=shown(url), limits=limits)
    return profile(request, str)


@pytest.mark.parametrize("name", ["at_once", "all_rows", "hides_errors", "of_the_driver"])
def test_a_product_is_not_fetched(greedy, name):
    """It is stopped before it is sent; the joined one is judged by its prediction."""
    report = profiled(greedy, name)
    (call,) = report.calls
    whole = profiled(greedy, name, Limits()).calls[0]
    assert whole.rows == EACH**3
    if name == "at_once":
        assert (call.rows, call.cells, call.exactness) == (whole.rows, whole.cells, "predicted")
        assert [each.level for each in report.findings if each.rule == "QP101"] == ["error"]
    else:
        assert (call.rows, call.exactness) == (LIMITS.rows + 1, "at least")
        assert call.seconds.execute == 0


RUNNING = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND state = 'active' AND pid <> pg_backend_pid()",
    "mariadb": "SELECT count(*) FROM information_schema.processlist WHERE db = database() "
    "AND command = 'Query' AND id <> connection_id()",
}


def test_a_statement_that_is_stopped_is_none_of_the_server_s(empty):
    """It is ended there, too."""
    (call,) = profiled(empty, "waits_on_and_on", Limits(seconds=1)).calls
    assert "took more than 1 s (--timeout)" in call.notes[0]
    assert run(empty, RUNNING[empty.get_backend_name()]) == [(0,)]
