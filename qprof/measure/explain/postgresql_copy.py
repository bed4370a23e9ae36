"""An index tried on a temporary copy of its table, in a transaction that is rolled back.

The copy needs no right on the user's table but SELECT, and locks it as a SELECT does: against
ALTER and DROP, not against writers. The rollback takes the copy away. The user's SELECT itself runs
read-only. https://www.postgresql.org/docs/current/sql-createtable.html
"""

import re

from sqlalchemy import Connection, text

from qprof.domain.trace import Scan
from qprof.measure.explain.candidates import place_of
from qprof.measure.explain.indexes import plain
from qprof.measure.explain.postgresql import planned, quoted
from qprof.measure.explain.trial import (
    LARGEST,
    Asked,
    Candidate,
    NotTried,
    Work,
    judged,
    seconds_of,
)

_SETTINGS = {
    "lock_timeout": "1s",
    "statement_timeout": "30s",
    # What a parallel worker reads is in no count of this connection.
    "max_parallel_workers_per_gather": "0",
}
_FOUND = text(
    "SELECT n.nspname, CAST(c.relkind AS text) AS kind, pg_total_relation_size(c.oid), "
    "row_security_active(c.oid) AS hides "
    "FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
    "WHERE c.oid = to_regclass(:name)"
)
_READ = text("SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables")
"""Rows that this transaction has read of any table, exact.
https://www.postgresql.org/docs/current/monitoring-stats.html (pg_stat_xact_user_tables)."""


def measured(connection: Connection, candidate: Candidate) -> Scan | None:
    """Return the scan with the rows that are read without its index, and with it.

    Raises NotTried where there can be no copy, and what the database raises.
    """
    prepared = connection.dialect.identifier_preparer
    copy = f"pg_temp.{prepared.quote(candidate.table.name)}"
    connection.execution_options(isolation_level="REPEATABLE READ")
    connection.exec_driver_sql("SET TRANSACTION READ WRITE")
    _set(connection)
    _find(connection, candidate)
    _check_names(connection, candidate)
    _copy(connection, prepared.format_table(candidate.table), copy, candidate.table.name)
    sql = _of_copy(candidate.asked.sql, prepared.format_table(candidate.table), copy)
    _check(connection, sql, candidate)
    without = _work(connection, sql, candidate.asked)
    columns = ", ".join(map(prepared.quote, candidate.scan.columns))
    connection.exec_driver_sql(f"CREATE INDEX ON {copy} ({columns})")
    return judged(candidate.scan, "rows", without, _work(connection, sql, candidate.asked))


def _set(connection: Connection) -> None:
    """Bound the trial, for this transaction alone. Raises NotTried where there is none."""
    said = text("SELECT set_config(:name, :value, true)")
    for name, value in _SETTINGS.items():
        connection.execute(said, {"name": name, "value": value})
    if connection.scalar(text("SELECT current_setting('lock_timeout')")) != "1s":
        raise NotTried("its connections have no transaction that could be rolled back (AUTOCOMMIT)")
    if connection.scalar(text("SELECT current_setting('track_counts')")) != "on":
        raise NotTried("the server counts no rows that are read (track_counts)")


def _find(connection: Connection, candidate: Candidate) -> None:
    """Look for tables where the call does. Raises NotTried where that leads to another table."""
    path = "SELECT set_config('search_path', :path, true)"
    connection.execute(text(path), {"path": candidate.seen.path})
    if place_of(connection, candidate.table) != candidate.seen:
        raise NotTried(
            f"{candidate.table.name} is another table, or another role's, outside of the call's "
            "transaction"
        )


def _copy(connection: Connection, name: str, copy: str, table: str) -> None:
    found = connection.execute(_FOUND, {"name": plain(connection, name)}).one_or_none()
    if found is None or found.kind != "r":
        raise NotTried(f"{table} is no plain table, of which a copy could be made")
    schema, _, size, hides = found
    if hides:
        raise NotTried(f"row-level security hides rows of {table}, and a copy would lack them")
    if size > LARGEST:
        raise NotTried(f"a table of more than {LARGEST // 2**20} MiB is not copied")
    prepared = connection.dialect.identifier_preparer
    source = f"{prepared.quote_identifier(schema)}.{prepared.quote(table)}"
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE {copy} (LIKE {source} INCLUDING INDEXES INCLUDING STATISTICS) "
        "ON COMMIT DROP"
    )
    connection.exec_driver_sql(f"INSERT INTO {copy} SELECT * FROM {source}")
    connection.exec_driver_sql(f"ANALYZE {copy}")
    # A search path may name pg_temp last, and then the copy would not come first.
    path = "SELECT set_config('search_path', 'pg_temp, ' || current_setting('search_path'), true)"
    connection.execute(text(path))


def _of_copy(sql: str, name: str, copy: str) -> str:
    """Return `sql` over the copy where it names the table with its schema."""
    if "." not in name:
        return sql
    return re.sub(rf"(?<![\w.\"']){re.escape(name)}(?![\w\"'])", lambda _: copy, sql)


def _check_names(connection: Connection, candidate: Candidate) -> None:
    """Raise NotTried where other tables have the name, too: the copy would hide all of them."""
    name, asked = candidate.table.name, candidate.asked
    nodes = planned(connection, asked.sql, asked.parameters)
    if len({quoted(each) for each in nodes if each.get("Relation Name") == name}) > 1:
        raise NotTried(
            f"tables called {name} in several schemas are read, and a copy hides them all"
        )


def _check(connection: Connection, sql: str, candidate: Candidate) -> None:
    """Raise NotTried where `sql` does not read the copy alone."""
    name = candidate.table.name
    schemas = {
        str(node.get("Schema"))
        for node in planned(connection, sql, candidate.asked.parameters)
        if node.get("Relation Name") == name
    }
    if not schemas or not all(each.startswith("pg_temp") for each in schemas):
        raise NotTried(f"the statement names {name} in a way that leads past a copy")


def _work(connection: Connection, sql: str, asked: Asked) -> Work:
    """Return the rows that a run reads, and the seconds of others; none can write.

    The planner reads rows, too, at the ends of indexes: as many each time, and told by EXPLAIN.
    """

    def run() -> None:
        connection.exec_driver_sql(sql, asked.parameters).all()

    with connection.begin_nested() as savepoint:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        start = _rows(connection)
        planned(connection, sql, asked.parameters)
        between = _rows(connection)
        run()
        rows = _rows(connection) - between - (between - start)
        seconds = seconds_of(run)
        savepoint.rollback()
    return Work(rows, seconds)


def _rows(connection: Connection) -> int:
    return int(connection.scalar(_READ) or 0)
