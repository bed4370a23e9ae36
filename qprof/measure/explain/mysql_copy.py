"""An index tried on a temporary copy of its table, on a connection that is closed after it.

MariaDB and MySQL commit before and after an ALTER TABLE or a CREATE INDEX, so no rollback would
undo one. None is sent here that names the user's table: the copy that has its name is made and
dropped as TEMPORARY, and is never changed. The user's SELECT itself runs read-only.
"""

import re
from secrets import token_hex

from sqlalchemy import Connection, text

from qprof.domain.trace import Scan
from qprof.measure.explain.candidates import place_of
from qprof.measure.explain.trial import (
    LARGEST,
    Asked,
    Candidate,
    NotTried,
    Work,
    judged,
    seconds_of,
)

_SETTINGS = (
    "SET SESSION TRANSACTION READ WRITE",
    "SET SESSION lock_wait_timeout = 1",
    "SET SESSION innodb_lock_wait_timeout = 1",
    # A key of 0 is copied as it is, rather than replaced by the next number.
    "SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')",
)
_LONGEST = {
    True: "SET SESSION max_statement_time = 30",
    False: "SET SESSION max_execution_time = 30000",
}
"""30 seconds, for MariaDB, and for MySQL."""
_LOGGED = text("SELECT @@GLOBAL.log_bin AND @@SESSION.sql_log_bin AND @@binlog_format <> 'ROW'")
_FOUND = text(
    "SELECT table_type, data_length + index_length FROM information_schema.tables "
    "WHERE table_schema = COALESCE(:schema, DATABASE()) AND table_name = :name"
)
_COLUMNS = text(
    "SELECT column_name FROM information_schema.columns WHERE COALESCE(generation_expression, '') "
    "= '' AND table_schema = COALESCE(:schema, DATABASE()) AND table_name = :name "
    "ORDER BY ordinal_position"
)
_INVISIBLE = text(
    "SELECT count(*) FROM information_schema.columns WHERE extra LIKE '%INVISIBLE%' "
    "AND table_schema = COALESCE(:schema, DATABASE()) AND table_name = :name"
)
_READ = text("SHOW SESSION STATUS LIKE 'Handler_read%'")


def measured(connection: Connection, candidate: Candidate) -> Scan | None:
    """Return the scan with the requests to read a row that it takes without its index, and with it.

    Raises NotTried where there can be no copy, and what the database raises.
    """
    # Only under READ COMMITTED does copying from a table lock none of its rows.
    connection.execution_options(isolation_level="READ COMMITTED")
    # What begins a read-only transaction before each statement; the connection is closed after it.
    vars(connection.connection.driver_connection).pop("query", None)
    connection.rollback()
    _check(candidate)
    if place_of(connection, candidate.table) != candidate.seen:
        raise NotTried(f"{candidate.table.name} is in another database outside of the call")
    _set(connection)
    prepared = connection.dialect.identifier_preparer
    name = prepared.format_table(candidate.table)
    spare = f"{name.removesuffix(prepared.quote(candidate.table.name))}qprof_{token_hex(8)}"
    columns = _copy(connection, candidate, name, spare)
    without = _work(connection, name, spare, columns, candidate.asked)
    indexed = ", ".join(map(prepared.quote, candidate.scan.columns))
    connection.exec_driver_sql(f"CREATE INDEX qprof ON {spare} ({indexed})")
    with_index = _work(connection, name, spare, columns, candidate.asked)
    return judged(candidate.scan, "requests", without, with_index)


def _check(candidate: Candidate) -> None:
    """Raise NotTried where no FROM or JOIN of the statement names the table by its schema."""
    name, schema = re.escape(candidate.table.name), candidate.table.schema
    found = re.findall(
        rf"\b(?:FROM|JOIN)[\s(]+(?:([\w$]+|`[^`]+`|\"[^\"]+\")\.)?[`\"]?{name}(?![\w$.])",
        candidate.asked.sql,
    )
    if found and (schema or "") not in {each.strip('`"') for each in found}:
        raise NotTried(
            f"the statement names {candidate.table.name} in a way that leads past a copy"
        )


def _set(connection: Connection) -> None:
    """Bound the trial, for this connection alone; keep it out of what replicas repeat."""
    for each in _SETTINGS:
        connection.exec_driver_sql(each)
    connection.exec_driver_sql(_LONGEST[bool(getattr(connection.dialect, "is_mariadb", False))])
    if connection.scalar(_LOGGED):
        raise NotTried(
            "replicas would make it, too, since temporary tables are in the server's binary log "
            "unless binlog_format is ROW"
        )


def _copy(connection: Connection, candidate: Candidate, name: str, spare: str) -> str:
    """Make the temporary table `spare` with all rows, and return the columns that hold values."""
    table = {"schema": candidate.table.schema, "name": candidate.table.name}
    found = connection.execute(_FOUND, table).one_or_none()
    if found is None or found[0] != "BASE TABLE" or found[1] is None:
        raise NotTried(f"{candidate.table.name} is no plain table, of which a copy could be made")
    if found[1] > LARGEST:
        raise NotTried(f"a table of more than {LARGEST // 2**20} MiB is not copied")
    if connection.scalar(_INVISIBLE, table):
        # CREATE TABLE ... SELECT puts values into other columns then.
        raise NotTried(f"{candidate.table.name} has invisible columns, which a copy would mix up")
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(each) for each in connection.scalars(_COLUMNS, table))
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE {spare} LIKE {name}")
    connection.exec_driver_sql(f"INSERT INTO {spare} ({columns}) SELECT {columns} FROM {name}")
    connection.commit()
    return columns


def _work(connection: Connection, name: str, spare: str, columns: str, asked: Asked) -> Work:
    """Return the work of a run while a copy of `spare` has the name of the user's table."""
    made = connection.exec_driver_sql(f"SHOW CREATE TABLE {spare}").one()[1]
    defined = made[made.index("(") :]
    if connection.dialect.paramstyle in ("format", "pyformat"):
        defined = defined.replace("%", "%%")
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE {name} {defined} SELECT {columns} FROM {spare}"
    )
    connection.commit()
    connection.exec_driver_sql("START TRANSACTION READ ONLY")
    work = _counted(connection, asked)
    connection.rollback()
    connection.exec_driver_sql(f"DROP TEMPORARY TABLE {name}")
    return work


def _counted(connection: Connection, asked: Asked) -> Work:
    """Return the requests of a run, without those of the question, and the seconds of others."""

    def run() -> None:
        connection.exec_driver_sql(asked.sql, asked.parameters).all()

    first, second = _requests(connection), _requests(connection)
    run()
    requests = _requests(connection) - second - (second - first)
    return Work(requests, seconds_of(run))


def _requests(connection: Connection) -> int:
    return sum(int(value) for _, value in connection.execute(_READ))
