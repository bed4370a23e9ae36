"""What SQLite itself was asked for and gave, counted below SQLAlchemy.

It shares no code with qprof, and stands where the driver stands: nothing passes it by.
"""

import sqlite3
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, create_engine


@dataclass
class Counts:
    """Executions, rows that were handed out, and rows times their columns."""

    queries: int = 0
    rows: int = 0
    cells: int = 0

    def reset(self) -> None:
        self.queries = self.rows = self.cells = 0

    def took(self, rows: int, description: Any) -> None:
        self.rows += rows
        self.cells += rows * len(description or ())

    def totals(self) -> tuple[int, int, int]:
        return self.queries, self.rows, self.cells


def witnessed_engine(url: str, **options: Any) -> tuple[Engine, Counts]:
    """Return an engine for `url`, and what its connections count."""
    factory, counts = witness()
    return create_engine(url, connect_args={"factory": factory}, **options), counts


def witness() -> tuple[type[sqlite3.Connection], Counts]:
    """Return a connection class, and what its cursors count."""
    counts = Counts()

    class Cursor(sqlite3.Cursor):
        def execute(self, *args: Any) -> Any:
            counts.queries += 1
            return super().execute(*args)

        def executemany(self, *args: Any) -> Any:
            counts.queries += 1
            return super().executemany(*args)

        def fetchone(self) -> Any:
            row = super().fetchone()
            counts.took(0 if row is None else 1, self.description)
            return row

        def fetchmany(self, *args: Any, **kwargs: Any) -> Any:
            rows = super().fetchmany(*args, **kwargs)
            counts.took(len(rows), self.description)
            return rows

        def fetchall(self) -> Any:
            rows = super().fetchall()
            counts.took(len(rows), self.description)
            return rows

        def __next__(self) -> Any:
            row = super().__next__()
            counts.took(1, self.description)
            return row

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

    return Connection, counts
