"""The options of the command line."""

from pathlib import Path
from typing import Any

import pytest

RECORDER = pytest.StashKey[Any]()
"""Where a test keeps its recorder, until it has been torn down."""


def add(parser: pytest.Parser) -> None:
    """Add the group qprof."""
    group = parser.getgroup("qprof", "what tests send to the database (SQLAlchemy)")
    group.addoption(
        "--qprof",
        action="store_true",
        help="Show which tests fetch the most, against what their objects need, and findings.",
    )
    group.addoption(
        "--qprof-top",
        type=int,
        default=10,
        metavar="N",
        help="With --qprof: how many tests to show (default: 10).",
    )
    group.addoption(
        "--qprof-report",
        type=Path,
        metavar="FILE",
        help="Write all figures as JSON (schema qprof.report/1), which qprof report can show.",
    )


def wanted(config: pytest.Config) -> bool:
    """Return whether every test is to be recorded."""
    return bool(config.getoption("qprof") or config.getoption("qprof_report"))


def is_worker(config: pytest.Config) -> bool:
    """Return whether this is a process that xdist has started."""
    return hasattr(config, "workerinput")
