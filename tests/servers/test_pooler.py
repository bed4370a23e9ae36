"""Beside qprof another client writes through the same PgBouncer: none of its writes fails."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from qprof.seeding.library.recipes import load_recipe
from qprof.seeding.library.seeding import seed
from tests.servers.conftest import new_database, run, shown

pytestmark = pytest.mark.server
OWN = """
import os
from sqlalchemy import create_engine, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session, sessionmaker
from qprof.seeding.library.models import Artist, Genre

engine = create_engine(os.environ["POOLED"], connect_args={"prepare_threshold": None})
Own = sessionmaker(engine)

def artists(session: Session):
    return session.scalars(select(Artist).where(Artist.name.like("%a%"))).all()

def adds(session: Session):
    session.add(Genre(name="Noise"))
    session.commit()

async def genres(session: AsyncSession):
    return [(await session.scalars(select(Genre))).all() for _ in range(3)]

PLAIN = {"artists": artists, "adds": adds}
LATER = {"genres": genres}
"""


def program() -> str:
    """Return the path of PgBouncer, or skip; with QPROF_REQUIRE_SERVERS it must be there."""
    found = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if found is None and os.environ.get("QPROF_REQUIRE_SERVERS") == "1":
        pytest.fail("QPROF_REQUIRE_SERVERS is 1, and there is no pgbouncer")
    if found is None:
        pytest.skip("needs pgbouncer: apt-get install pgbouncer")
    return found


@contextmanager
def pooler(url: URL, mode: str, folder: Path) -> Iterator[URL]:
    """Start PgBouncer before a database, and yield the URL that leads through it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    where = f"host={url.host} port={url.port or 5432} dbname={url.database} user={url.username}"
    password = f" password={url.password}" if url.password else ""
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n{url.database} = {where}{password}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = {mode}\n"
        f"default_pool_size = {5 if mode == 'transaction' else 30}\n"
        "ignore_startup_parameters = extra_float_digits\n"
    )
    for each in (settings, *settings.parents):
        with suppress(PermissionError):
            each.chmod(each.stat().st_mode | 0o555)
    who = {"user": "nobody"} if os.geteuid() == 0 else {}
    with (folder / "pooler.log").open("wb") as log:
        process = subprocess.Popen([program(), str(settings)], stdout=log, stderr=log, **who)
    try:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield url.set(host="127.0.0.1", port=port)
    finally:
        process.terminate()
        process.wait()


class Writer(threading.Thread):
    """Inserts a row again and again, each time in a transaction, until it is stopped."""

    def __init__(self, url: URL) -> None:
        super().__init__()
        self._url = shown(url.set(drivername="postgresql"))
        self._ended = threading.Event()
        self.errors: list[str] = []
        self.written = 0

    def run(self) -> None:
        with psycopg.connect(self._url, autocommit=True, prepare_threshold=None) as connection:
            while not self._ended.wait(0.01):
                self._write(connection)

    def _write(self, connection: psycopg.Connection) -> None:
        try:
            connection.execute("INSERT INTO beside DEFAULT VALUES")
            self.written += 1
        except psycopg.Error as error:
            self.errors.append(str(error))

    def __enter__(self) -> Writer:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self.join()


def started(folder: Path, pooled: URL, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "qprof", *words],
        cwd=folder,
        env={**os.environ, "POOLED": shown(pooled)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("mode", ["transaction", "session"])
def test_no_write_beside_qprof_fails(mode: str, tmp_path: Path) -> None:
    """During all commands, two at once, by the application's engine and by qprof's; and after."""
    (tmp_path / "own.py").write_text(OWN)
    with new_database("postgresql") as url:
        seed(url, load_recipe("tiny"))
        run(url, "CREATE TABLE beside (id serial PRIMARY KEY)")
        with pooler(url, mode, tmp_path) as pooled, Writer(pooled) as writer:
            own = ("--target", "own:PLAIN", "--sessions", "own:Own")
            named = ("--target", "own:PLAIN", "--database", shown(pooled))
            later = shown(pooled.set(drivername="postgresql+asyncpg"))
            rounds = [
                (("profile", *own), ("compare", *named, "--repeat", "8")),
                (("compare", *own, "--repeat", "8"), ("predict", *named)),
                (("profile", "--target", "own:LATER", "--database", later),) * 2,
            ]
            for both in rounds:
                for process in [started(tmp_path, pooled, *words) for words in both]:
                    said, _ = process.communicate(timeout=120)
                    assert process.returncode in (0, 1), said
            before = writer.written
            while writer.is_alive() and writer.written + len(writer.errors) < before + 30:
                time.sleep(0.01)
        assert writer.errors == []
        assert writer.written > 30
        assert run(url, "SELECT count(*) FROM genres WHERE name = 'Noise'") == [(0,)]
