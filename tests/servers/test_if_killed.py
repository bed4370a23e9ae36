"""The process that ends what a killed qprof left: our connections alone, and no secret shown."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from qprof.measure import if_killed as module
from qprof.measure.if_killed import watching
from tests.servers.conftest import new_database
from tests.servers.test_pooler import pooler

pytestmark = pytest.mark.server
Message = dict[str, Any]


@contextmanager
def telling(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Message]]:
    """Collect what the process would be told."""
    told: list[Message] = []
    monkeypatch.setattr(module._Watch, "_send", lambda _, message: told.append(message))
    with watching():
        yield told


def killed(*messages: Message | None) -> None:
    """Run the program with the input of a qprof that told this much, and was killed then."""
    lines = [sys.path, *messages]
    subprocess.run(
        [sys.executable, "-I", "-S", str(module._PROGRAM)],
        input="".join(json.dumps(each) + "\n" for each in lines),
        text=True,
        check=True,
        timeout=60,
    )


def lives(connection: Connection) -> bool:
    try:
        return connection.execute(text("SELECT 1")).scalar() == 1
    except DBAPIError:
        return False


def replaced(old: str, new: str) -> Callable[[Message], Message]:
    def change(message: Message) -> Message:
        changed = [each.replace(old, new) for each in message["statements"]]
        assert changed != message["statements"]
        return {**message, "statements": changed}

    return change


STRANGERS: dict[str, list[Callable[[Message], Message]]] = {
    # A process that has another number, or ours, but began later.
    "postgresql": [replaced("pid = ", "pid = 9"), replaced("bigint) = ", "bigint) = 1+")],
    # A server that has our number, too: behind a balancer, or once it has started again.
    "mariadb": [
        replaced("@@hostname = '", "@@hostname = 'x"),
        replaced("@@port = ", "@@port = 1"),
        replaced("@@server_id = ", "@@server_id = 1"),
        lambda message: {**message, "known_at": message["known_at"] - 10**9},
    ],
}


def test_a_connection_of_another_is_left_alone(empty: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is ended that only resembles ours, or after a good end; ours is ended."""
    engine = create_engine(empty, poolclass=NullPool)
    with telling(monkeypatch) as told, engine.connect() as own, engine.connect() as other:
        assert lives(own)
        (ours, _) = told
        for stranger in STRANGERS[empty.get_backend_name()]:
            killed(stranger(ours))
        killed(ours, None)
        assert lives(own)
        killed(ours)
        assert not lives(own)
        assert lives(other)
        own.invalidate()


def test_one_that_has_ended_hides_no_other(empty: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    """MariaDB refuses to kill what is gone; what comes after it is ended all the same."""
    engine = create_engine(empty, poolclass=NullPool)
    with telling(monkeypatch) as told:
        with engine.connect() as first:
            assert lives(first)
        with engine.connect() as second:
            killed(*told)
            assert not lives(second)
            second.invalidate()


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg_async", "aiomysql"])
def test_the_process_connects_for_an_async_driver(
    driver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = "mariadb" if driver == "aiomysql" else "postgresql"

    async def end(url: URL, told: list[Message]) -> bool:
        engine = create_async_engine(url.set(drivername=f"{kind}+{driver}"), poolclass=NullPool)
        async with engine.connect() as connection:
            killed(*told)
            is_there = await connection.run_sync(lives)
            await connection.invalidate()
        return is_there

    with new_database(kind) as url, telling(monkeypatch) as told:
        assert not asyncio.run(end(url, told))


@pytest.mark.parametrize("mode", ["transaction", "session"])
def test_nothing_is_told_behind_a_pooler(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its server's connections are those of all its clients."""
    with (
        new_database("postgresql") as url,
        pooler(url, mode, tmp_path) as pooled,
        telling(monkeypatch) as told,
    ):
        engine = create_engine(pooled, poolclass=NullPool)
        with engine.connect() as connection:
            assert lives(connection)
    assert told == []


def test_the_first_statement_is_the_users(postgresql: URL) -> None:
    """SET TRANSACTION comes before any query of a transaction, on a new connection, too."""
    engine = create_engine(postgresql, poolclass=NullPool)
    with watching(), engine.connect() as connection:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        level = connection.exec_driver_sql("SHOW transaction_isolation").scalar()
    assert level == "serializable"


def test_the_password_is_in_the_pipe_alone(postgresql: URL) -> None:
    """Neither the arguments nor the environment of the process hold it; it ends with the block."""
    engine = create_engine(postgresql.set(password="s3cret-word"), poolclass=NullPool)
    before = _children()
    with watching(), engine.connect():
        (child,) = _children() - before
        shown_to_all = _of_process(child, "cmdline")
        shown_to_us = _of_process(child, "environ")
    assert "watcher.py" in shown_to_all
    assert "s3cret-word" not in shown_to_all + shown_to_us
    assert _children() <= before


def _of_process(process: int, name: str) -> str:
    """Read /proc/<process>/<name>, once it has text.

    It is empty for a moment within exec(), after the pipe that Popen waits for has closed.
    """
    file = Path(f"/proc/{process}/{name}")
    until = time.monotonic() + 10
    while not (text := file.read_text()) and time.monotonic() < until:
        time.sleep(0.01)
    return text


def _children() -> set[int]:
    tasks = Path("/proc/self/task").glob("*/children")
    return {int(each) for task in tasks for each in task.read_text().split()}
