"""Keeps PostgreSQL's drivers in read-only transactions where they would begin none.

Under autocommit, and past the adapter of an async driver, no BEGIN is sent that could say READ
ONLY. Private names of drivers are read here: `_start_query`, `_check_intrans_gen`, `_exec_command`
and `_get_tx_start_command` of psycopg 3, and `_protocol` of asyncpg 0.30.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import Any

from sqlalchemy.engine.interfaces import DBAPIConnection

_ONLY_BEGIN = re.compile(r"\s*(BEGIN|START\s+TRANSACTION)\b[^;]*;?\s*", re.IGNORECASE)
_SENDING = ("bind_execute", "bind_execute_many", "copy_in", "copy_out")
"""The methods of asyncpg's protocol that run a statement, beside `query`."""

Watch = Callable[[], None]
"""Ends what watches a connection."""


def watched(driver: Any, name: str) -> Watch | None:
    """Have a driver's connection refuse writes outside of transactions; None where it cannot."""
    if name in ("psycopg", "psycopg_async") and hasattr(driver, "_start_query"):
        return _watched_psycopg(driver)
    if name == "asyncpg":
        return _Asyncpg(driver).stop
    if name == "psycopg2" and hasattr(driver, "qprof_hold"):
        driver.qprof_hold()
        release: Watch = driver.qprof_release
        return release
    return None


def _watched_psycopg(driver: Any) -> Watch:
    """Send BEGIN READ ONLY before the first statement, under autocommit, too."""
    own_start, own_check = driver._start_query, driver._check_intrans_gen

    def is_idle() -> bool:
        return int(driver.pgconn.transaction_status) == 0

    def start_query() -> Iterator[Any]:
        if driver.autocommit and is_idle():
            begin = driver._get_tx_start_command().replace(b" READ WRITE", b"")
            only = begin if b"READ ONLY" in begin else begin + b" READ ONLY"
            yield from driver._exec_command(only)
        else:
            yield from own_start()

    def check_intrans(attribute: str) -> Iterator[object]:
        # The transaction is ours: without us the driver would be in none.
        if driver.autocommit and not is_idle():
            yield from driver._exec_command(b"ROLLBACK")
        yield from own_check(attribute)

    def stop() -> None:
        vars(driver).pop("_start_query", None)
        vars(driver).pop("_check_intrans_gen", None)

    driver._start_query, driver._check_intrans_gen = start_query, check_intrans
    return stop


class _Holding:
    """Sends BEGIN under autocommit, too, while it is held: a mixin for psycopg2's connections."""

    _qprof_wanted: bool | None = None
    """What the user has set, while it is held."""

    @property
    def autocommit(self) -> bool:
        """Whether the driver is asked to begin no transaction."""
        wanted = self._qprof_wanted
        return bool(_flag(self).__get__(self)) if wanted is None else wanted

    @autocommit.setter
    def autocommit(self, value: bool) -> None:
        if self._qprof_wanted is None:
            _flag(self).__set__(self, value)
        else:
            self._qprof_wanted = bool(value)

    def set_session(self, *arguments: object, **options: object) -> None:
        """Set what psycopg2's set_session sets."""
        own: Any = super()
        if self._qprof_wanted is not None and options.get("autocommit") is not None:
            self._qprof_wanted = bool(options.pop("autocommit"))
        own.set_session(*arguments, **options)

    def set_isolation_level(self, level: int | None) -> None:
        """Set the level; 0 is autocommit."""
        own: Any = super()
        if self._qprof_wanted is not None and level == 0:
            self._qprof_wanted = True
        else:
            own.set_isolation_level(level)

    def cursor(self, *arguments: object, **options: object) -> object:
        """Return a cursor that notices the end of a transaction by a text."""
        own: Any = super()
        base = options.pop("cursor_factory", None) or own.cursor_factory
        base = base or import_module("psycopg2.extensions").cursor
        wanted = _noticing(base) if isinstance(base, type) else base
        return own.cursor(*arguments, cursor_factory=wanted, **options)

    def qprof_hold(self) -> None:
        """Begin a transaction before each statement that is in none."""
        if self._qprof_wanted is None:
            wanted = self.autocommit
            if wanted:
                self.autocommit = False
            self._qprof_wanted = wanted

    def qprof_release(self) -> None:
        """Go on as the user has set it."""
        wanted, self._qprof_wanted = self._qprof_wanted, None
        if wanted:
            own: Any = super()
            own.rollback()
            self.autocommit = True


class _Noticing:
    """A mixin for psycopg2's cursors.

    After a COMMIT that was sent as a text psycopg2 sends no BEGIN: it believes in the transaction
    until it is asked to end it.
    """

    connection: DBAPIConnection

    def execute(self, *arguments: object, **options: object) -> object:
        """Run a statement, in a transaction that begins anew where a text has ended the last."""
        self._begin_anew()
        own: Any = super()
        return own.execute(*arguments, **options)

    def executemany(self, *arguments: object, **options: object) -> object:
        """Do the same many times."""
        self._begin_anew()
        own: Any = super()
        return own.executemany(*arguments, **options)

    def copy_expert(self, *arguments: object, **options: object) -> object:
        """Copy rows."""
        self._begin_anew()
        own: Any = super()
        return own.copy_expert(*arguments, **options)

    def _begin_anew(self) -> None:
        own = self.connection
        is_idle = own.status == _BEGUN and not own.info.transaction_status
        if own._qprof_wanted is not None and is_idle:
            own.rollback()


_BEGUN = 2
"""psycopg2.extensions.STATUS_BEGIN."""


@cache
def _noticing(base: Any) -> object:
    return type("Noticing", (_Noticing, base), {})


def _flag(connection: object) -> Any:
    """Return the descriptor of psycopg2's own `autocommit`, which `super()` cannot set."""
    own: Any = next(each for each in type(connection).__mro__ if each.__module__ != __name__)
    return own.autocommit


@cache
def holding(base: Any) -> object:
    """Return a class of psycopg2's connections that can be held in transactions."""
    return type("Holding", (_Holding, base), {})


class _Asyncpg:
    """Runs each statement that is in no transaction in one of its own, read-only."""

    def __init__(self, driver: Any) -> None:
        self._protocol = driver._protocol
        self._query = self._protocol.query
        self._protocol.query = self._queried
        for name in _SENDING:
            setattr(self._protocol, name, self._within(getattr(self._protocol, name)))

    def stop(self) -> None:
        for name in ("query", *_SENDING):
            vars(self._protocol).pop(name, None)

    async def _queried(self, text: str, *arguments: object, **options: object) -> object:
        """Run a text, which may begin a transaction that the user ends."""
        if not _ONLY_BEGIN.fullmatch(text):
            return await self._within(self._query)(text, *arguments, **options)
        done = await self._query(text, *arguments, **options)
        if "READ ONLY" not in text:
            await self._query("SET TRANSACTION READ ONLY", None)
        return done

    def _within(self, own: Callable[..., Any]) -> Callable[..., Any]:
        async def run(*arguments: object, **options: object) -> object:
            if self._protocol.is_in_transaction():
                return await own(*arguments, **options)
            await self._query("BEGIN READ ONLY", None)
            try:
                return await own(*arguments, **options)
            finally:
                if self._protocol.is_in_transaction():
                    await self._query("ROLLBACK", None)

        return run
