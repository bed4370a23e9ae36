"""The SELECTs to explain, and those of them that scan a table."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from qprof.domain.trace import Scan, Site
from qprof.measure.orm.filters import Filter


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


@dataclass(frozen=True)
class Candidate:
    """A scan for few rows, whose index is still to be tried."""

    scan: Scan
    table: Table
    asked: Asked
