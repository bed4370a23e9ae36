"""What qprof itself asks of a database ends: after a time, on the database's own side.

PostgreSQL: `statement_timeout` for one transaction
(https://www.postgresql.org/docs/current/runtime-config-client.html). MariaDB: `max_statement_time`
for one statement (https://mariadb.com/kb/en/set-statement/). MySQL: an optimizer hint
(https://dev.mysql.com/doc/refman/8.4/en/optimizer-hints.html). SQLite: a progress handler
(https://www.sqlite.org/c3ref/progress_handler.html). A lower limit of the database's own stays.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

from sqlalchemy import Connection, bindparam, event, text
from sqlalchemy.exc import DBAPIError

from qprof.domain.limits import MAX_ROWS
from qprof.measure.ending import end_statement

SECONDS = 50
"""What one root statement's predictions may take the database, so that they end within a minute."""

OWN = "qprof_own"
"""The execution option of statements that qprof itself sends, and that no guard refuses."""

_LEAST = 0.2
"""Seconds that are too few to ask for anything."""
_STEPS = 10_000
"""Steps of SQLite's virtual machine between two looks at the clock: about a millisecond."""


@dataclass
class Budget:
    """What is left for the questions about one root statement."""

    seconds: float = SECONDS
    rows: int = MAX_ROWS
    """Rows that may still be fetched, to be multiplied in Python."""

    def share(self) -> float:
        """Return the seconds for the next question; a slow one leaves as much for what follows."""
        return self.seconds / 2 if self.seconds / 2 >= _LEAST else 0.0


def is_bounded(connection: Connection) -> bool:
    """Return whether a statement of this database can be given a time."""
    return connection.dialect.name in _BOUNDED


def bounded(connection: Connection, seconds: float) -> AbstractContextManager[str]:
    """End each statement of `connection` within the block after so many seconds.

    Gives what has to stand right after the first SELECT; "" for most. Nothing of it outlives the
    block. A database that is not known has no bound.
    """
    made = _BOUNDED.get(connection.dialect.name)
    return made(connection, seconds) if made is not None else nullcontext("")


def was_ended(error: DBAPIError) -> bool:
    """Return whether a statement was ended by a timeout, ours or the database's own."""
    orig: object = error.orig
    state = getattr(orig, "sqlstate", None) or getattr(orig, "pgcode", None)
    number = next(iter(getattr(orig, "args", ())), None)
    return state == "57014" or number in (1969, 3024) or _is_interrupted(error)


def _is_interrupted(error: DBAPIError) -> bool:
    return str(error.orig) == "interrupted"


_LOWERED = text(
    "SELECT set_config(name, CAST(least(nullif(CAST(setting AS integer), 0), :most) AS text), true)"
    " FROM pg_settings WHERE name = 'statement_timeout'"
).bindparams(bindparam("most"))


@contextmanager
def _on_postgresql(connection: Connection, seconds: float) -> Iterator[str]:
    """Bound a transaction, or a part of one, that is rolled back: the setting goes with it.

    So does what an error would spoil.
    """
    with _transaction(connection):
        connection.execute(_LOWERED, {"most": round(seconds * 1000)})
        yield ""


@contextmanager
def _transaction(connection: Connection) -> Iterator[None]:
    # SQLAlchemy's get_isolation_level() does not tell of AUTOCOMMIT; every driver does.
    if getattr(connection.connection.dbapi_connection, "autocommit", False):
        connection.exec_driver_sql("BEGIN")
        try:
            yield
        finally:
            connection.exec_driver_sql("ROLLBACK")
        return
    savepoint = connection.begin_nested()
    try:
        yield
    finally:
        if savepoint.is_active:
            savepoint.rollback()


@contextmanager
def _on_mysql(connection: Connection, seconds: float) -> Iterator[str]:
    dialect: Any = connection.dialect
    with _killing(connection):
        if not dialect.is_mariadb:
            own = int(connection.exec_driver_sql("SELECT @@max_execution_time").scalar_one())
            most = round(seconds * 1000)
            yield f"/*+ MAX_EXECUTION_TIME({min(own or most, most)}) */"
            return
        least = f"IF(@@max_statement_time = 0, {seconds:.3f}, LEAST(@@max_statement_time, "
        before = f"SET STATEMENT max_statement_time = {least}{seconds:.3f})) FOR "

        def bound(
            _1: object, _2: object, sql: str, parameters: object, *_: object
        ) -> tuple[str, object]:
            return before + sql, parameters

        event.listen(connection, "before_cursor_execute", bound, retval=True)
        try:
            yield ""
        finally:
            event.remove(connection, "before_cursor_execute", bound)


@contextmanager
def _killing(connection: Connection) -> Iterator[None]:
    """Kill the statement on the server where Ctrl-C ends the wait for it: PyMySQL only hangs up."""
    own: Any = connection.connection.driver_connection
    try:
        yield
    except KeyboardInterrupt:
        with suppress(Exception):
            end_statement(own, connection.engine.pool, connection.dialect)
        raise


@contextmanager
def _on_sqlite(connection: Connection, seconds: float) -> Iterator[str]:
    end = monotonic() + seconds

    def look() -> int:
        return int(monotonic() > end)

    _handle(connection, look, _STEPS)
    try:
        yield ""
    except DBAPIError as error:
        # What a signal raises while the handler runs ends the statement, and is dropped by Python.
        if _is_interrupted(error) and not look():
            raise KeyboardInterrupt from None
        raise
    finally:
        _handle(connection, None, 0)


def _handle(connection: Connection, look: Callable[[], int] | None, steps: int) -> None:
    own: Any = connection.connection.dbapi_connection
    if hasattr(own, "run_async"):
        own.run_async(lambda each: each.set_progress_handler(look, steps))
    else:
        own.set_progress_handler(look, steps)


_BOUNDED: dict[str, Callable[[Connection, float], AbstractContextManager[str]]] = {
    "postgresql": _on_postgresql,
    "mariadb": _on_mysql,
    "mysql": _on_mysql,
    "sqlite": _on_sqlite,
}
