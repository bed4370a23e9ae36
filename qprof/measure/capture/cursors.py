"""A stand-in for a DBAPI cursor that counts the rows which pass through it.

For whatever is not asked for rows through a `Sent`: writes that return rows, server-side cursors,
and SQLAlchemy's own buffers. The class is generated for each driver's cursor type, without
`__getattr__` where the driver has none: that hook would slow every attribute read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from time import perf_counter
from typing import Any, Protocol

from sqlalchemy.engine.interfaces import DBAPICursor

_OWN = {"fetchone", "fetchmany", "fetchall", "close", "description"}
_classes: dict[object, type] = {}


class Counter(Protocol):
    """What a stand-in tells of its rows: a `Sent`, as far as it is needed for that."""

    cursor: DBAPICursor
    done: Callable[[], None] | None
    fetch: float
    in_batches: int
    looks: bool
    singly: Iterable[bool]

    def look(self, rows: object) -> None:
        """Look at rows that were just fetched."""

    def one(self, row: object) -> None:
        """Count a row that was taken alone."""


class CountingCursor:
    """What all generated classes share. Drivers have a `_cursor` of their own: hence the prefix."""

    _qprof_cursor: Any
    _qprof_sent: Counter
    close: Callable[[], object]

    def fetchall(self) -> object:
        """Fetch the rest, counted and timed."""
        started = perf_counter()
        rows = self._qprof_cursor.fetchall()
        sent = self._qprof_sent
        sent.fetch += perf_counter() - started
        sent.in_batches += len(rows)
        if sent.looks:
            sent.look(rows)
        return rows

    def fetchmany(self, *args: Any, **kwargs: Any) -> object:
        """Fetch a batch, counted and timed."""
        started = perf_counter()
        rows = self._qprof_cursor.fetchmany(*args, **kwargs)
        sent = self._qprof_sent
        sent.fetch += perf_counter() - started
        sent.in_batches += len(rows)
        if sent.looks:
            sent.look(rows)
        return rows

    def __iter__(self) -> Iterator[object]:
        return iter(self.fetchone, None)

    def fetchone(self) -> object:
        """Fetch one row, counted."""
        row, sent = self._qprof_cursor.fetchone(), self._qprof_sent
        if row is not None:
            for _ in sent.singly:
                return row
        sent.one(row)
        return row


def stand_in(cursor: Any, sent: Counter) -> object:
    """Return a counting stand-in for `cursor`."""
    description = cursor.description
    if description is None:
        # psycopg2's server-side cursors describe their columns at the first fetch, not before.
        sent.cursor, sent.looks = cursor, True
    kind: object = (type(cursor), description is None)
    generated = _classes.get(kind)
    if generated is None:
        generated = _classes[kind] = _generate(cursor, description is None)
    own = generated()
    own._qprof_cursor, own._qprof_sent = cursor, sent
    own.close = cursor.close if sent.done is None else partial(_close, cursor.close, sent.done)
    if description is not None:
        own.description = description
    return own


def _close(close: Callable[[], object], done: Callable[[], None]) -> object:
    done()
    return close()


def _generate(cursor: DBAPICursor, live: bool) -> type:
    own = _OWN - {"description"} if live else _OWN
    names = [name for name in dir(cursor) if not name.startswith("__") and name not in own]
    namespace: dict[str, object] = {name: _forward(name) for name in names}
    if hasattr(type(cursor), "__getattr__"):
        # Some async adapters forward what `dir` does not tell.
        namespace["__getattr__"] = lambda self, name: getattr(self._qprof_cursor, name)
    return type(f"Counting{type(cursor).__name__}", (CountingCursor,), namespace)


def _forward(name: str) -> property:
    def read(self: CountingCursor) -> object:
        return getattr(self._qprof_cursor, name)

    def write(self: CountingCursor, value: object) -> None:
        setattr(self._qprof_cursor, name, value)

    return property(read, write)
