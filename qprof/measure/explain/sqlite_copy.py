"""What an index saves, measured on a copy of the database in memory: SQLite alone.

Work is counted in steps of SQLite's virtual machine (sqlite3_progress_handler): the same database
gives the same count on every machine. A run of more than a million is counted by the hundred.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from qprof.domain.trace import Scan
from qprof.measure.explain.trial import LARGEST, Asked, Candidate, Work, judged, seconds_of

_COARSE = 100
_EXACT = 10_000
"""Hundreds of steps up to which a run is counted again, step by step."""


class InMemory:
    """Copies a database when the first index is tried, and forgets the copy at the end."""

    def __init__(self, connection: Connection) -> None:
        self._source: Any = connection.connection.dbapi_connection
        self._copy: sqlite3.Connection | None = None

    def __enter__(self) -> "InMemory":
        return self

    def __exit__(self, *error: object) -> None:
        if self._copy is not None:
            self._copy.close()

    @property
    def possible(self) -> bool:
        """Whether an index can be tried here."""
        return self._reason() is None

    def tried(self, candidate: Candidate) -> Scan | None:
        """Return the scan with what its index saves, or why that is unknown; None if too little."""
        reason = self._reason()
        if reason is not None:
            return replace(candidate.scan, reason=reason)
        try:
            return self._measured(candidate.scan, self._copied(), candidate.asked)
        except sqlite3.Error as error:
            reason = f"the copy of the database cannot run it ({error})"
            return replace(candidate.scan, reason=reason)

    def _reason(self) -> str | None:
        if not isinstance(self._source, sqlite3.Connection):
            return "a database behind an async driver is not copied"
        size = self._pragma("page_count") * self._pragma("page_size")
        if size > LARGEST:
            return f"a database of more than {LARGEST // 2**20} MiB is not copied"
        return None

    def _pragma(self, name: str) -> int:
        return int(self._source.execute(f"PRAGMA {name}").fetchone()[0])

    def _copied(self) -> sqlite3.Connection:
        if self._copy is None:
            self._copy = sqlite3.connect(":memory:", isolation_level=None)
            self._source.backup(self._copy)
        return self._copy

    def _measured(self, scan: Scan, copy: sqlite3.Connection, asked: Asked) -> Scan | None:
        def run() -> None:
            copy.execute(asked.sql, asked.parameters).fetchall()

        without = _work(copy, run)
        copy.execute("BEGIN")
        try:
            copy.execute(scan.index)
            with_index = _work(copy, run)
        finally:
            copy.execute("ROLLBACK")
        return judged(scan, "steps", without, with_index)


def _work(copy: sqlite3.Connection, run: Callable[[], None]) -> Work:
    """Return the steps of a run, and the seconds of others that are not counted."""
    hundreds = _steps(copy, run, _COARSE)
    steps = _steps(copy, run, 1) if hundreds <= _EXACT else hundreds * _COARSE
    return Work(steps, seconds_of(run))


def _steps(copy: sqlite3.Connection, run: Callable[[], None], each: int) -> int:
    """Return how often a run takes `each` steps."""
    counted = 0

    def step() -> int:
        nonlocal counted
        counted += 1
        return 0

    copy.set_progress_handler(step, each)
    run()
    copy.set_progress_handler(None, 0)
    return counted
