"""However qprof ends, in the middle of a statement: the server has nothing left of it."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from sqlalchemy import URL

from qprof.cli import main
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
    "SIGKILL": (("profile", 0), ("predict", 1), ("compare", 2), ("profile", 3)),
    "SIGTERM": (("check", 0), ("bench", 1), ("profile", 2), ("compare", 3)),
    "SIGINT": (("predict", 0), ("profile", 1), ("check", 2), ("profile", 3)),
}
"""By signal, commands, each with the number of its driver."""
SECONDS = {"SIGKILL": 3, "SIGTERM": 10, "SIGINT": 10}
"""How long the server may take on a busy machine; its statements take longer.

It is 0.1 to 0.6 seconds after one SIGKILL on two cores with a load of 5 to 8, where a process waits
a second for its turn; here four are killed at once. After the others, qprof ends by itself.
"""
FORKING = get_context("forkserver")
FORKING.set_forkserver_preload(["tests.servers.preloaded"])


@pytest.mark.parametrize("name", ENDS)
def test_nothing_is_left_on_the_server(
    empty: URL, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No transaction, lock, statement or process; what can speak said that it was stopped."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    kind = empty.get_backend_name()
    started = [
        _started(command, DRIVERS[kind][number], empty, name, tmp_path / str(number))
        for number, (command, _) in enumerate(ENDS[name])
    ]
    try:
        _wait_for(started, empty)
        watchers = [child for each in started for child in _children(each)]
        for each in started:
            os.kill(each.pid or 0, getattr(signal, name))
        for each in started if name != "SIGKILL" else ():
            each.join(180)
        assert _soon(lambda: run(empty, OTHERS[kind]), SECONDS[name]) == []
        assert run(empty, LOCKS[kind]) == []
    finally:
        for each in started:
            each.kill()
            each.join()
    assert len(watchers) == len(started)
    assert _soon(lambda: [each for each in watchers if _runs(each)], 10) == []
    said = [(tmp_path / str(number)).read_text() for number in range(len(started))]
    code = -signal.SIGKILL if name == "SIGKILL" else 130
    assert [each.exitcode for each in started] == [code] * len(started), said
    assert name == "SIGKILL" or all("stopped by" in each for each in said), said


def _started(command: str, driver: str, url: URL, end: str, output: Path) -> ForkServerProcess:
    is_async = driver in ("psycopg_async", "asyncpg", "aiomysql")
    call = "sleeps_async" if is_async else "past_sqlalchemy" if command == "check" else "sleeps"
    call = call.replace("sleeps", "works") if end == "SIGKILL" else call
    named = url.set(drivername=f"{url.get_backend_name()}+{driver}")
    sizes = ("--at", f"1={shown(named)}", "--at", "2=sqlite:///none.db")
    where = sizes if command == "bench" else ("--database", shown(named))
    words = [command, call, "--target", CALLS, *where]
    process = FORKING.Process(target=_run, args=(words, output))
    process.start()
    return process


def _run(words: list[str], output: Path) -> None:
    """Be the command: a process of its own, but for what it would import first."""
    written = os.open(output, os.O_WRONLY | os.O_CREAT)
    os.dup2(written, 1)
    os.dup2(written, 2)
    os.chdir(ROOT)
    sys.argv[1:] = words
    main()


def _wait_for(started: list[ForkServerProcess], url: URL) -> None:
    """Wait until the server runs a statement of each process."""
    until = time.monotonic() + 180
    while time.monotonic() < until and all(each.is_alive() for each in started):
        running = [row for row in run(url, OTHERS[url.get_backend_name()]) if MARK in str(row)]
        if len(running) == len(started):
            return
        time.sleep(0.1)
    raise AssertionError((run(url, OTHERS[url.get_backend_name()]), started))


def _soon(left: Callable[[], list], seconds: int) -> list:
    """Return what is left when nothing is, or when the time is up."""
    until = time.monotonic() + seconds
    while (found := left()) and time.monotonic() < until:
        time.sleep(0.05)
    return found


def _children(process: ForkServerProcess) -> list[int]:
    """Name the processes that a process has started; only Linux says it in a file."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(each) for each in listed.read_text().split()]


def _runs(pid: int) -> bool:
    """Return whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
