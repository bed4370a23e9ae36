"""Starts a process that ends what a server still does for this one, if this one is killed.

A server that runs a statement looks for its client only when it writes to it. So after `kill -9`
a statement goes on, and its transaction with it. The process (`qprof.measure.watcher`) reads a
pipe, which breaks when this process is killed.

PostgreSQL (https://www.postgresql.org/docs/current/monitoring-stats.html) gives the number of a
process again, so the time at which it began is compared, too. MariaDB and MySQL give the number of
a connection again only after a restart, so the name and the uptime of the server are compared.
"""

import json
import re
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Dialect, Engine, event
from sqlalchemy.pool import ConnectionPoolEntry, Pool

_PROGRAM = Path(__file__).with_name("watcher.py")
_SECONDS = 5
"""How long the end waits for the process, which ends as soon as it is told."""

_SYNC_MODULES = {"psycopg": "psycopg", "aiomysql": "pymysql", "asyncpg": "asyncpg"}
"""By async driver, the module that connects with the same options."""
_OF_SQLALCHEMY = ("prepared_statement_cache_size", "async_fallback")
"""Options that SQLAlchemy takes, and no driver."""
_OF_VALUES = ("context", "conv")
"""Options of drivers that decide how values are converted; they are no JSON."""


@dataclass(frozen=True)
class _Identity:
    """How a kind of server tells which of its connections is ours."""

    query: str
    """Gives a row: the number of the connection, and what shows later that it is still ours."""
    statements: Callable[[Sequence[Any]], list[str]]
    """Takes that row. Each statement runs only if the one before it brought a row."""


def _on_postgresql(row: Sequence[Any]) -> list[str]:
    number, began = map(int, row)
    return [
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = {number} "
        f"AND CAST(extract(epoch FROM backend_start) * 1000000 AS bigint) = {began}"
    ]


def _on_mysql(row: Sequence[Any]) -> list[str]:
    number, host, port, server = int(row[0]), str(row[1]), int(row[2]), int(row[3])
    if re.fullmatch(r"[\w.-]+", host) is None:
        return []
    return [
        f"SELECT 1 FROM DUAL WHERE @@hostname = '{host}' AND @@port = {port} "
        f"AND @@server_id = {server}",
        "SHOW GLOBAL STATUS WHERE Variable_name = 'Uptime' AND Value >= {seconds}",
        f"KILL CONNECTION {number}",
    ]


_MYSQL = _Identity("SELECT CONNECTION_ID(), @@hostname, @@port, @@server_id", _on_mysql)
_IDENTITIES: Mapping[str, _Identity] = {
    "postgresql": _Identity(
        "SELECT pid, CAST(extract(epoch FROM backend_start) * 1000000 AS bigint) "
        "FROM pg_stat_activity WHERE pid = pg_backend_pid()",
        _on_postgresql,
    ),
    "mariadb": _MYSQL,
    "mysql": _MYSQL,
}


@contextmanager
def watching() -> Iterator[None]:
    """End the statements of the connections that are opened in this block, if qprof is killed.

    That covers PostgreSQL, MariaDB and MySQL, not behind a pooler. The process starts with the
    first of these connections, and ends with the block.
    """
    watch = _Watch()
    event.listen(Engine, "do_connect", watch.connecting)
    event.listen(Pool, "connect", watch.connected)
    try:
        yield
    finally:
        event.remove(Engine, "do_connect", watch.connecting)
        event.remove(Pool, "connect", watch.connected)
        watch.end()


class _Watch:
    """Tells the process of each connection, as far as it can be opened and known once more."""

    def __init__(self) -> None:
        self._ways: weakref.WeakKeyDictionary[ConnectionPoolEntry, tuple[Dialect, Any, Any]]
        self._ways = weakref.WeakKeyDictionary()
        """How the connection of each entry is opened. A listener may still change the options."""
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def connecting(
        self, dialect: Dialect, entry: ConnectionPoolEntry, arguments: object, options: object
    ) -> None:
        """Keep how a connection is opened."""
        if dialect.name in _IDENTITIES and entry is not None:
            self._ways[entry] = dialect, arguments, options

    def connected(self, own: Any, entry: ConnectionPoolEntry) -> None:
        """Tell the process of a new connection, before anything else is sent on it."""
        if entry not in self._ways:
            return
        dialect, arguments, options = self._ways[entry]
        way = _way(dialect, arguments, options)
        # What a server refuses to tell must not end the user's call.
        with suppress(Exception):
            if way is not None:
                self._tell(way, _statements(own, entry.driver_connection, dialect.name))

    def _tell(self, way: object, statements: list[str]) -> None:
        if statements:
            with self._lock:
                self._send({"way": way, "statements": statements, "known_at": time.monotonic()})

    def _send(self, message: object) -> None:
        line = json.dumps(message)
        if self._process is None:
            self._process = _started()
            self._write(json.dumps([each or str(Path.cwd()) for each in sys.path]))
        self._write(line)

    def _write(self, line: str) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()

    def end(self) -> None:
        """Tell the process that this one ends well, and wait for it."""
        if self._process is None or self._process.stdin is None:
            return
        with suppress(OSError):
            self._write("null")
        with suppress(OSError):
            self._process.stdin.close()
        try:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_SECONDS)
        finally:
            self._process.kill()


def _started() -> "subprocess.Popen[bytes]":
    """Start the process. It is in a session of its own, which Ctrl-C and a killed group spare."""
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(_PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def _way(dialect: Any, arguments: Any, options: Any) -> dict[str, object] | None:
    """Return how a connection is opened once more; None where that is not known."""
    module = dialect.dbapi.__name__ if not dialect.is_async else _SYNC_MODULES.get(dialect.driver)
    if module is None or "async_creator_fn" in options:
        return None
    kept = {
        name: each
        for name, each in options.items()
        if name not in (*_OF_SQLALCHEMY, *_OF_VALUES) and not callable(each)
    }
    return {"module": module, "arguments": list(arguments), "options": kept}


def _statements(own: Any, driver: Any, name: str) -> list[str]:
    """Return what ends a connection that has just been opened; nothing behind a pooler.

    A pooler has numbers of its own for its clients. Raises what the driver raises.
    """
    identity = _IDENTITIES[name]
    cursor = own.cursor()
    try:
        cursor.execute(identity.query)
        row = cursor.fetchone()
    finally:
        cursor.close()
        own.rollback()
    return identity.statements(row) if int(row[0]) == _number(driver) else []


def _number(driver: Any) -> int | None:
    """Return the number that a driver knows its connection by; None where it tells none."""
    for name in ("thread_id", "get_server_pid"):
        if hasattr(driver, name):
            return int(getattr(driver, name)())
    number = getattr(driver, "connection_id", None)
    number = getattr(getattr(driver, "info", None), "backend_pid", number)
    return int(number) if number is not None else None
