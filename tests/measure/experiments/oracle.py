"""Counts what SQLite is sent and gives back, without any code of qprof: a cursor subclass."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

from qprof.domain.trace import Execution


@dataclass
class Counted:
    """What went through all cursors of one connection."""

    queries: int = 0
    rows: int = 0
    cells: int = 0
    sent: set[str] = field(default_factory=set)
    """Each statement with its parameters."""
    again: list[tuple[int, int, int]] = field(default_factory=list)
    """What was sent or fetched for a statement that had been sent with the same parameters."""

    def add(self, row: Any, *, repeated: bool = False) -> Any:
        """Count one row, which may be None, and hand it on."""
        if row is not None:
            self.rows += 1
            self.cells += len(row)
            if repeated:
                self.again.append((0, 1, len(row)))
        return row

    def once(self) -> tuple[int, int, int]:
        """Return queries, rows and cells without those of statements that were sent again."""
        queries, rows, cells = (sum(each) for each in zip((0, 0, 0), *self.again, strict=True))
        return self.queries - queries, self.rows - rows, self.cells - cells

    def figures(self) -> tuple[int, int, int]:
        """Return queries, rows and cells."""
        return self.queries, self.rows, self.cells


class CountingCursor(sqlite3.Cursor):
    """Counts executions and the rows that each way of fetching gives."""

    @property
    def _counted(self) -> Counted:
        return self.connection.counted  # type: ignore[attr-defined]

    repeated = False
    """Whether the last statement had been sent with the same parameters."""

    def execute(self, *args: Any) -> sqlite3.Cursor:
        counted = self._counted
        counted.queries += 1
        self.repeated = repr(args) in counted.sent
        counted.sent.add(repr(args))
        counted.again += [(1, 0, 0)] if self.repeated else []
        return super().execute(*args)

    def executemany(self, *args: Any) -> sqlite3.Cursor:
        self._counted.queries += 1
        return super().executemany(*args)

    def fetchone(self) -> Any:
        return self._add(super().fetchone())

    def fetchmany(self, *args: Any, **kwargs: Any) -> list[Any]:
        return [self._add(row) for row in super().fetchmany(*args, **kwargs)]

    def fetchall(self) -> list[Any]:
        return [self._add(row) for row in super().fetchall()]

    def __next__(self) -> Any:
        return self._add(super().__next__())

    def _add(self, row: Any) -> Any:
        return self._counted.add(row, repeated=self.repeated)


class CountingConnection(sqlite3.Connection):
    """Hands out counting cursors."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.counted = Counted()

    def cursor(self, *args: Any) -> sqlite3.Cursor:
        return super().cursor(CountingCursor)


def counting_engine(file: Path | None = None) -> Engine:
    """Return an engine over one counting connection, to `file` or in memory."""
    url = f"sqlite:///{file}" if file else "sqlite://"
    engine = create_engine(url, poolclass=StaticPool, connect_args={"factory": CountingConnection})
    with engine.connect():
        return engine


@contextmanager
def counting(engine: Engine) -> Iterator[Counted]:
    """Yield what is counted within the block alone."""
    with engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
    raw.counted = counted = Counted()
    yield counted


def plain(engine: Engine, sql: str) -> Any:
    """Return the one value of a statement, by sqlite3 alone."""
    with engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
    return sqlite3.Connection.cursor(raw, sqlite3.Cursor).execute(sql).fetchone()[0]


def figures(executions: tuple[Execution, ...]) -> tuple[int, int, int]:
    """Return qprof's own queries, rows and cells of a run."""
    return (
        sum(each.count for each in executions),
        sum(each.rows for each in executions),
        sum(each.cells for each in executions),
    )
