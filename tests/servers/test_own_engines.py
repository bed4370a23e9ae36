"""Applications that open their server by themselves, and async calls, on real servers."""

from __future__ import annotations

import importlib
import sys

import pytest
from sqlalchemy import event

from qprof.domain.errors import MeasureError
from qprof.runs.compare import compare
from qprof.runs.profile import profile
from qprof.runs.request import Request
from tests.servers.conftest import dump, shown

pytestmark = pytest.mark.server
ASYNC = {"postgresql": "postgresql+asyncpg", "mariadb": "mariadb+aiomysql"}


@pytest.fixture
def own(tiny, monkeypatch):
    """Import the application, which opens the server's tiny library."""
    async_url = tiny.set(drivername=ASYNC[tiny.get_backend_name()])
    monkeypatch.setenv("QPROF_TEST_OWN", shown(tiny))
    monkeypatch.setenv("QPROF_TEST_OWN_ASYNC", shown(async_url))
    module = importlib.import_module("tests.servers.own")
    yield tiny
    module.engine.dispose()
    del sys.modules["tests.servers.own"]


def run_call(name, database=None):
    request = Request([name], target=f"tests.servers.own:{name.split('.')[0]}", database=database)
    return profile(request, lambda _: None)


WRITES = [
    "adds",
    "without_transaction",
    "turns_transactions_off",
    "past_the_engine",
    "past_a_commit",
    "adds_async",
    "Kept.adds",
]
REFUSED = r"writes to the database, and qprof only reads|cannot be told to refuse the writes"


@pytest.mark.parametrize("call", WRITES)
def test_an_engine_of_the_user_s_own_cannot_write(own, call):
    """Where qprof made no engine it is the connections that are told to refuse."""
    before = dump(own)
    with pytest.raises(MeasureError, match=REFUSED):
        run_call(call)
    assert dump(own) == before


def test_an_engine_of_the_user_s_own_can_write_again(own):
    """The guard ends with the measurement."""
    module = sys.modules["tests.servers.own"]
    run_call("reads")
    genres = len(dump(own)["genres"])
    with module.SessionLocal() as session:
        session.add(module.Genre(name="Noise"))
        session.flush()
        assert len(module.reads()) == genres
        session.rollback()


def test_no_setting_outlives_a_transaction(own):
    """A pooler hands the server's connection on to others, and a setting of its session with it."""
    module = sys.modules["tests.servers.own"]
    run_call("asks_settings")
    with module.engine.connect() as connection:
        flag = connection.connection.driver_connection
        module.asks_settings()
    assert len(module.SETTINGS) > 1
    assert not any(module.SETTINGS)
    assert not getattr(flag, "read_only", None)
    assert "query" not in vars(flag)


def test_a_read_without_a_transaction_is_measured(own):
    """AUTOCOMMIT is a common way to read; only its writes are refused."""
    genres = len(dump(own)["genres"])
    assert run_call("reads_without_transaction").calls[0].rows == genres


SESSION = {
    "postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
}


COMMANDS = {
    "profile": lambda request: profile(request, str),
    "compare": lambda request: compare(request, (), 2, str),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_an_engine_that_its_owner_made_read_only_stays_so(own, command):
    """A setup step may write, but not where the application could not."""
    module = sys.modules["tests.servers.own"]

    @event.listens_for(module.engine, "connect")
    def keep(connection, _record):
        connection.cursor().execute(SESSION[own.get_backend_name()])
        connection.commit()

    before = dump(own)
    request = Request(["reads"], target="tests.servers.own:reads", setup="tests.servers.own:marks")
    COMMANDS[command](request)
    assert module.REFUSED
    assert dump(own) == before


def test_a_report_names_the_database_that_was_seen(own):
    """Without its password, and though nobody named it."""
    report = run_call("reads")
    assert report.environment.dialect == own.get_backend_name()
    assert report.environment.database.endswith(own.database)


@pytest.mark.parametrize("kind", ["plain", "async"])
def test_an_async_call_costs_what_its_plain_sister_does(own, kind):
    """Whichever driver the URL names, each kind of call gets one of its own kind."""
    url = shown(own.set(drivername=ASYNC[own.get_backend_name()]) if kind == "async" else own)
    plain, later = (run_call(name, url).calls[0] for name in ("read", "read_async"))
    assert (plain.queries, plain.rows, plain.cells) == (later.queries, later.rows, later.cells)
    assert later.rows > 0
