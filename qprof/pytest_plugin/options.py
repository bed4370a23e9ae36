"""The options of the command line."""

from pathlib import Path
from typing import Any

import pytest

NAME = "qprof-baseline.json"
RECORDER = pytest.StashKey[Any]()
"""Where a test keeps its recorder, until it has been torn down."""


def add(parser: pytest.Parser) -> None:
    """Add the group qprof."""
    group = parser.getgroup("qprof", "what tests send to the database (SQLAlchemy)")
    group.addoption(
        "--qprof",
        action="store_true",
        help="Show which tests fetch the most, against what their objects need, and findings; "
        "fail tests whose calls cost more than in the baseline.",
    )
    group.addoption(
        "--qprof-top",
        type=int,
        default=10,
        metavar="N",
        help="With --qprof: how many tests to show (default: 10).",
    )
    group.addoption(
        "--qprof-bytes",
        action="store_true",
        help="Also count the bytes of the fetched values; use with --qprof or --qprof-report.",
    )
    group.addoption(
        "--qprof-update",
        action="store_true",
        help="Write what the calls of every test cost into the baseline, and fail none for it.",
    )
    group.addoption(
        "--qprof-baseline",
        type=Path,
        metavar="FILE",
        help="The baseline (default: qprof-baseline.json of the root folder).",
    )
    group.addoption(
        "--qprof-prove",
        action="store_true",
        help="Run each test with a budget again, with a bug put in (lazy loading, joined "
        "collections), and fail where the budget does not notice.",
    )
    group.addoption(
        "--qprof-report",
        metavar="[FORMAT=]FILE",
        help="Write all figures as JSON, which qprof report shows; or as html=FILE.",
    )


def wanted(config: pytest.Config) -> bool:
    """Return whether every test is to be recorded."""
    return bool(config.getoption("qprof") or config.getoption("qprof_report")) or gates(config)


def gates(config: pytest.Config) -> bool:
    """Return whether tests are held against the baseline, or it is written."""
    return bool(config.getoption("qprof") or config.getoption("qprof_update") or proves(config))


def proves(config: pytest.Config) -> bool:
    """Return whether budgets are held against bugs that are put in."""
    return bool(config.getoption("qprof_prove"))


def baseline_file(config: pytest.Config) -> Path:
    """Return where the baseline is."""
    named: Path | None = config.getoption("qprof_baseline")
    return named or config.rootpath / NAME


def is_worker(config: pytest.Config) -> bool:
    """Return whether this is a process that xdist has started."""
    return hasattr(config, "workerinput")
