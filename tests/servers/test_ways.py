"""Whatever way a call takes to write: the database is the same before and after every command."""

from __future__ import annotations

import gc
import hashlib
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest
from sqlalchemy import URL, create_engine, make_url

from qprof.domain.report import Report
from qprof.runs.bench import bench
from qprof.runs.bench_options import asked
from qprof.runs.check import check
from qprof.runs.compare import compare
from qprof.runs.predict import predict
from qprof.runs.profile import profile
from qprof.runs.request import Request
from tests.servers.conftest import new_database, run, shown

pytestmark = [
    pytest.mark.server,
    # Some ways leave their connections open on purpose.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
MODULE = "tests.servers.ways"
SYNC = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "mariadb": "mariadb+pymysql"}
ASYNC = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "mariadb": "mariadb+aiomysql",
}
STATE = {
    "postgresql": (
        "SELECT id, text FROM notes ORDER BY id",
        "SELECT last_value, is_called FROM notes_id_seq",
        "SELECT last_value, is_called FROM numbers",
        "SELECT relname, relkind, relacl::text, obj_description(oid) FROM pg_class "
        "WHERE oid > 16383 ORDER BY 1",
        "SELECT count(*) FROM pg_largeobject_metadata",
        "SELECT count(*) FROM pg_prepared_xacts",
        "SELECT setconfig::text FROM pg_db_role_setting JOIN pg_database ON oid = setdatabase "
        "WHERE datname = current_database()",
        "SELECT last_analyze FROM pg_stat_user_tables",
    ),
    "mariadb": (
        "SELECT id, text FROM notes ORDER BY id",
        "SELECT next_not_cached_value FROM numbers",
        "SHOW CREATE TABLE notes",
        "SELECT table_name, create_time FROM information_schema.tables "
        "WHERE table_schema = DATABASE() ORDER BY 1",
        "SELECT @@GLOBAL.max_error_count",
        "SELECT count(*) FROM mysql.tables_priv WHERE db = DATABASE()",
        "SELECT count(*) FROM mysql.table_stats WHERE db_name = DATABASE()",
    ),
}
SETTINGS = {
    "postgresql": "SELECT name, setting FROM pg_settings WHERE source = 'session' ORDER BY 1",
    "mariadb": "SELECT @@tx_read_only, @@sql_mode, @@max_statement_time, @@tx_isolation",
    "sqlite": "PRAGMA query_only",
}
"""What a pooled connection of the application's own may have been left with."""


@contextmanager
def database(kind: str, folder: Path) -> Iterator[URL]:
    if kind == "sqlite":
        yield make_url(f"sqlite:///{folder / 'notes.db'}")
    else:
        with new_database(kind) as url:
            yield url


def state(url: URL) -> Any:
    kind = url.get_backend_name()
    if kind == "sqlite":
        files = sorted(Path(url.database).parent.iterdir())
        return [(each.name, hashlib.sha256(each.read_bytes()).hexdigest()) for each in files]
    return [run(url, each) for each in STATE[kind]]


def settings(module: ModuleType) -> set[Any]:
    """Return what the pooled connections of the application's own, and a new one, are set to."""
    kind, pool = module.engine.dialect.name, module.engine.pool
    taken = [module.engine.connect() for _ in range(max(1, pool.checkedin()))]
    found = {tuple(map(tuple, each.exec_driver_sql(SETTINGS[kind]).all())) for each in taken}
    for each in taken:
        each.close()
    return found


@contextmanager
def nothing_heard(url: URL) -> Iterator[None]:
    """Hold that nobody notifies the channel of the ways to write."""
    if url.get_backend_name() != "postgresql":
        yield
        return
    plain = shown(url.set(drivername="postgresql"))
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("LISTEN notes")
        yield
        assert list(connection.notifies(timeout=0.1)) == []


@contextmanager
def application(
    url: URL, monkeypatch: pytest.MonkeyPatch, sync: str = "", later: str = ""
) -> Iterator[ModuleType]:
    """Import the ways to write, which open `url` by the drivers that are named, and fill it."""
    kind = url.get_backend_name()
    drivers = sync or SYNC[kind], later or ASYNC[kind]
    monkeypatch.setenv("QPROF_TEST_WAYS", shown(url.set(drivername=drivers[0])))
    monkeypatch.setenv("QPROF_TEST_WAYS_ASYNC", shown(url.set(drivername=drivers[1])))
    module = importlib.import_module(MODULE)
    try:
        fill(url, module)
        yield module
    finally:
        module.engine.dispose()
        del sys.modules[MODULE]
        gc.collect()


def fill(url: URL, module: ModuleType) -> None:
    if url.get_backend_name() == "sqlite":
        # ATTACH would make it.
        Path(f"{url.database}.new").touch()
    engine = create_engine(url)
    module.Base.metadata.create_all(engine)
    with engine.begin() as connection:
        rows = [{"text": each} for each in ("one", "two", "three")]
        connection.execute(module.insert(module.Note), rows)
        for each in module.PROCEDURES[url.get_backend_name()]:
            connection.exec_driver_sql(each)
    engine.dispose()


COMMANDS: dict[str, Callable[[Request], Report]] = {
    "profile": lambda request: profile(request, str),
    "compare": lambda request: compare(request, (), 1, str),
    "check": lambda request: check(request, None, date(2030, 1, 1), str),
    "predict": lambda request: predict(request, str),
}


FAILING = {
    "begins_a_global_transaction",
    "commits_and_writes",
    "copies_past_the_adapter",
    "starts_to_write",
}
"""Ways that some driver ends by another error than a refusal."""


def requests(module: ModuleType, door: str, url: URL) -> Iterator[Request]:
    """Yield what runs every way; an async session and a plain one come by different makers."""
    for own, is_async in (("Own", False), ("AsyncOwn", True)):
        name = "LATER" if is_async else "PLAIN"
        found = {
            key: each
            for key, each in module.ALL.items()
            if inspect.iscoroutinefunction(each) is is_async
        }
        setattr(module, name, found)
        yield Request(
            [],
            target=f"{MODULE}:{name}",
            database=shown(url) if door == "--database" else None,
            sessions=f"{MODULE}:{own}" if door == "--sessions" else None,
        )


@pytest.mark.parametrize("door", ["--sessions", "--database"])
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", SYNC)
def test_no_way_changes_anything(kind, command, door, tmp_path, monkeypatch):
    """And each is told, but for what is no write at all on this database."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "data"
    folder.mkdir()
    with database(kind, folder) as url, application(url, monkeypatch) as module:
        before, once = state(url), settings(module)
        with nothing_heard(url):
            reports = [COMMANDS[command](each) for each in requests(module, door, url)]
        assert state(url) == before
        assert settings(module) == once
    tell(reports, set(module.READS))


def tell(reports: list[Report], reads: set[str]) -> None:
    """Hold that only reads have figures, and that all else is said to write."""
    measured = {each.name for report in reports for each in report.calls}
    measured |= {each.call for report in reports for each in report.predictions}
    assert measured == reads
    failed = [each for report in reports for each in report.unmeasured if each.raised]
    assert {each.call for each in failed} <= FAILING, failed


DRIVERS = {
    "psycopg2": ("postgresql+psycopg2", ""),
    "psycopg, async": ("", "postgresql+psycopg_async"),
}


@pytest.mark.parametrize("driver", DRIVERS)
def test_no_way_by_another_driver_changes_anything(driver, tmp_path, monkeypatch):
    """PostgreSQL's drivers begin transactions each in a way of its own."""
    monkeypatch.chdir(tmp_path)
    with new_database("postgresql") as url, application(url, monkeypatch, *DRIVERS[driver]) as app:
        for door in ("--sessions", "--database"):
            before, named = state(url), url.set(drivername=DRIVERS[driver][0] or url.drivername)
            with nothing_heard(url):
                reports = [profile(each, str) for each in requests(app, door, named)]
            assert state(url) == before
            tell(reports, set(app.READS))


@pytest.mark.parametrize("kind", SYNC)
def test_no_way_changes_a_database_that_bench_measures(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    with (
        database(kind, tmp_path / "one") as url,
        database(kind, tmp_path / "two") as other,
        application(url, monkeypatch) as module,
    ):
        fill(other, module)
        before = state(url), state(other)
        at = (f"1={shown(url)}", f"2={shown(other)}")
        given = dict.fromkeys(("recipe", "sizes", "to"))
        options = asked(
            target=MODULE, axes=(), plans=(), check=False, repeats=1, seed=1, at=at, **given
        )
        for request in requests(module, "bench", url):
            bench(request, options, str, lambda *_: None)
        assert (state(url), state(other)) == before
