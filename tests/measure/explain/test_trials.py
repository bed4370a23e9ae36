"""An index tried on a temporary copy of a server's table: what is counted, and on what."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, Table, select, text
from sqlalchemy.orm import aliased
from sqlalchemy.pool import NullPool, StaticPool

from qprof.measure.explain import mysql_copy, postgresql_copy
from qprof.measure.explain import scans as scans_of
from qprof.runs.profile import profile
from qprof.runs.request import Request
from tests.cli.door import in_process
from tests.measure.explain.conftest import Server
from tests.measure.explain.readings import RIGHT, ROWS, SERVED, Reading
from tests.measure.explain.trying import after_each, asked, tried
from tests.servers.conftest import shown

pytestmark = pytest.mark.server
Opened = Callable[..., Engine]
ASYNC = {"postgresql": "postgresql+asyncpg", "mariadb": "mariadb+aiomysql"}
WHERE = {
    "one value": ("name = 'n17'", 1),
    "a list": ("name IN ('n1', 'n2')", 2),
    "a value and a range": (f"kind = 3 AND day > {ROWS - 9}", 1),
    # For which PostgreSQL's planner looks into the index, too.
    "a range at the end": (f"day > {ROWS - 9}", 1),
}


def test_the_rows_that_are_read_are_those_that_the_server_tells(
    server: Server, opened: Opened
) -> None:
    """By the server's own ANALYZE of the same SELECT, over a table that has the index for good.

    MariaDB is also asked for what is not there: a row after the last one of a scan or of a key.
    """
    engine, is_maria = opened(), server.kind == "mariadb"
    for name, (where, keys) in WHERE.items():
        (found,) = tried(engine, SERVED[name][0])
        before = told(server, where)
        server.ask(found.index)
        server.ask("ANALYZE TABLE reading" if is_maria else "ANALYZE reading")
        after = told(server, where)
        server.ask(f"DROP INDEX {found.index.split()[2]}{' ON reading' if is_maria else ''}")
        assert before == ROWS
        assert found.unit == ("requests" if is_maria else "rows")
        counted = (before + 1, after + keys) if is_maria else (before, after)
        assert (found.before, found.after) == counted


def told(server: Server, where: str) -> int:
    """Return the rows that the server says it looked at."""
    sql = f"SELECT * FROM reading WHERE {where}"
    if server.kind == "mariadb":
        ((said,),) = server.ask(f"ANALYZE FORMAT=JSON {sql}")
        table = json.loads(said)["query_block"]["nested_loop"][0]["table"]
        return int(table["r_rows"] * table["r_loops"])
    ((said,),) = server.ask(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
    plan = said[0]["Plan"]
    return int(plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0))


def test_nothing_is_claimed_where_a_scan_is_right(opened: Opened) -> None:
    engine = opened()
    found = {name: tried(engine, each) for name, each in RIGHT.items()}
    assert found == dict.fromkeys(RIGHT, ())


@pytest.mark.parametrize("name", ["by_name", "by_name_async"])
def test_a_call_that_looked_clean_is_a_finding(name: str, server: Server) -> None:
    """One row is all that it needs, and 2,000 are read for it; the database stays as it was."""
    before = server.state()
    url = server.url.set(drivername=ASYNC[server.kind]) if "async" in name else server.url
    request = Request([name], target="tests.measure.explain.readings:" + name, database=shown(url))
    (plain,) = profile(request, lambda _: None).findings
    assert "--try-indexes" in plain.message
    request = Request(**{**vars(request), "try_indexes": True})
    report = profile(request, lambda _: None)
    (call,), (found,) = report.calls, report.findings
    assert (call.queries, call.rows) == (1, 1)
    assert "no more than its objects need" in call.verdict
    assert (found.rule, found.level) == ("QP601", "warning")
    more = int(server.kind == "mariadb")
    assert found.evidence["reads"] == ROWS + more
    assert found.evidence["reads_with_index"] == 1 + more
    assert f"instead of {ROWS + more:,} (" in found.message
    assert server.state() == before


def test_it_is_asked_for_on_the_command_line(server: Server) -> None:
    asking = ("by_name", "-t", "tests.measure.explain.readings:by_name", "-d", shown(server.url))
    said = in_process("profile", *asking, "--try-indexes", "-f", "json")
    (found,) = json.loads(said.out)["findings"]
    assert found["evidence"]["reads"] >= ROWS > found["evidence"]["reads_with_index"]


ENGINES: dict[str, dict[str, Any]] = {
    "one connection at a time": {"pool_size": 1, "max_overflow": 0, "pool_timeout": 1},
    "no pool": {"poolclass": NullPool},
    "AUTOCOMMIT": {"isolation_level": "AUTOCOMMIT"},
}


@pytest.mark.parametrize("name", ENGINES)
def test_any_engine_will_do(name: str, opened: Opened) -> None:
    (found,) = tried(opened(**ENGINES[name]))
    assert (found.reason, found.before is None) == (None, False)


SETTINGS: dict[str, dict[str, Any]] = {
    "postgresql": {"options": "-csearch_path=public,pg_temp"},
    "mariadb": {"init_command": "SET sql_mode = ''"},
}


def test_the_copy_comes_first_whatever_is_set(server: Server, opened: Opened) -> None:
    """A search path that names temporary tables last; no mode to add to."""
    (found,) = tried(opened(connect_args=SETTINGS[server.kind]))
    assert (found.reason, found.before is None) == (None, False)


def test_an_engine_of_one_connection_keeps_it(opened: Opened) -> None:
    (found,) = tried(opened(poolclass=StaticPool))
    assert found.before is None
    assert "StaticPool" in str(found.reason)


def test_a_table_that_is_read_twice_is_copied_once(opened: Opened) -> None:
    one, other = aliased(Reading), aliased(Reading)
    twice = select(one).join(other, one.id == other.id).where(one.name == "n17")
    (found,) = tried(opened(), twice)
    assert found.before is not None
    assert found.before > ROWS


def test_only_the_trial_tells_of_a_limit(opened: Opened) -> None:
    """The last row has to be looked for in all others; the first is found at once."""
    engine, one = opened(), select(Reading).limit(1)
    (found,) = tried(engine, one.where(Reading.day == ROWS - 1))
    assert found.before is not None
    assert tried(engine, one.where(Reading.day == 0)) == ()


def test_a_large_table_is_not_copied(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    for module in (postgresql_copy, mysql_copy):
        monkeypatch.setattr(module, "LARGEST", 4096)
    engine = opened()
    after_each(engine, heard.append)
    (found,) = tried(engine)
    assert found.reason == "a table of more than 0 MiB is not copied"
    assert not any(each.startswith(("CREATE", "INSERT")) for each in heard)


def test_a_table_is_found_by_its_schema(server: Server, opened: Opened) -> None:
    schema, engine = {"postgresql": "public"}.get(server.kind, server.url.database), opened()
    table = Table("reading", MetaData(schema=schema), autoload_with=engine)
    (found,) = tried(engine, select(table).where(table.c.name == "n1999"))
    assert (found.before, found.reason) == (ROWS + (server.kind == "mariadb"), None)


def test_another_schema_than_the_model_s_is_the_one_that_is_read(
    server: Server, opened: Opened
) -> None:
    """Its name is in the CREATE INDEX, too."""
    schema = {"postgresql": "public"}.get(server.kind, server.url.database)
    engine = opened().execution_options(schema_translate_map={None: schema})
    (found,) = tried(engine)
    assert (found.before, found.reason) == (ROWS + (server.kind == "mariadb"), None)
    assert found.index.endswith(f" ON {schema}.reading (name)")


def test_what_leads_past_the_copy_is_not_measured(server: Server, opened: Opened) -> None:
    schema = {"postgresql": "public"}.get(server.kind, server.url.database)
    engine = opened()
    (one,) = asked(engine)
    past = replace(one, sql=one.sql.replace("FROM reading", f"FROM {schema}.reading"))
    (found,) = scans_of(engine, [past], try_indexes=True).scans
    assert found.reason == "the statement names reading in a way that leads past a copy"


def test_what_replicas_would_repeat_is_not_made(
    server: Server, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL's temporary tables are in no log."""
    monkeypatch.setattr(mysql_copy, "_LOGGED", text("SELECT 1"))
    (found,) = tried(opened())
    assert ("binary log" in str(found.reason)) == (server.kind == "mariadb")
