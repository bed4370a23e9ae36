"""Keeps the user's own engines from writing while their calls are measured.

Before and after, in a setup step, they may: an example database in memory has to be filled. What
this asks of the database goes past SQLAlchemy's events, so it is in no figure.
"""

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry, Pool, PoolProxiedConnection

from qprof.targets.code.loop import Loop
from qprof.targets.code.readonly import ReadOnly, read_only, unless_collected
from qprof.targets.database import KEPT_READ_ONLY

_HOOKED = ("postgresql", "mariadb", "mysql")


class Guard:
    """Knows every connection that is taken from any pool while it stands."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._strict = False
        self._pools: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
        """The pool of each entry that was in use."""
        self._forbidden: weakref.WeakKeyDictionary[Any, ReadOnly] = weakref.WeakKeyDictionary()
        """The entries whose connection is told to refuse writes."""
        self._hooks: dict[Any, _Hooks] = {}

    def __enter__(self) -> "Guard":
        event.listen(Pool, "checkout", self._take)
        event.listen(Pool, "checkin", self._give_back)
        return self

    def __exit__(self, *error: Any) -> None:
        """Leave the user's engines as they were; a pool of our event loop's ends with it."""
        event.remove(Pool, "checkout", self._take)
        event.remove(Pool, "checkin", self._give_back)
        for hooks in self._hooks.values():
            hooks.remove()
        for entry, pool in list(self._pools.items()):
            if pool._dialect.is_async:
                self._loop.run_plain(pool.dispose)
            elif entry.dbapi_connection is not None:
                self._allow(entry)

    @contextmanager
    def strict(self) -> Iterator[None]:
        """Refuse writes inside this block, on connections that are in use already, too.

        Raises MeasureError where that cannot be done.
        """
        self._turn_used(self._forbid_held)
        self._strict = True
        try:
            yield
        finally:
            self._strict = False
            self._turn_used(self._allow)

    def _take(self, own: Any, entry: ConnectionPoolEntry, proxy: PoolProxiedConnection) -> None:
        # SQLAlchemy has no public way from a pooled connection to its dialect.
        pool: Any = proxy._pool
        self._pools[entry] = pool
        if pool._dialect.name in _HOOKED and pool._dialect not in self._hooks:
            self._hooks[pool._dialect] = _Hooks(self, pool._dialect)
        self._allow(entry)
        if self._strict:
            self._forbid(entry, held=False)

    def _give_back(self, own: Any, entry: ConnectionPoolEntry) -> None:
        if own is not None:
            with unless_collected():
                self._allow(entry)

    def _turn_used(self, turn: Callable[[Any], None]) -> None:
        for entry, pool in list(self._pools.items()):
            if entry.in_use and entry.dbapi_connection is not None:
                once = partial(turn, entry)
                self._loop.run_plain(once) if pool._dialect.is_async else once()

    def _forbid_held(self, entry: Any) -> None:
        if entry not in self._forbidden:
            self._forbid(entry, held=True)

    def _forbid(self, entry: Any, *, held: bool) -> None:
        if KEPT_READ_ONLY not in entry.info:
            connection = read_only(entry, self._pools[entry]._dialect)
            connection.forbid(held=held)
            self._forbidden[entry] = connection

    def _allow(self, entry: Any) -> None:
        """Give a connection back as it was; one in a transaction stays until that has ended."""
        connection = self._forbidden.get(entry)
        if connection is not None and connection.allow():
            del self._forbidden[entry]

    def connection(self, proxy: Any) -> ReadOnly | None:
        """Return what is told about the connection that SQLAlchemy's dialect is handed."""
        return self._forbidden.get(getattr(proxy, "_connection_record", None))

    @contextmanager
    def forbidding_anew(self, own: Any) -> Iterator[None]:
        """Let a driver's connection change between transactions, and forbid its writes again."""
        entries = [each for each in self._forbidden if each.dbapi_connection is own]
        for entry in entries:
            self._allow(entry)
        yield
        for entry in entries:
            if self._strict:
                self._forbid(entry, held=entry in self._forbidden)

    def settle(self, proxy: Any) -> None:
        """Tell a connection whose transaction has just ended how to go on."""
        connection = self.connection(proxy)
        if connection is not None and self._strict:
            connection.ended()
        elif connection is not None:
            self._allow(proxy._connection_record)


class _Hooks:
    """Tells a guard when a dialect begins and ends transactions; SQLAlchemy has no event for it.

    An engine's events `begin`, `commit` and `rollback` would make each of its statements slower.
    """

    def __init__(self, guard: Guard, dialect: Any) -> None:
        self._guard = guard
        self._dialect = dialect
        for name, wrap in (
            ("do_begin", self._beginning),
            ("do_commit", self._ending),
            ("do_rollback", self._ending),
            ("set_isolation_level", self._changing),
        ):
            setattr(dialect, name, wrap(getattr(dialect, name)))

    def remove(self) -> None:
        for name in ("do_begin", "do_commit", "do_rollback", "set_isolation_level"):
            vars(self._dialect).pop(name, None)

    def _beginning(self, own: Callable[[Any], None]) -> Callable[[Any], None]:
        def do_begin(proxy: Any) -> None:
            own(proxy)
            connection = self._guard.connection(proxy)
            if connection is not None:
                connection.began()

        return do_begin

    def _ending(self, own: Callable[[Any], None]) -> Callable[[Any], None]:
        def end(proxy: Any) -> None:
            connection = self._guard.connection(proxy)
            if connection is not None:
                connection.ending()
            own(proxy)
            self._guard.settle(proxy)

        return end

    def _changing(self, own: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
        def set_isolation_level(connection: Any, level: Any) -> None:
            with self._guard.forbidding_anew(connection):
                own(connection, level)

        return set_isolation_level
