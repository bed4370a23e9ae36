"""A stand-in for a DBAPI cursor that counts the rows which pass through it.

Rows are counted by `len` for each fetch, never one by one in Python. `fetchone` is built from C
iterators. The class is generated for each driver's cursor type, without `__getattr__` where the
driver has none: that hook would slow every attribute read.
"""

import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from itertools import compress
from time import perf_counter
from typing import Any

from qprof.capture.executions import Sent

_OWN = {"fetchone", "fetchmany", "fetchall", "close", "description"}


class CountingCursor:
    """What all generated classes share. Drivers have a `_cursor` of their own: hence the prefix."""

    _qprof_cursor: Any
    _qprof_sent: Sent
    close: Callable[[], Any]

    def fetchall(self) -> Any:
        """Fetch the rest, counted and timed."""
        started = perf_counter()
        rows = self._qprof_cursor.fetchall()
        sent = self._qprof_sent
        sent.fetch += perf_counter() - started
        sent.rows += len(rows)
        if sent.looks:
            _look(sent, rows)
        return rows

    def fetchmany(self, *args: Any, **kwargs: Any) -> Any:
        """Fetch a batch, counted and timed."""
        started = perf_counter()
        rows = self._qprof_cursor.fetchmany(*args, **kwargs)
        sent = self._qprof_sent
        sent.fetch += perf_counter() - started
        sent.rows += len(rows)
        if sent.looks:
            _look(sent, rows)
        return rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetchone, None)

    def fetchone(self) -> Any:
        """Fetch one row, counted; the first call replaces this method by a faster one."""
        sent = self._qprof_sent
        looks = sent.tally is not None or sent.held is not None
        fetch = _tallied(self) if looks else _counted(self)
        self.fetchone = fetch  # type: ignore[method-assign]
        row = fetch()
        if sent.cursor is not None:
            sent.look_at_columns()
        return row


def _counted(own: CountingCursor) -> Callable[[], Any]:
    cursor = own._qprof_cursor
    rows = cursor if isinstance(cursor, sqlite3.Cursor) else iter(cursor.fetchone, None)
    return partial(next, compress(rows, own._qprof_sent.start_singles()), None)


def _tallied(own: CountingCursor) -> Callable[[], Any]:
    fetch, sent = own._qprof_cursor.fetchone, own._qprof_sent
    sent.one_by_one = True

    def fetchone() -> Any:
        row = fetch()
        if row is not None:
            sent.rows += 1
            if sent.tally is not None:
                sent.tally.add((row,))
            if sent.held is not None:
                sent.held.add((row,))
        return row

    return fetchone


def stand_in(classes: dict[Any, type], cursor: Any, sent: Sent) -> Any:
    """Return a counting stand-in for `cursor`; `classes` caches the generated types."""
    description = cursor.description
    if description is None:
        # psycopg2's server-side cursors describe their columns at the first fetch, not before.
        sent.cursor = cursor
        kind: Any = (type(cursor), None)
    else:
        sent.columns = len(description)
        kind = type(cursor)
    sent.looks = description is None or sent.tally is not None or sent.held is not None
    generated = classes.get(kind)
    if generated is None:
        generated = classes[kind] = _generate(cursor, description is None)
    own = generated()
    own._qprof_cursor, own._qprof_sent = cursor, sent
    own.close = cursor.close if sent.done is None else partial(_close, cursor.close, sent.done)
    if description is not None:
        own.description = description
    return own


def _look(sent: Sent, rows: Any) -> None:
    if sent.cursor is not None:
        sent.look_at_columns()
    if sent.tally is not None:
        sent.tally.add(rows)
    if sent.held is not None:
        sent.held.add(rows)


def _close(close: Callable[[], Any], done: Callable[[], None]) -> Any:
    done()
    return close()


def _generate(cursor: Any, live: bool) -> type:
    own = _OWN - {"description"} if live else _OWN
    names = [name for name in dir(cursor) if not name.startswith("__") and name not in own]
    namespace: dict[str, Any] = {name: _forward(name) for name in names}
    if hasattr(type(cursor), "__getattr__"):
        # Some async adapters forward what `dir` does not tell.
        namespace["__getattr__"] = lambda self, name: getattr(self._qprof_cursor, name)
    return type(f"Counting{type(cursor).__name__}", (CountingCursor,), namespace)


def _forward(name: str) -> property:
    def read(self: CountingCursor) -> Any:
        return getattr(self._qprof_cursor, name)

    def write(self: CountingCursor, value: Any) -> None:
        setattr(self._qprof_cursor, name, value)

    return property(read, write)
