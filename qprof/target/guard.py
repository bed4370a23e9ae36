"""Keeps the user's own engines from writing while their calls are measured.

Before and after, in a setup step, they may: an example database in memory has to be filled. What
the database is asked goes past SQLAlchemy's events, so it is in no figure.
"""

import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Engine, event

from qprof.database import KEPT_READ_ONLY
from qprof.target.loop import Loop

_MARK = "qprof_guarded"

_STATEMENTS: dict[str, tuple[str, str]] = {
    "sqlite": ("PRAGMA query_only = 1", "PRAGMA query_only = 0"),
    "postgresql": (
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
    ),
    "mariadb": ("SET SESSION TRANSACTION READ ONLY", "SET SESSION TRANSACTION READ WRITE"),
    "mysql": ("SET SESSION TRANSACTION READ ONLY", "SET SESSION TRANSACTION READ WRITE"),
}
"""By dialect: what forbids writing on a connection, and what allows it again."""


class Guard:
    """Knows every connection that is taken from any engine while it stands."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._strict = False
        self._taken: weakref.WeakSet[Connection] = weakref.WeakSet()

    def __enter__(self) -> "Guard":
        event.listen(Engine, "engine_connect", self._take)
        return self

    def __exit__(self, *error: Any) -> None:
        event.remove(Engine, "engine_connect", self._take)

    @contextmanager
    def strict(self) -> Iterator[None]:
        """Refuse writes inside this block, on connections that are open already, too."""
        self._strict = True
        self._all(forbid=True)
        try:
            yield
        finally:
            self._strict = False
            self._all(forbid=False)

    def _take(self, connection: Connection) -> None:
        self._taken.add(connection)
        _turn(connection, forbid=self._strict)

    def _all(self, *, forbid: bool) -> None:
        for connection in [each for each in self._taken if not each.closed]:
            if connection.dialect.is_async:
                self._loop.run_plain(lambda each=connection: _turn(each, forbid=forbid))  # type: ignore[misc]
            else:
                _turn(connection, forbid=forbid)


def _turn(connection: Connection, *, forbid: bool) -> None:
    """Forbid or allow writing, where that is not how the connection stands already.

    A pooled connection that was left forbidden is allowed again when it is next taken.
    """
    info, name = connection.info, connection.dialect.name
    if info.get(_MARK, False) is forbid or KEPT_READ_ONLY in info or name not in _STATEMENTS:
        return
    failures = () if forbid else (connection.dialect.dbapi.Error,)  # type: ignore[union-attr]
    with suppress(*failures):
        _send(connection, _STATEMENTS[name][0 if forbid else 1])
        info[_MARK] = forbid


def _send(connection: Connection, statement: str) -> None:
    own: Any = connection.connection.dbapi_connection
    within = connection.dialect.name == "postgresql" and connection.in_transaction()
    cursor = own.cursor()
    cursor.execute(statement)
    if within:
        # The transaction that is open keeps the mode that it began with.
        cursor.execute(statement.replace("SESSION CHARACTERISTICS AS ", ""))
    cursor.close()
    if connection.dialect.name == "postgresql" and not within:
        # It would be rolled back with the transaction that the driver began for it.
        own.commit()
