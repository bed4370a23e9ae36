"""Keeps the user's own engines from writing while their calls are measured.

Before and after, in a setup step, they may: an example database in memory has to be filled. What
this asks of the database goes past SQLAlchemy's events, so it is in no figure.
"""

import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry, Pool, PoolProxiedConnection

from qprof.database import KEPT_READ_ONLY
from qprof.errors import MeasureError
from qprof.target.loop import Loop

_MARK = "qprof_guarded"

_STATEMENTS = {
    "sqlite": ("PRAGMA query_only = 1", "PRAGMA query_only = 0"),
    "postgresql": (
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
    ),
    "mariadb": ("SET SESSION TRANSACTION READ ONLY", "SET SESSION TRANSACTION READ WRITE"),
    "mysql": ("SET SESSION TRANSACTION READ ONLY", "SET SESSION TRANSACTION READ WRITE"),
}
"""By dialect: what forbids writing on a connection, and what allows it again."""

_UNCHANGEABLE = ("mariadb", "mysql")


class Guard:
    """Knows every connection that is taken from any pool while it stands."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._strict = False
        self._taken: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
        """The entries of pools that were in use, with the pool of each."""

    def __enter__(self) -> "Guard":
        event.listen(Pool, "checkout", self._take)
        return self

    def __exit__(self, *error: Any) -> None:
        """Leave the user's engines as they were; a pool of our event loop's ends with it."""
        event.remove(Pool, "checkout", self._take)
        for entry, pool in list(self._taken.items()):
            if pool._dialect.is_async:
                self._loop.run_plain(pool.dispose)
            elif entry.dbapi_connection is not None:
                _turn(entry.dbapi_connection, entry, pool._dialect, forbid=False)

    @contextmanager
    def strict(self) -> Iterator[None]:
        """Refuse writes inside this block, on connections that are in use already, too.

        Raises MeasureError where that cannot be done.
        """
        self._turn_used(forbid=True)
        self._strict = True
        try:
            yield
        finally:
            self._strict = False
            self._turn_used(forbid=False)

    def _take(self, own: Any, entry: ConnectionPoolEntry, proxy: PoolProxiedConnection) -> None:
        # SQLAlchemy has no public way from a pooled connection to its dialect.
        pool: Any = proxy._pool
        self._taken[entry] = pool
        _turn(own, entry, pool._dialect, forbid=self._strict)

    def _turn_used(self, *, forbid: bool) -> None:
        for entry, pool in list(self._taken.items()):
            if entry.in_use:
                turn = partial(_turn_held, entry, pool._dialect, forbid=forbid)
                self._loop.run_plain(turn) if pool._dialect.is_async else turn()


def _turn_held(entry: Any, dialect: Any, *, forbid: bool) -> None:
    if forbid and dialect.name in _UNCHANGEABLE and KEPT_READ_ONLY not in entry.info:
        raise MeasureError(
            f"A connection to {dialect.name} is open when the call begins, and {dialect.name} "
            "cannot be told to refuse the writes of a transaction that has begun. Commit or close "
            "it, where the setup step or the constructor ends."
        )
    _turn(entry.dbapi_connection, entry, dialect, forbid=forbid, held=True)


def _turn(own: Any, entry: Any, dialect: Any, *, forbid: bool, held: bool = False) -> None:
    """Forbid or allow writing, where that is not how the connection stands already.

    A connection that went back to its pool forbidden is allowed again when it is next taken.
    """
    if entry.info.get(_MARK, False) is forbid or KEPT_READ_ONLY in entry.info:
        return
    # Where allowing fails, as after an error in a transaction, the connection stays forbidden.
    with suppress(*(() if forbid else (dialect.dbapi.Error,))):
        for statement in _statements(dialect.name, forbid=forbid, held=held):
            cursor = own.cursor()
            cursor.execute(statement)
            cursor.close()
        entry.info[_MARK] = forbid
        if dialect.name == "postgresql" and not held:
            # It would be rolled back with the transaction that the driver began for it.
            own.commit()


def _statements(name: str, *, forbid: bool, held: bool) -> Iterator[str]:
    if name in _STATEMENTS:
        yield _STATEMENTS[name][0 if forbid else 1]
    if name == "postgresql" and held and forbid:
        # The transaction that may be open keeps the mode that it began with.
        yield "SET TRANSACTION READ ONLY"
