"""A database on each kind of server, with a connection that looks at it from outside."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.pool import NullPool

from tests.measure.explain.readings import filled
from tests.servers.conftest import VARIABLES, new_database

_OTHERS = {
    "postgresql": "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid()",
    "mariadb": "SELECT id FROM information_schema.processlist WHERE db = DATABASE() "
    "AND id <> CONNECTION_ID()",
}
_KILL = {"postgresql": "SELECT pg_terminate_backend({})", "mariadb": "KILL {}"}
_STATE = {
    "postgresql": (
        "SELECT md5(string_agg(reading::text, ' ' ORDER BY id)) FROM reading",
        "SELECT last_value, is_called FROM reading_id_seq",
        "SELECT relnamespace::regnamespace::text, relname FROM pg_class WHERE oid > 16383 "
        "ORDER BY 1, 2",
        "SELECT mode FROM pg_locks WHERE relation = 'reading'::regclass",
    ),
    "mariadb": (
        "CHECKSUM TABLE reading, kind",
        "SHOW CREATE TABLE reading",
        "SELECT table_name, create_time FROM information_schema.tables "
        "WHERE table_schema = DATABASE() ORDER BY 1",
        "SELECT trx_tables_locked FROM information_schema.innodb_trx WHERE trx_mysql_thread_id "
        "IN (SELECT id FROM information_schema.processlist WHERE db = DATABASE())",
    ),
}


@dataclass(frozen=True)
class Server:
    """A database of its own with 2,000 readings, and somebody else who is connected to it."""

    kind: str
    url: URL
    connection: Connection

    def ask(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements, each for good, and return the rows of the last one."""
        results = [self.connection.exec_driver_sql(each) for each in statements]
        return [tuple(row) for row in results[-1]] if results[-1].returns_rows else []

    def state(self) -> list[Any]:
        """Return all that a trial might change, tables of any kind and locks included."""
        return [self.ask(each) for each in _STATE[self.kind]]

    def is_as(self, before: list[Any]) -> None:
        """Hold that the state is that of `before`, once lost connections are noticed."""
        until = time.monotonic() + 5
        while (now := self.state()) != before and time.monotonic() < until:
            time.sleep(0.005)
        assert now == before

    def kill(self) -> None:
        """End every other connection."""
        for (each,) in self.ask(_OTHERS[self.kind]):
            self.ask(_KILL[self.kind].format(each))
        self.is_alone()

    def is_alone(self) -> None:
        """Hold that no other connection is left, once the server has noticed that they end."""
        until = time.monotonic() + 5
        while (left := self.ask(_OTHERS[self.kind])) and time.monotonic() < until:
            time.sleep(0.005)
        assert left == []


@pytest.fixture(scope="session", params=VARIABLES)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with new_database(request.param) as url:
        engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with filled(engine).connect() as connection:
            yield Server(request.param, url, connection)


@pytest.fixture
def opened(server: Server) -> Iterator[Callable[..., Engine]]:
    """Make engines, and hold at the end that they leave no connection."""
    with ExitStack() as stack:
        stack.callback(server.is_alone)

        def make(url: URL = server.url, **options: Any) -> Engine:
            engine = create_engine(url, **options)
            stack.callback(engine.dispose)
            return engine

        yield make
