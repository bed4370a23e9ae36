"""Stops a run that takes more rows, statements or seconds than its limits allow.

Rows are counted where they are fetched, so that no fetch brings more than one row too many into
memory. A driver that fetches a whole result when it executes (psycopg, PyMySQL, asyncpg) does that
on its own: for those, `ahead` asks the database first.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `_soft_close`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from qprof.domain.interrupts import interrupt
from qprof.domain.limits import Limits
from qprof.measure.capture.recording import Recording
from qprof.measure.capture.sent import Sent
from qprof.measure.ending import end_statement

Ahead = Callable[[Sent, Any], int | None]
"""Returns the limit of rows if a SELECT that is about to be sent in a context exceeds it.

The execution then has its columns.
"""


_MOST_AT_ONCE = 2**31 - 1
"""Rows that one fetchmany() can be asked for: drivers take the number as an int of C."""


class Stop(BaseException):
    """Ends a run; the user's `except Exception` lets it pass."""


class Meter:
    """What is left of the limits of one run."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.rows = limits.rows
        self._statements = limits.statements
        self._end = monotonic() + limits.seconds
        self.reason: str | None = None
        """Why the run was stopped; None as long as it was not."""

    def check_rows(self) -> None:
        """Raise Stop where more rows were taken than there are."""
        if self.rows < 0:
            self.stop(f"it fetched more than {self._limits.rows:,} rows (--max-rows)")

    def take_statement(self) -> None:
        """Take a statement that is about to be sent. Raises Stop where it is one too many."""
        self._statements -= 1
        if self._statements < 0:
            self.stop(f"it sent more than {self._limits.statements:,} statements")
        if monotonic() > self._end:
            self.expire()
            self.stop()

    def expire(self) -> None:
        """Take note that the time is up."""
        self.reason = self.reason or f"it took more than {self._limits.seconds:g} s (--timeout)"

    def stop(self, reason: str = "") -> None:
        """Stop the run. Raises Stop."""
        self.reason = self.reason or reason
        raise Stop(self.reason)


class BoundedSent(Sent):
    """An execution whose rows are taken from a meter."""

    __slots__ = ("_batches", "_fetches", "meter")
    meter: Meter

    @property
    def in_batches(self) -> int:
        """Rows that were taken many at a time; to count more may raise Stop."""
        return self._batches

    @in_batches.setter
    def in_batches(self, rows: int) -> None:
        more = rows - getattr(self, "_batches", 0)
        self._batches = rows
        if more > 0:
            self.meter.rows -= more
            # SQLAlchemy invalidates a connection whose fetch raises, and logs that: `_fetched`
            # raises after the fetch. Rows that pass through a cursor's stand-in are told here.
            if not getattr(self, "_fetches", False):
                self.meter.check_rows()

    def fetchall(self, result: Any, dbapi_cursor: Any) -> Any:
        """Fetch the rest, counted and timed; one row too many at most."""
        if self.meter.rows >= _MOST_AT_ONCE:
            return self._fetched(super().fetchall, result, dbapi_cursor)
        rows = self._fetched(super().fetchmany, result, dbapi_cursor, self.meter.rows + 1)
        result._soft_close()
        return rows

    def fetchmany(self, result: Any, dbapi_cursor: Any, size: int | None = None) -> Any:
        """Fetch a batch, counted and timed; one row too many at most."""
        if size is not None:
            size = min(size, self.meter.rows + 1, _MOST_AT_ONCE)
        return self._fetched(super().fetchmany, result, dbapi_cursor, size)

    def fetchone(self, result: Any, dbapi_cursor: Any, hard_close: bool = False) -> Any:
        """Fetch one row, counted."""
        row = self._fetched(super().fetchone, result, dbapi_cursor, hard_close)
        if row is not None and not self.looks:
            self.meter.rows -= 1
            self.meter.check_rows()
        return row

    def _fetched(self, fetch: Callable[..., Any], *arguments: Any) -> Any:
        self._fetches = True
        try:
            rows = fetch(*arguments)
        finally:
            self._fetches = False
        self.meter.check_rows()
        return rows


def _keep_connection(context: ExceptionContext) -> None:
    """Keep an SQLite connection whose run is stopped: a database in memory lives as long as it.

    SQLAlchemy gives up the connection of whatever is no `Exception`, since a server may go on to
    send. A file or memory does not; only a thread of aiosqlite's may, which an interrupt leaves.
    """
    error, dialect = context.original_exception, context.dialect
    at_rest = isinstance(error, Stop) or not dialect.is_async
    if dialect.name == "sqlite" and isinstance(error, (Stop, KeyboardInterrupt)) and at_rest:
        context.is_disconnect = False


class BoundedRecording(Recording):
    """A recording of one run that its limits end."""

    def __init__(
        self,
        limits: Limits,
        *,
        tally: bool = False,
        ahead: Ahead | None = None,
        sizes: bool = False,
    ) -> None:
        super().__init__(tally=tally, sizes=sizes)
        self.kind = BoundedSent
        self.meter = Meter(limits)
        self._ahead = ahead
        self._connection: Any = None
        """What the last statement was sent on."""

    def begin(self, sent: Sent, context: Any) -> None:
        """Take `sent`, unless it is one too many. Raises Stop then."""
        if isinstance(sent, BoundedSent):
            sent.meter = self.meter
        self.meter.take_statement()
        super().begin(sent, context)
        if self._ahead is not None:
            rows = self._ahead(sent, context)
            if rows is not None:
                # One row more is what it has at least, and stops the run before it is sent.
                sent.in_batches = rows + 1
        self._connection = context.root_connection

    @contextmanager
    def timed(self, seconds: float) -> Iterator[None]:
        """End the block after so many seconds, also in the middle of a statement."""
        timer = Timer(seconds, self._expire)
        timer.daemon = True
        event.listen(Engine, "handle_error", _keep_connection)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            event.remove(Engine, "handle_error", _keep_connection)
            if self.meter.reason is not None:
                # The interrupt may come as late as here, where the run has ended by itself.
                with suppress(KeyboardInterrupt):
                    timer.join()
                    sleep(0)

    def _expire(self) -> None:
        self.meter.expire()
        with suppress(Exception):
            connection = self._connection
            own = connection.connection.driver_connection
            end_statement(own, connection.engine.pool, connection.dialect)
        interrupt()
