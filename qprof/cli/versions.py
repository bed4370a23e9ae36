"""Says in one sentence what is too old for qprof, before anything newer is imported.

Python 3.6 can read this file and all that is imported on the way to it.
"""

import re
import sys
from importlib.machinery import PathFinder
from pathlib import Path

PYTHON = (3, 10)
SQLALCHEMY = (2, 0, 30)


def too_old() -> str:
    """Return what is too old here and what to type; "" where nothing is."""
    if sys.version_info < PYTHON:
        return (
            f"qprof needs Python {_written(PYTHON)} or later, and this is Python "
            f"{_written(sys.version_info[:3])} ({sys.executable}). Install qprof with a newer one."
        )
    found = sqlalchemy_version()
    if found and _numbers(found) < SQLALCHEMY:
        return (
            f"qprof needs SQLAlchemy {_written(SQLALCHEMY)} or later, and this environment has "
            f"{found}. Type: {sys.executable} -m pip install "
            f"'sqlalchemy>={_written(SQLALCHEMY)}'."
        )
    return ""


def sqlalchemy_version() -> str:
    """Return the version that `import sqlalchemy` would bring; "" where that cannot be told.

    It is read and not imported: no command should wait for SQLAlchemy to show its help.
    """
    spec = PathFinder.find_spec("sqlalchemy")
    if spec is None or not spec.origin or not Path(spec.origin).is_file():
        return ""
    source = Path(spec.origin).read_text(encoding="utf-8", errors="replace")
    line = re.search(r"^__version__ = [\"']([^\"']+)", source, re.MULTILINE)
    return line.group(1) if line else ""


def _numbers(version: str) -> "tuple[int, ...]":
    """Return the numbers of a version, up to the first that is none: 2.1.0b1 is (2, 1, 0)."""
    return tuple(int(each) for each in re.findall(r"\d+", version.split("b")[0].split("rc")[0]))


def _written(version: "tuple[int, ...]") -> str:
    return ".".join(map(str, version))
