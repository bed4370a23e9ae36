"""What SQLite was asked for and gave while a block ran, whoever opened the connections.

It shares no code with qprof: `sqlite3.connect` itself is exchanged, so that engines which an
application makes for itself are seen, and those of aiosqlite, which have threads of their own.
"""

import sqlite3
import sqlite3.dbapi2
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

UPKEEP = ("PRAGMA", "BEGIN", "COMMIT", "ROLLBACK")
"""What a connection is kept with; none of it is asked by the call."""


@dataclass
class Counts:
    """Executions, rows that were handed out, and rows times their columns."""

    queries: int = 0
    rows: int = 0
    cells: int = 0

    def asked(self, statement: str) -> bool:
        """Count `statement`; return whether it was one to count."""
        wanted = not statement.lstrip().upper().startswith(UPKEEP)
        self.queries += wanted
        return wanted

    def took(self, rows: int, columns: int) -> None:
        """Count rows of so many columns."""
        self.rows += rows
        self.cells += rows * columns

    def totals(self) -> tuple[int, int, int]:
        """Return queries, rows and cells."""
        return self.queries, self.rows, self.cells


@contextmanager
def witnessing() -> Iterator[Counts]:
    """Count on every SQLite connection that is opened inside of the block."""
    counts = Counts()
    opened, connection = sqlite3.connect, _connection(counts)

    def connect(*args: Any, **kwargs: Any) -> Any:
        return opened(*args, **{"factory": connection, **kwargs})

    vars(sqlite3)["connect"] = vars(sqlite3.dbapi2)["connect"] = connect
    try:
        yield counts
    finally:
        vars(sqlite3)["connect"] = vars(sqlite3.dbapi2)["connect"] = opened


def _connection(counts: Counts) -> type[sqlite3.Connection]:
    cursors = type("Cursor", (_Cursor,), {"counts": counts})

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = cursors) -> Any:
            return super().cursor(factory)

        def execute(self, *args: Any) -> Any:
            return self.cursor().execute(*args)

    return Connection


class _Cursor(sqlite3.Cursor):
    counts: Counts
    counted = True

    def execute(self, statement: str, *args: Any) -> Any:
        self.counted = self.counts.asked(statement)
        return super().execute(statement, *args)

    def executemany(self, statement: str, *args: Any) -> Any:
        self.counted = self.counts.asked(statement)
        return super().executemany(statement, *args)

    def _took(self, rows: int) -> None:
        if self.counted:
            self.counts.took(rows, len(self.description or ()))

    def fetchone(self) -> Any:
        row = super().fetchone()
        self._took(0 if row is None else 1)
        return row

    def fetchmany(self, *args: Any, **kwargs: Any) -> Any:
        rows = super().fetchmany(*args, **kwargs)
        self._took(len(rows))
        return rows

    def fetchall(self) -> Any:
        rows = super().fetchall()
        self._took(len(rows))
        return rows

    def __next__(self) -> Any:
        row = super().__next__()
        self._took(1)
        return row
