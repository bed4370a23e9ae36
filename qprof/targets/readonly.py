"""Tells a connection to refuse writes, for each of its transactions anew.

Nothing here outlives a transaction on the server: a pooler may hand the server's connection to
another client as soon as the transaction ends. SQLite has no server, and its switch is given back.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, ClassVar, Protocol

from sqlalchemy import Dialect
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.pool import ConnectionPoolEntry

from qprof.domain.errors import MeasureError
from qprof.targets.autocommit import Watch, watched
from qprof.targets.statements import refused, unlocked

_BEGIN = {
    "postgresql": "BEGIN READ ONLY",
    "mariadb": "START TRANSACTION READ ONLY",
    "mysql": "START TRANSACTION READ ONLY",
}

_IN_TRANSACTION = 0x0001
"""SERVER_STATUS_IN_TRANS of the MySQL protocol: a transaction is open."""
_IN_READ_ONLY = 0x2000
"""SERVER_STATUS_IN_TRANS_READONLY of the MySQL protocol: it is open, and refuses writes."""


_REFUSED = re.compile(r"readonly database|read[- ]only transaction", re.IGNORECASE)
"""What SQLite, and what PostgreSQL, MariaDB and MySQL say to a write, in English."""
_CODES = ("25006", 1792)
"""PostgreSQL's read_only_sql_transaction, and ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION of MariaDB
and MySQL: a server may speak another language."""


def refusal_in(error: BaseException) -> str | None:
    """Return what a database said to a write that it refused; None for any other error.

    SQLAlchemy and the user's code may have wrapped the driver's error.
    """
    seen: list[BaseException] = []
    each: BaseException | None = error
    while each is not None and each not in seen:
        seen.append(each)
        said = _said_by(getattr(each, "orig", None) or each)
        if said:
            return said
        each = each.__cause__ or each.__context__
    return None


def refusal(reason: str) -> str:
    """Return what qprof itself says to a statement that it refuses."""
    return f"qprof refuses {reason}, which reaches beyond a read-only transaction"


def _said_by(error: BaseException) -> str:
    """Return the line by which a driver's error refuses a write; "" for another error."""
    said = str(error.args[-1] if error.args else error)
    lines = [each for each in said.splitlines() if _REFUSED.search(each)]
    codes = {getattr(error, "sqlstate", None), getattr(error, "pgcode", None), *error.args[:1]}
    if codes.intersection(_CODES):
        return (lines or said.splitlines() or ["no reason given"])[0]
    return lines[0] if lines and type(error).__module__ != "builtins" else ""


class ReadOnly(Protocol):
    """One pooled connection that refuses writes between `forbid` and `allow`."""

    def forbid(self, *, held: bool) -> None:
        """Refuse writes from now on; `held` connections may be in the middle of a transaction.

        Raises MeasureError where the open transaction cannot be told.
        """

    def began(self) -> None:
        """SQLAlchemy has begun a transaction."""

    def ending(self) -> None:
        """SQLAlchemy is about to end the transaction."""

    def ended(self) -> None:
        """SQLAlchemy has ended the transaction."""

    def release(self) -> None:
        """Roll back the transaction, if it began read-only: it could not be made to write."""

    def allow(self) -> bool:
        """Give back what stood before; return whether nothing is left to give back."""


def read_only(entry: ConnectionPoolEntry, dialect: Dialect) -> ReadOnly:
    """Return what tells the connection of `entry` to refuse writes."""
    if dialect.name == "sqlite":
        return _Sqlite(entry)
    if dialect.name == "postgresql":
        return _PostgreSQL(entry, dialect)
    if dialect.name in ("mariadb", "mysql"):
        driver = entry.driver_connection
        # Cython and C connections take no attribute of ours.
        if hasattr(driver, "server_status") and hasattr(driver, "__dict__"):
            return _WatchedMySQL(entry, dialect)
        return _MySQL(entry, dialect)
    return _Nothing()


class _Nothing:
    """A database that cannot refuse writes: the rollback alone protects it."""

    def forbid(self, *, held: bool) -> None:
        pass

    def began(self) -> None:
        pass

    def ending(self) -> None:
        pass

    def ended(self) -> None:
        pass

    def release(self) -> None:
        pass

    def allow(self) -> bool:
        return True


class _Sqlite(_Nothing):
    def __init__(self, entry: ConnectionPoolEntry) -> None:
        self._entry = entry
        self._before = 0
        self._attached: set[str] = set()

    def forbid(self, *, held: bool) -> None:
        self._before = _ask(self._entry, "PRAGMA query_only")
        self._attached = _databases(self._entry)
        _send(self._entry, "PRAGMA query_only = 1")

    def allow(self) -> bool:
        _send(self._entry, f"PRAGMA query_only = {self._before:d}")
        for name in _databases(self._entry) - self._attached:
            # What a call attaches outlives its transaction, and the next run would meet it.
            with suppress(Exception):
                quoted = name.replace('"', '""')
                _send(self._entry, f'DETACH "{quoted}"')
        return True


class _PostgreSQL:
    """Sets the driver's flag, so that its BEGIN says READ ONLY.

    A transaction that is open already is told by itself. Where a driver begins none (AUTOCOMMIT),
    its connection is watched; one that cannot be watched is given a transaction.
    """

    _FLAGGED: ClassVar = ("psycopg", "psycopg_async", "psycopg2", "asyncpg")
    """Drivers whose flag is the client's own; the others' is a SET SESSION."""

    def __init__(self, entry: ConnectionPoolEntry, dialect: Dialect) -> None:
        self._entry = entry
        self._dialect: Any = dialect
        self._has_flag = dialect.driver in self._FLAGGED
        self._before: object = None
        self._is_flagged = False
        self._began_itself = False
        self._watch: Watch | None = None

    @property
    def _is_autocommit(self) -> bool:
        own = self._entry.dbapi_connection
        return self._watch is None and bool(getattr(own, "autocommit", False))

    def forbid(self, *, held: bool) -> None:
        if self._watch is None:
            self._watch = watched(self._entry.driver_connection, self._dialect.driver)
        if self._is_autocommit:
            # There psycopg2 would turn its flag into a SET SESSION.
            self.began()
            return
        self._raise_flag()
        if held or self._is_open():
            _send(self._entry, "SET TRANSACTION READ ONLY")

    def began(self) -> None:
        if self._is_autocommit and not self._began_itself:
            _send(self._entry, _BEGIN["postgresql"])
            self._began_itself = True
        elif not self._is_flagged and not self._began_itself:
            _send(self._entry, "SET TRANSACTION READ ONLY")

    def ending(self) -> None:
        if self._began_itself:
            self._began_itself = False
            _send(self._entry, "ROLLBACK")

    def ended(self) -> None:
        if not self._is_autocommit:
            self._raise_flag()

    def release(self) -> None:
        if self._is_flagged:
            _roll_back(self._entry)

    def allow(self) -> bool:
        self.ending()
        if self._is_flagged:
            with suppress(self._dialect.dbapi.Error):
                self._dialect.set_readonly(self._entry.dbapi_connection, self._before)
                self._is_flagged = False
        if self._watch is not None and not self._is_flagged:
            self._watch()
            self._watch = None
        return not self._is_flagged

    def _raise_flag(self) -> None:
        """Set the flag; a driver refuses it while a transaction is open."""
        if self._has_flag and not self._is_flagged:
            own = self._entry.dbapi_connection
            with suppress(self._dialect.dbapi.Error):
                self._before = self._dialect.get_readonly(own)
                self._dialect.set_readonly(own, True)
                self._is_flagged = True

    def _is_open(self) -> bool:
        """Return whether a listener of the user's has begun a transaction at the checkout."""
        if not self._is_flagged:
            return True
        is_open = getattr(self._entry.driver_connection, "is_in_transaction", None)
        return is_open is not None and is_open()


class _MySQL(_Nothing):
    """Begins each transaction of SQLAlchemy's READ ONLY."""

    def __init__(self, entry: ConnectionPoolEntry, dialect: Dialect) -> None:
        self._entry = entry
        self._name = dialect.name

    def forbid(self, *, held: bool) -> None:
        if held:
            raise _begun_already(self._name)
        _send(self._entry, _BEGIN[self._name])

    def began(self) -> None:
        _send(self._entry, _BEGIN[self._name])

    def release(self) -> None:
        _roll_back(self._entry)


class _WatchedMySQL(_Nothing):
    """Begins a READ ONLY transaction before each statement that the server has in no such one.

    The server tells with each answer, so that it also holds after a COMMIT of whatever kind, and
    for what goes past SQLAlchemy.
    """

    def __init__(self, entry: ConnectionPoolEntry, dialect: Dialect) -> None:
        self._entry = entry
        self._driver: Any = entry.driver_connection
        self._name = dialect.name
        self._dbapi: Any = dialect.dbapi
        self._is_async = dialect.is_async

    def forbid(self, *, held: bool) -> None:
        status = self._driver.server_status
        if status & _IN_TRANSACTION and not status & _IN_READ_ONLY:
            raise _begun_already(self._name)
        self._driver.query = self._watched_async() if self._is_async else self._watched()

    def release(self) -> None:
        if self._driver.server_status & _IN_READ_ONLY:
            _roll_back(self._entry)

    def allow(self) -> bool:
        vars(self._driver).pop("query", None)
        return True

    def _watched(self) -> Callable[..., object]:
        own = self._driver.query

        def query(statement: Any, *arguments: Any, **options: Any) -> Any:
            if self._needs_begin(statement):
                own(_BEGIN[self._name])
            return own(self._plain(statement), *arguments, **options)

        return query

    def _watched_async(self) -> Callable[..., object]:
        own = self._driver.query

        async def query(statement: Any, *arguments: Any, **options: Any) -> Any:
            if self._needs_begin(statement):
                await own(_BEGIN[self._name])
            return await own(self._plain(statement), *arguments, **options)

        return query

    def _plain(self, statement: Any) -> Any:
        """Return a statement that locks no rows."""
        text = statement if isinstance(statement, str) else _text_of(statement)
        plain = unlocked(self._name, text)
        if plain is text:
            return statement
        return plain if isinstance(statement, str) else plain.encode("utf-8", "surrogateescape")

    def _needs_begin(self, statement: str | bytes | bytearray) -> bool:
        """Return whether a statement would run where the server lets it write.

        SET TRANSACTION is about the next transaction, and MySQL refuses it inside of one. Raises
        the driver's error for what commits by itself, as MariaDB does for a CREATE TABLE.
        """
        text = statement if isinstance(statement, str) else _text_of(statement)
        reason = refused(self._name, text)
        if reason is not None:
            raise self._dbapi.OperationalError(_CODES[1], refusal(reason))
        if self._driver.server_status & _IN_READ_ONLY:
            return False
        return text[:40].upper().split()[:2] != ["SET", "TRANSACTION"]


def _text_of(statement: bytes | bytearray) -> str:
    return statement.decode("utf-8", "surrogateescape")


def _begun_already(name: str) -> MeasureError:
    return MeasureError(
        f"A connection to {name} is open when the call begins, and {name} cannot be told to refuse "
        "the writes of a transaction that has begun. Commit or close it, where the setup step or "
        "the constructor ends."
    )


def _roll_back(entry: ConnectionPoolEntry) -> None:
    own: Any = entry.dbapi_connection
    own.rollback()


def _send(entry: ConnectionPoolEntry, statement: str) -> None:
    with _cursor(entry) as cursor:
        cursor.execute(statement)


def _ask(entry: ConnectionPoolEntry, statement: str) -> int:
    with _cursor(entry) as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def _databases(entry: ConnectionPoolEntry) -> set[str]:
    """Return the names of what an SQLite connection has attached; `temp` comes by itself."""
    with _cursor(entry) as cursor:
        cursor.execute("PRAGMA database_list")
        return {str(row[1]) for row in cursor.fetchall()} - {"temp"}


@contextmanager
def _cursor(entry: ConnectionPoolEntry) -> Iterator[Any]:
    own: Any = entry.dbapi_connection
    cursor = own.cursor()
    try:
        yield cursor
    finally:
        cursor.close()


@contextmanager
def unless_collected() -> Iterator[None]:
    """Leave a connection of an async engine alone that Python's collector gives back.

    It does so outside of the event loop, where nothing can be sent. SQLAlchemy closes it then.
    """
    with suppress(MissingGreenlet):
        yield
