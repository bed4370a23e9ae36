"""The SELECTs to explain, and what it takes to try an index, on whichever database."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, Protocol

from sqlalchemy import Table
from sqlalchemy.exc import SQLAlchemyError

from qprof.domain.trace import Scan, Site
from qprof.measure.orm.filters import Filter


@dataclass(frozen=True)
class Place:
    """What a name means in a transaction: a tenant's may be told its own schema or role."""

    path: str = ""
    """PostgreSQL's search_path."""
    identity: str = ""
    """What the name of a table leads to, and for whom; equal where it is the same table."""


@dataclass(frozen=True)
class Asked:
    """A SELECT as it was sent."""

    sql: str
    parameters: Any
    filters: tuple[Filter, ...]
    rows: int
    all_came: bool
    """Whether every row that meets the conditions came back: no LIMIT, no aggregate."""
    site: Site | None
    planned: "Planned | None" = None
    """What its own transaction was told of it, of whichever number of rows; None where that was not
    asked."""


@dataclass(frozen=True)
class Candidate:
    """A scan for few rows, whose index is still to be tried."""

    scan: Scan
    table: Table
    asked: Asked
    seen: Place
    """Where the call's own transaction finds the table."""


@dataclass(frozen=True)
class Planned:
    """What EXPLAIN said of one SELECT."""

    candidates: tuple[Candidate, ...] = ()
    failed: tuple[tuple[Site | None, SQLAlchemyError], ...] = ()


SMALL = 1_000
"""Rows up to which a scan is as good as an index: a table of so few fits into a few dozen pages."""
LARGEST = 256 * 2**20
"""Bytes up to which a database, or a table of a server, is copied."""
WORTH = 2
"""An index is told where the work without it is so many times the work with it."""


class NotTried(Exception):
    """An index cannot be tried; the text says why, as the end of a sentence."""


@dataclass(frozen=True)
class Work:
    """What a run of a SELECT takes."""

    amount: int
    seconds: float


class Trial(Protocol):
    """Tries indexes on copies."""

    @property
    def possible(self) -> bool:
        """Whether an index can be tried here at all."""

    def tried(self, candidate: Candidate) -> Scan | None:
        """Return the scan with what its index saves, or why that is unknown; None if too little."""


def judged(scan: Scan, unit: str, without: Work, with_index: Work) -> Scan | None:
    """Return `scan` with both amounts of work, counted in `unit`; None if too little is saved.

    A SELECT with a LIMIT may have found its rows among the first, and read no more.
    """
    if without.amount < max(SMALL, with_index.amount * WORTH):
        return None
    return replace(
        scan,
        unit=unit,
        before=without.amount,
        after=with_index.amount,
        seconds=(without.seconds, with_index.seconds),
    )


def seconds_of(run: Callable[[], object]) -> float:
    """Return how long the fastest of three runs takes."""
    return min(_seconds_of(run) for _ in range(3))


def _seconds_of(run: Callable[[], object]) -> float:
    started = perf_counter()
    run()
    return perf_counter() - started
