"""However qprof ends, in the middle of a statement: the server has nothing left of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import URL

from tests.servers.conftest import run, shown
from tests.servers.sleepers import MARK

pytestmark = pytest.mark.server
CALLS = "tests.servers.sleepers:CALLS"
ROOT = Path(__file__).resolve().parents[2]
OTHERS = {
    "postgresql": "SELECT pid, state, query FROM pg_stat_activity WHERE datname = "
    "current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
    "mariadb": "SELECT id, command, info FROM information_schema.processlist "
    "WHERE db = database() AND id <> connection_id()",
}
LOCKS = {
    "postgresql": "SELECT pid FROM pg_locks WHERE database = (SELECT oid FROM pg_database "
    "WHERE datname = current_database()) AND pid <> pg_backend_pid()",
    "mariadb": "SELECT trx_id FROM information_schema.innodb_trx WHERE trx_mysql_thread_id IN "
    "(SELECT id FROM information_schema.processlist WHERE db = database())",
}
DRIVERS = {
    "postgresql": ("psycopg", "psycopg2", "psycopg_async", "asyncpg"),
    "mariadb": ("pymysql", "pymysql", "aiomysql", "aiomysql"),
}
ENDS = {
    "SIGTERM": (("check", 0), ("bench", 1), ("profile", 2), ("compare", 3)),
    "SIGINT": (("predict", 0), ("profile", 1), ("check", 2), ("profile", 3)),
}
"""By signal, commands, each with the number of its driver."""


@pytest.mark.parametrize("name", ENDS)
def test_nothing_is_left_on_the_server(empty: URL, name: str) -> None:
    """No transaction, lock or statement a second after; the command said that it was stopped."""
    kind, ways = empty.get_backend_name(), ENDS[name]
    drivers = [DRIVERS[kind][driver] for _, driver in ways]
    started = [_started(way[0], each, empty) for way, each in zip(ways, drivers, strict=True)]
    try:
        _wait_for(started, empty)
        for each in started:
            each.send_signal(getattr(signal, name))
        said = [each.communicate(timeout=180)[0] for each in started]
    finally:
        for each in started:
            each.kill()
            each.wait()
    time.sleep(1)
    assert run(empty, OTHERS[kind]) == []
    assert run(empty, LOCKS[kind]) == []
    assert [each.returncode for each in started] == [3] * len(ways), said
    assert all("stopped by" in each for each in said), said


def _started(command: str, driver: str, url: URL) -> subprocess.Popen[str]:
    call = "sleeps_async" if driver in ("psycopg_async", "asyncpg", "aiomysql") else "sleeps"
    named = url.set(drivername=f"{url.get_backend_name()}+{driver}")
    sizes = ("--at", f"1={shown(named)}", "--at", "2=sqlite:///none.db")
    where = sizes if command == "bench" else ("--database", shown(named))
    call = "past_sqlalchemy" if command == "check" and call == "sleeps" else call
    return subprocess.Popen(
        [sys.executable, "-m", "qprof", command, call, "--target", CALLS, *where],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _wait_for(started: list[subprocess.Popen[str]], url: URL) -> None:
    """Wait until the server runs a statement of each process."""
    until = time.monotonic() + 180
    while time.monotonic() < until and all(each.poll() is None for each in started):
        running = [row for row in run(url, OTHERS[url.get_backend_name()]) if MARK in str(row)]
        if len(running) == len(started):
            return
        time.sleep(0.2)
    ended = [each.communicate()[0] for each in started if each.poll() is not None]
    raise AssertionError((run(url, OTHERS[url.get_backend_name()]), ended))
