"""One execution while it happens. SQLAlchemy takes its rows through it.

A fetch strategy is what a `CursorResult` asks for rows. This one asks the driver's cursor as
SQLAlchemy's own does, and counts and times what comes: the result needs no stand-in for the
cursor, and no call more than without qprof.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `_soft_close`.
"""

import sys
from collections.abc import Callable, Iterable
from copy import copy
from itertools import repeat
from operator import length_hint
from time import perf_counter
from typing import Any

from sqlalchemy.engine.cursor import CursorFetchStrategy

from qprof.domain.loaders import Kind
from qprof.domain.sql.from_lists import unlinked_in
from qprof.domain.trace import Site
from qprof.measure.capture.cursors import stand_in
from qprof.measure.capture.held import Held
from qprof.measure.capture.tally import RowTally
from qprof.measure.capture.value_sizes import size_of_rows
from qprof.measure.orm.shape import Shape

_UNKNOWN = Shape()
_MOST = sys.maxsize
_NEVER: tuple[bool, ...] = ()
"""No row was taken alone."""
_AGAIN: frozenset[bool] = frozenset()
"""Some were, and are counted among the others."""


class Sent(CursorFetchStrategy):
    """One cursor execution, filled in as its rows are fetched. Times are in seconds."""

    # What few executions have is in the dict, which is not made until then.
    __slots__ = (
        "__dict__",
        "chunk",
        "columns",
        "engine",
        "execute",
        "fetch",
        "in_batches",
        "looks",
        "origin",
        "parameters",
        "parent",
        "shape",
        "singly",
        "site",
        "sql",
        "strategy",
        "text",
    )
    sql: str
    text: str
    """As it went to the driver: literals that are rendered late differ here alone."""
    parameters: Any
    in_batches: int
    """Rows that were taken many at a time."""
    singly: Iterable[bool]
    """Advanced by each row that is taken alone: an addition costs twice as much."""
    engine: Any
    """What it was sent through: its pool stands for one database."""
    columns: int
    chunk: bool
    """Whether it only continues a load: a chunk of a selectin that is not the first."""
    parent: int
    """The hash of the identity key of the one object that it is for, else 0."""
    execute: float
    fetch: float
    shape: Shape
    strategy: str
    origin: object
    site: Site | None
    looks: bool
    """Whether anything but the number of rows is wanted of a fetch."""
    kind: Kind | None = None
    """What it loads, where that is more than its shape tells."""
    blocks_loop: bool = False
    """Whether it is synchronous, and the event loop of its thread was running."""
    thread: int = 0
    """Which thread sent it, where a recording is of several: what another one asks is no repeat."""
    size: int | None = None
    """The bytes of the values that were fetched, where that is asked for."""
    cursor: Any = None
    """Kept only where the driver knows the columns no sooner than the first fetch."""
    tally: RowTally | None = None
    held: Held | None = None
    """What its rows hold, for whoever derives what they would have had to cost."""
    done: Callable[[], None] | None = None
    """Called when the last row is taken or the result is closed, if anybody wants to know."""

    def fetchall(self, result: Any, dbapi_cursor: Any) -> Any:
        """Fetch the rest, counted and timed."""
        try:
            started = perf_counter()
            rows = dbapi_cursor.fetchall()
            self.fetch += perf_counter() - started
            self.in_batches += len(rows)
            if self.looks:
                self.look(rows)
            result._soft_close()
            return rows
        except BaseException as error:
            self.handle_exception(result, dbapi_cursor, error)

    def fetchmany(self, result: Any, dbapi_cursor: Any, size: int | None = None) -> Any:
        """Fetch a batch, counted and timed."""
        try:
            started = perf_counter()
            rows = dbapi_cursor.fetchmany() if size is None else dbapi_cursor.fetchmany(size)
            self.fetch += perf_counter() - started
            self.in_batches += len(rows)
            if self.looks:
                self.look(rows)
            if not rows:
                result._soft_close()
            return rows
        except BaseException as error:
            self.handle_exception(result, dbapi_cursor, error)

    def fetchone(self, result: Any, dbapi_cursor: Any, hard_close: bool = False) -> Any:
        """Fetch one row, counted."""
        try:
            row = dbapi_cursor.fetchone()
            if row is not None:
                for _ in self.singly:
                    return row
            self.one(row)
            if row is None:
                result._soft_close(hard=hard_close)
            return row
        except BaseException as error:
            self.handle_exception(result, dbapi_cursor, error)

    def yield_per(self, result: Any, dbapi_cursor: Any, num: int) -> None:
        """Let SQLAlchemy's own buffer take its rows from a cursor that counts."""
        result.cursor = stand_in(dbapi_cursor, self)
        super().yield_per(result, result.cursor, num)

    @property
    def rows(self) -> int:
        """The rows that were taken so far."""
        singly = self.singly
        alone = _MOST - length_hint(singly) if isinstance(singly, repeat) else 0
        return self.in_batches + alone

    @property
    def unlinked(self) -> tuple[str, ...]:
        """What its FROM lists name that nothing links; of SQL for the driver its text tells."""
        return unlinked_in(self.sql) if self.shape is _UNKNOWN else self.shape.unlinked

    @property
    def one_by_one(self) -> bool:
        """Whether rows were taken alone, which is not timed."""
        return self.singly is not _NEVER

    def one(self, row: Any) -> None:
        """Count a row that was taken alone: the first, or any where rows are looked at."""
        if row is None:
            self.singly = self.singly or _AGAIN
        elif self.looks:
            self.singly = _AGAIN
            self.in_batches += 1
        else:
            self.singly = repeat(True, _MOST - 1)
        if self.looks:
            self.look(() if row is None else (row,))

    def as_it_stands(self) -> "Sent":
        """Return a copy, which does not count what is fetched from now on."""
        copied = copy(self)
        copied.in_batches = self.rows
        copied.singly = _AGAIN if self.one_by_one else _NEVER
        return copied

    def count_bytes(self) -> None:
        """Count the size of whatever is fetched from now on."""
        self.size, self.looks = self.size or 0, True

    def look(self, rows: Any) -> None:
        """Look at rows that were just fetched."""
        if self.cursor is not None:
            self._look_at_columns()
        if self.tally is not None:
            self.tally.add(rows)
        if self.held is not None:
            self.held.add(rows)
        if self.size is not None:
            self.size += size_of_rows(rows)

    def _look_at_columns(self) -> None:
        if self.cursor.description is not None:
            self.columns = len(self.cursor.description)
        self.cursor = None


class Watched(Sent):
    """An execution whose end somebody wants to hear of."""

    __slots__ = ()

    def soft_close(self, result: Any, dbapi_cursor: Any) -> None:
        """Say that the last row was taken."""
        super().soft_close(result, dbapi_cursor)
        if self.done is not None:
            self.done()

    def hard_close(self, result: Any, dbapi_cursor: Any) -> None:
        """Say that the result was closed."""
        super().hard_close(result, dbapi_cursor)
        if self.done is not None:
            self.done()


def begun(kind: type[Sent], sql: str, parameters: Any) -> Sent:
    """Return an execution that is about to begin: a constructor would cost three times as much."""
    sent = kind()
    sent.sql = sent.text = sql
    sent.parameters = parameters
    sent.in_batches = sent.columns = sent.parent = 0
    sent.singly = _NEVER
    sent.execute = sent.fetch = 0.0
    sent.looks = sent.chunk = False
    sent.shape = _UNKNOWN
    sent.strategy = "root"
    sent.origin = sent.site = sent.engine = None
    return sent
