"""Asks a database how many rows a SELECT would bring, before they are taken.

psycopg, PyMySQL, asyncpg and their kin hold a whole result in memory when they execute: to stop
afterwards is too late. SQLite makes its rows one by one, and is asked about products alone: a
million rows of many columns fill a gigabyte.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `_is_server_side` and `_result_columns`.
"""

from typing import Any

from sqlalchemy import Connection, TextClause
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.exc import DBAPIError

from qprof.domain.limits import Limits
from qprof.domain.sql.reading import locks_rows, reads_tables
from qprof.measure.bounds import bounded, was_ended
from qprof.measure.capture import record
from qprof.measure.capture.sent import Sent
from qprof.measure.explain.estimates import columns_of, expected_rows, rows_up_to

_SECONDS = 10.0
"""What the database may take for the answer; a statement that is so slow is ended by --timeout."""
_SURE = 10
"""An estimate of so many times the limit is taken at its word where collections multiply: the count
would take long, and the rows are predicted anyway."""
_BUFFERED = ("postgresql", "mariadb", "mysql")


class RowsAhead:
    """Asks once for each statement; a statement that may multiply is counted, up to the limit."""

    def __init__(self, limits: Limits) -> None:
        self._most = limits.rows
        self._known: set[str] = set()

    def __call__(self, sent: Sent, context: DefaultExecutionContext) -> int | None:
        """Return the limit of rows if `sent`, about to be executed in `context`, exceeds it.

        `sent` then has its columns.
        """
        connection = context.root_connection
        name = connection.dialect.name
        asks = name in _BUFFERED or (name == "sqlite" and sent.shape.worth_a_tally())
        if not asks or sent.sql in self._known:
            return None
        if context._is_server_side or not _selects(sent, context):
            return None
        self._known.add(sent.sql)
        sent.columns = _columns(context)
        try:
            with record(), bounded(connection, _SECONDS) as hint:
                over = self._is_over(connection, sent, hint)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            # A count that does not end in time is of many rows; what it cannot ask, it lets pass.
            over = was_ended(error)
        if over:
            self._known.discard(sent.sql)
        return self._most if over else None

    def _is_over(self, connection: Connection, sent: Sent, hint: str) -> bool:
        expected = expected_rows(connection, sent.text, sent.parameters) or 0
        multiplies = sent.shape.worth_a_tally()
        if expected <= self._most and not multiplies:
            return False
        if expected > self._most * _SURE and multiplies:
            return True
        sent.columns = sent.columns or columns_of(connection, sent.text, sent.parameters)
        rows = rows_up_to(connection, sent.text, sent.parameters, sent.columns, self._most, hint)
        return rows is None


def _selects(sent: Sent, context: Any) -> bool:
    """Return whether a statement is a SELECT: by what SQLAlchemy says, or by the user's text."""
    compiled = context.compiled
    if compiled is not None and not isinstance(compiled.statement, TextClause):
        return bool(compiled.statement.is_select)
    return reads_tables(sent.text) and not locks_rows(sent.text)


def _columns(context: Any) -> int:
    """Return the columns that a statement says to have: none, where it is the user's text."""
    return len(context.compiled._result_columns) if context.compiled is not None else 0
