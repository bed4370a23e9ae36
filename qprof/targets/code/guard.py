"""Keeps the user's own engines from writing while their calls are measured.

In a setup step they may write: an example database in memory has to be filled. What this asks of
the database goes past SQLAlchemy's events, so it is in no figure.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `_connection_record`, `_dialect`,
`_is_server_side` and `_pool`.
"""

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import ConnectionPoolEntry, Pool, PoolProxiedConnection

from qprof.measure.bounds import OWN
from qprof.measure.ending import end_statement
from qprof.targets.autocommit import holding
from qprof.targets.code.closing import Sessions, closing_sessions
from qprof.targets.code.loop import Loop
from qprof.targets.database import KEPT_READ_ONLY
from qprof.targets.readonly import (
    ReadOnly,
    read_only,
    refusal,
    refusal_in,
    unless_collected,
)
from qprof.targets.statements import refused, unlocked

_STATEMENTS = ("do_execute", "do_executemany", "do_execute_no_params")
"""The methods by which a dialect sends statements."""


class Guard:
    """Knows every connection that is taken from any pool while it stands."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self.is_strict = False
        """Whether writes are refused at this moment."""
        self._sessions = Sessions(loop)
        """What was used since `strict` began."""
        self._pools: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
        """The pool of each entry that was in use."""
        self._forbidden: weakref.WeakKeyDictionary[Any, ReadOnly] = weakref.WeakKeyDictionary()
        """The entries whose connection is told to refuse writes."""
        self._own: weakref.WeakKeyDictionary[object, object] = weakref.WeakKeyDictionary()
        """The driver's connection that was told, by entry."""
        self._taken: dict[Any, tuple[Any, Any]] = {}
        """By entry, the driver's connections that are in use. One that broke stays: a driver that
        is interrupted may have hung up, while its server goes on."""
        self._hooks: dict[Any, _Hooks] = {}
        self.checkouts = 0
        """How often a connection was taken from a pool."""
        self.refused: list[str] = []
        """What was said to each write that was refused since `strict` began, if not by its raw
        driver; the call may have caught the error."""

    def __enter__(self) -> "Guard":
        event.listen(Engine, "do_connect", _connect)
        event.listen(Pool, "checkout", self._take)
        event.listen(Pool, "checkin", self._give_back)
        return self

    def __exit__(self, *error: object) -> None:
        """Leave the user's engines as they were; a pool of our event loop's ends with it."""
        event.remove(Engine, "do_connect", _connect)
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

        The sessions that are used in it are closed at its end. Raises MeasureError where a
        connection cannot be told to refuse.
        """
        self._turn(self._forbid_held)
        self.is_strict = True
        self.refused.clear()
        try:
            with closing_sessions(self._loop) as self._sessions:
                yield
        finally:
            self.is_strict = False
            self._turn(self._finish)

    @contextmanager
    def relaxed(self) -> Iterator[None]:
        """Let a setup step write in a block within `strict`, but for what others left to it.

        Raises MeasureError where a connection cannot be told to refuse again.
        """
        self._sessions.forget_changes()
        self._turn(self._release)
        self.is_strict = False
        try:
            yield
        finally:
            self.is_strict = True
            self._turn(self._forbid_held)

    def _take(self, own: object, entry: ConnectionPoolEntry, proxy: PoolProxiedConnection) -> None:
        self.checkouts += 1
        # SQLAlchemy has no public way from a pooled connection to its dialect.
        pool: Any = proxy._pool
        self._pools[entry] = pool
        self._taken[entry] = entry.driver_connection, pool
        if pool._dialect not in self._hooks:
            self._hooks[pool._dialect] = _Hooks(self, pool._dialect)
        if self._own.get(entry) is not own:
            # Its connection was closed, and this one is new.
            self._forbidden.pop(entry, None)
        if not self.is_strict:
            self._allow(entry)
        elif entry in self._forbidden:
            self._forbidden[entry].began()
        else:
            self._forbid(entry, held=False)

    def _give_back(self, own: object, entry: ConnectionPoolEntry) -> None:
        """Give back what stood before; in `strict` at its end, since the call may go on with it."""
        if own is not None:
            self._taken.pop(entry, None)
        if own is not None and not self.is_strict:
            with unless_collected():
                self._allow(entry)

    def _turn(self, turn: Callable[[object], None]) -> None:
        for entry, pool in list(self._pools.items()):
            if entry.dbapi_connection is not None:
                once = partial(turn, entry)
                self._loop.run_plain(once) if pool._dialect.is_async else once()

    def _forbid_held(self, entry: Any) -> None:
        if entry.in_use and entry not in self._forbidden:
            self._forbid(entry, held=True)

    def _forbid(self, entry: Any, *, held: bool) -> None:
        if KEPT_READ_ONLY not in entry.info:
            connection = read_only(entry, self._pools[entry]._dialect)
            connection.forbid(held=held)
            self._forbidden[entry] = connection
            self._own[entry] = entry.dbapi_connection

    def _finish(self, entry: Any) -> None:
        # A call may go on with a connection that it has given back, and leave a transaction open.
        if entry.in_use:
            self._allow(entry)
        elif KEPT_READ_ONLY in entry.info:
            entry.dbapi_connection.rollback()
        else:
            self._release(entry)

    def _release(self, entry: object) -> None:
        if entry in self._forbidden:
            self._forbidden[entry].release()
        self._allow(entry)

    def _allow(self, entry: object) -> None:
        """Give a connection back as it was; one in a transaction stays until that has ended."""
        connection = self._forbidden.get(entry)
        if connection is not None and connection.allow():
            del self._forbidden[entry], self._own[entry]

    def connection(self, proxy: object) -> ReadOnly | None:
        """Return what is told about the connection that SQLAlchemy's dialect is handed.

        None for one that was detached from its pool; what its driver was told stays.
        """
        entry = getattr(proxy, "_connection_record", None)
        return self._forbidden.get(entry) if entry is not None else None

    @contextmanager
    def forbidding_anew(self, own: object) -> Iterator[None]:
        """Let a driver's connection change between transactions, and forbid its writes again."""
        entries = [each for each in self._forbidden if each.dbapi_connection is own]
        for entry in entries:
            self._allow(entry)
        yield
        for entry in entries:
            if self.is_strict:
                self._forbid(entry, held=entry in self._forbidden)

    def end_statements(self) -> None:
        """End, from another thread, what the database does on the connections that are in use."""
        for driver, pool in list(self._taken.values()):
            with suppress(Exception):
                end_statement(driver, pool, pool._dialect)

    def note(self, error: Exception, statement: str) -> None:
        """Keep what an error of a statement says, if it refuses a write."""
        said = refusal_in(error) if self.is_strict else None
        if said is not None:
            self.refused.append(f"{said} ({' '.join(statement.split()[:3])})")

    def settle(self, proxy: Any) -> None:
        """Tell a connection whose transaction has just ended how to go on."""
        connection = self.connection(proxy)
        if connection is not None and self.is_strict:
            connection.ended()
        elif connection is not None:
            self._allow(proxy._connection_record)


def _connect(dialect: Any, _: object, arguments: object, options: dict[str, object]) -> None:
    """Have psycopg2, whose connections are of C, make some that can be watched."""
    if dialect.driver == "psycopg2":
        base = options.get("connection_factory") or dialect.dbapi.extensions.connection
        options["connection_factory"] = holding(base) if isinstance(base, type) else base


def _is_own(arguments: tuple[object, ...]) -> bool:
    """Return whether qprof itself sends a statement; its context comes last."""
    context = arguments[-1] if arguments else None
    return bool(getattr(context, "execution_options", {}).get(OWN))


def _is_streamed(arguments: tuple[Any, ...]) -> bool:
    """Return whether a statement is sent on a cursor of the server's, which takes no EXPLAIN."""
    context = arguments[-1] if arguments else None
    return bool(getattr(context, "_is_server_side", False))


class _Hooks:
    """Tells a guard when a dialect begins and ends transactions; SQLAlchemy has no event for it.

    An engine's events `begin`, `commit` and `rollback` would make each of its statements slower.
    """

    def __init__(self, guard: Guard, dialect: Any) -> None:
        self._guard = guard
        self._dialect = dialect
        self._names: list[str] = []
        wrappers: tuple[tuple[str, Callable[[Any], object]], ...] = (
            ("do_begin", self._beginning),
            ("do_commit", self._ending),
            ("do_rollback", self._ending),
            ("set_isolation_level", self._changing),
            *((name, self._sending) for name in _STATEMENTS),
            *self._two_phases(),
        )
        for name, wrap in wrappers:
            setattr(dialect, name, wrap(getattr(dialect, name)))
            self._names.append(name)

    def remove(self) -> None:
        for name in self._names:
            vars(self._dialect).pop(name, None)

    def _beginning(self, own: Callable[[object], None]) -> Callable[[object], None]:
        def do_begin(proxy: object) -> None:
            own(proxy)
            connection = self._guard.connection(proxy)
            if connection is not None:
                connection.began()

        return do_begin

    def _ending(self, own: Callable[[object], None]) -> Callable[[object], None]:
        def end(proxy: object) -> None:
            connection = self._guard.connection(proxy)
            if connection is not None:
                connection.ending()
            own(proxy)
            self._guard.settle(proxy)

        return end

    def _two_phases(self) -> tuple[tuple[str, Callable[[object], object]], ...]:
        """Return what makes a transaction in two phases a plain one, that is rolled back.

        One that is prepared outlives its connection, with its locks. MariaDB's XA transactions do
        not begin within a read-only one.
        """

        def plainly(own: Callable[..., None], instead: Callable[..., None]) -> Callable[..., None]:
            def run(connection: Connection, *arguments: object, **options: object) -> None:
                (instead if self._guard.is_strict else own)(connection, *arguments, **options)

            return run

        def begin(connection: Connection, *_: object, **__: object) -> None:
            self._dialect.do_begin(connection.connection)

        def end(connection: Connection, *_: object, **__: object) -> None:
            self._dialect.do_rollback(connection.connection)

        def prepare(*_: object, **__: object) -> None:
            pass

        return (
            ("do_begin_twophase", lambda own: plainly(own, begin)),
            ("do_prepare_twophase", lambda own: plainly(own, prepare)),
            ("do_commit_twophase", lambda own: plainly(own, end)),
            ("do_rollback_twophase", lambda own: plainly(own, end)),
        )

    def _sending(self, own: Callable[..., None]) -> Callable[..., None]:
        name, dbapi = self._dialect.name, self._dialect.dbapi

        planned: set[str] = set()

        def send(cursor: Any, statement: str, *arguments: Any) -> None:
            try:
                reason = refused(name, statement) if self._guard.is_strict else None
                if reason is not None and not _is_own(arguments):
                    raise dbapi.OperationalError(refusal(reason))
                plain = unlocked(name, statement) if self._guard.is_strict else statement
                if plain is not statement and name == "postgresql" and statement not in planned:
                    # It refuses some locks, as of the nullable side of an outer join: also here.
                    if not _is_streamed(arguments) and not statement.startswith("EXPLAIN"):
                        own(cursor, f"EXPLAIN {statement}", *arguments)
                    planned.add(statement)
                own(cursor, plain, *arguments)
            except Exception as error:
                self._guard.note(error, statement)
                raise

        return send

    def _changing(self, own: Callable[[object, object], None]) -> Callable[[object, object], None]:
        def set_isolation_level(connection: object, level: object) -> None:
            with self._guard.forbidding_anew(connection):
                own(connection, level)

        return set_isolation_level
