"""Tables of servers that a plan or a copy might mistake: what is told is true, or a reason."""

from collections.abc import Callable

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, String, Table

from qprof.measure.explain.indexes import indexes_of
from tests.measure.explain.conftest import Server
from tests.measure.explain.odd import ROWS, fill, odd, whole
from tests.measure.explain.trying import tried

pytestmark = pytest.mark.server
only_postgresql = pytest.mark.parametrize("server", ["postgresql"], indirect=True)
only_mariadb = pytest.mark.parametrize("server", ["mariadb"], indirect=True)
Opened = Callable[..., Engine]
LONG = "a_table_of_a_rather_long_name_for_measurements"


def test_a_long_name_and_a_percent_sign(server: Server, opened: Opened) -> None:
    """And a column that is named like its table; the server takes the CREATE INDEX as it is."""
    engine, table = opened(), odd(LONG)
    fill(engine, table)
    for where in (table.c["share %"] == 5, table.c[LONG] == "n5"):
        (found,) = tried(engine, whole(table).where(where))
        assert found.before is not None
        options = {"no_parameters": True}
        server.connection.exec_driver_sql(found.index, execution_options=options)
    with engine.connect() as connection:
        assert {("share %",), (LONG,)} <= set(indexes_of(connection, table).columns)
    server.ask(f"DROP TABLE {LONG}")


@only_mariadb
def test_an_invisible_column_is_not_copied(server: Server, opened: Opened) -> None:
    engine, table = opened(), odd("veiled")
    fill(engine, table)
    server.ask("ALTER TABLE veiled ADD COLUMN secret INT INVISIBLE DEFAULT 5 AFTER id")
    (found,) = tried(engine, whole(table).where(table.c.veiled == "n5"))
    assert (found.before, found.columns) == (None, ("veiled",))
    assert "invisible" in str(found.reason)
    server.ask("DROP TABLE veiled")


PARTITIONED = (
    "CREATE TABLE parted (id int, name text) PARTITION BY RANGE (id)",
    "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (1500)",
    "CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (1500) TO (9000)",
    "INSERT INTO parted SELECT i, 'n' || i FROM generate_series(1, 3000) AS i",
    "CREATE VIEW viewed AS SELECT id, name FROM reading",
    "ANALYZE",
)


@only_postgresql
def test_what_is_read_below_another_name_is_no_finding(server: Server, opened: Opened) -> None:
    """One partition is read, or the table of a view: of neither is the statement's name told."""
    engine = opened()
    server.ask(*PARTITIONED)
    for name in ("parted", "viewed"):
        table = Table(
            name, MetaData(), Column("id", Integer, primary_key=True), Column("name", String)
        )
        where = whole(table).where(table.c.name == "n17")
        assert tried(engine, where) == ()
        assert tried(engine, where.where(table.c.id < 1_200)) == ()
    server.ask("DROP TABLE parted", "DROP VIEW viewed")


@only_postgresql
def test_rows_that_are_hidden_are_not_left_out(server: Server, opened: Opened) -> None:
    engine, table = opened(), odd("secured")
    fill(engine, table, 2 * ROWS)
    server.ask(
        "ALTER TABLE secured ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY half ON secured USING (mod(id, 2) = 0)",
        "ANALYZE secured",
    )
    role = opened(connect_args={"options": "-crole=pg_read_all_data"})
    (found,) = tried(role, whole(table).where(table.c.secured == "n18"))
    assert (found.before, found.table_rows) == (None, 2 * ROWS)
    assert "row-level security" in str(found.reason)
    server.ask("DROP TABLE secured")


@only_postgresql
def test_one_name_in_two_schemas_is_not_hidden_by_a_copy(server: Server, opened: Opened) -> None:
    """MariaDB's plan does not tell which of them it is, so that nothing is claimed there."""
    server.ask("CREATE SCHEMA far")
    engine, near, far = opened(), odd("same"), odd("same", "far")
    fill(engine, near, 20)
    fill(engine, far)
    both = whole(far).where(near.c.id == far.c.id, far.c.same == "n17")
    (found,) = tried(engine, both)
    assert (found.before, found.table_rows) == (None, ROWS)
    assert "several schemas" in str(found.reason)
    assert found.index == "CREATE INDEX ix_same_same ON far.same (same)"
    server.ask("DROP SCHEMA far CASCADE", "DROP TABLE same")
