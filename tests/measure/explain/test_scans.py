"""What is read whole for few rows, on three databases; the index is tried where that is safe."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Select, create_engine, inspect, select
from sqlalchemy.orm import Session

from qprof.domain.trace import Cost, Environment, Scan, Trace
from qprof.judge.detectors import findings
from qprof.judge.rules.thresholds import Thresholds
from qprof.judge.verdict import judge
from qprof.measure.experiments.questions import examine
from qprof.measure.explain import estimates, sqlite
from qprof.measure.explain.candidates import SCANNED
from tests.measure.explain.conftest import Server
from tests.measure.explain.readings import ONE, RIGHT, ROWS, SERVED, Reading, filled
from tests.measure.explain.trying import asked
from tests.opening import on
from tests.servers.conftest import new_database


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = filled(create_engine("sqlite://"))
    yield made
    made.dispose()


def scans(engine: Engine, statement: Select[Any]) -> tuple[Scan, ...]:
    return examine(
        "call", {}, on(engine, lambda session: session.scalars(statement).all())
    ).call.scans


@pytest.mark.parametrize("name", SERVED)
def test_the_index_that_would_serve_is_named_and_measured(name: str, engine: Engine) -> None:
    """The work without it is that of a scan: at least a step for each row."""
    statement, columns = SERVED[name]
    (found,) = scans(engine, statement)
    assert (found.table, found.columns, found.table_rows) == ("reading", columns, ROWS)
    assert found.index.endswith(f"ON reading ({', '.join(columns)})")
    assert found.before is not None
    assert found.after is not None
    assert found.before > ROWS > found.after


def test_steps_are_counted_one_by_one(engine: Engine) -> None:
    """As many as SQLite tells a handler of somebody else, who is called at each."""
    (found,), (one,) = scans(engine, ONE), asked(engine)
    with closing(sqlite3.connect(":memory:")) as copy:
        engine.raw_connection().driver_connection.backup(copy)  # type: ignore[union-attr]
        counted = [steps(copy, one.sql, one.parameters)]
        copy.execute(found.index)
        counted.append(steps(copy, one.sql, one.parameters))
    assert [found.before, found.after] == counted


def steps(copy: sqlite3.Connection, sql: str, parameters: Any) -> int:
    """Return the steps of a run, once the schema is read."""
    each: list[None] = []
    copy.execute(sql, parameters).fetchall()
    copy.set_progress_handler(lambda: each.append(None), 1)
    copy.execute(sql, parameters).fetchall()
    copy.set_progress_handler(None, 0)
    return len(each)


@pytest.mark.parametrize("name", RIGHT)
def test_where_a_scan_is_right_nothing_is_said(name: str, engine: Engine) -> None:
    assert scans(engine, RIGHT[name]) == ()


def test_a_pattern_is_said_to_be_one(engine: Engine) -> None:
    (found,) = scans(engine, select(Reading).where(Reading.name.contains("77")))
    assert (found.columns, found.patterns, found.index) == ((), ("name",), "")


def test_the_database_is_left_as_it_was(engine: Engine) -> None:
    scans(engine, ONE)
    assert [each["name"] for each in inspect(engine).get_indexes("reading")] == ["ix_reading_code"]


def test_explaining_comes_after_the_call_and_is_in_no_figure() -> None:
    """The driver's own cursor hears every statement, whoever sent it."""
    heard: list[str] = []

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, *args: Any) -> Any:
            heard.append(sql)
            return super().execute(sql, *args)

    class Driver(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

    engine = filled(create_engine("sqlite://", connect_args={"factory": Driver}))
    call = examine("call", {}, on(engine, lambda session: session.scalars(ONE).all())).call
    engine.dispose()
    own = [i for i, each in enumerate(heard) if each.startswith("SELECT reading.id")]
    beside = [i for i, each in enumerate(heard) if each.startswith("EXPLAIN")]
    assert own
    assert beside
    assert max(own) < min(beside)
    assert call.scans
    assert (call.cost, call.first, call.needed) == (Cost(1, 1, 5),) * 3


@pytest.mark.parametrize(("most", "rows"), [(ROWS - 1, ROWS - 1), (1, 1_000)])
def test_counting_a_table_ends_once_it_is_enough(
    most: int, rows: int, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never before the table is known to be large, and ten times what came back."""
    monkeypatch.setattr(estimates, "MOST", most)
    (found,) = scans(engine, ONE)
    assert (found.table_rows, found.known) == (rows, "at least")


def test_many_rows_out_of_more_are_found(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """150 of 2,000: the count goes on to 1,500."""
    monkeypatch.setattr(estimates, "MOST", 1)
    (found,) = scans(engine, select(Reading).where(Reading.day < 150))
    assert (found.rows, found.table_rows, found.known) == (150, 1_500, "at least")


def test_what_cannot_be_explained_is_noted(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the next SELECT is explained all the same."""

    def both(session: Session) -> Any:
        return session.scalars(ONE).all(), session.scalars(SERVED["a list"][0]).all()

    def fails(connection: Connection, sql: str, parameters: Any) -> dict[str, str]:
        if len(parameters) == 1:
            connection.exec_driver_sql("EXPLAIN QUERY PLAN SELECT missing FROM reading")
        return sqlite.scanned(connection, sql, parameters)

    monkeypatch.setitem(SCANNED, "sqlite", fails)
    call = examine("call", {}, on(engine, both)).call
    assert len(call.scans) == 1
    (note,) = call.notes
    assert "could not be explained" in note
    assert "no such column: missing" in note


def test_a_call_that_looked_clean_is_a_finding(engine: Engine) -> None:
    """One row of four cells is no more than is needed; the verdict says what it costs."""
    call = examine("readings.by_name", {}, on(engine, lambda s: s.scalars(ONE).all())).call
    trace = Trace(Environment("", "", "", "sqlite", "", ""), (call,))
    (verdict,) = [each.verdict for each in judge(trace, Thresholds(), ()).calls]
    assert "no more than its objects need" in verdict
    (found,) = findings([call], Thresholds())
    assert (found.rule, found.level) == ("QP601", "warning")
    assert found.location is not None


ANALYZE = {"postgresql": "ANALYZE reading", "mariadb": "ANALYZE TABLE reading"}


@pytest.mark.server
def test_servers_explain_and_keep_their_tables(
    server: Server, opened: Callable[..., Engine]
) -> None:
    """Found by the plan; unasked, what an index would save is not claimed, and none is tried."""
    engine = opened()
    for statement, columns in SERVED.values():
        (found,) = scans(engine, statement)
        assert (found.columns, found.before) == (columns, None)
        assert "--try-indexes" in str(found.reason)
    server.ask(ANALYZE[server.kind])
    (found,) = scans(engine, ONE)
    assert found.known == "estimated"
    assert ROWS / 2 < found.table_rows < ROWS * 2
    silent = {name: scans(engine, each) for name, each in RIGHT.items()}
    assert silent == dict.fromkeys(RIGHT, ())
    assert len(inspect(engine).get_indexes("reading")) == 1


@pytest.mark.server
def test_a_plan_that_cannot_be_read_is_noted() -> None:
    """MariaDB's own, under ANSI_QUOTES: the names in its conditions end the text they stand in."""
    with new_database("mariadb") as url:
        engine = filled(
            create_engine(url, connect_args={"init_command": "SET sql_mode = 'ANSI_QUOTES'"})
        )
        call = examine("call", {}, on(engine, lambda session: session.scalars(ONE).all())).call
        engine.dispose()
    assert call.scans == ()
    (note,) = call.notes
    assert "ANSI_QUOTES" in note
