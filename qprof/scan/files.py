"""Which Python files are scanned."""

import os
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from qprof.domain.errors import QprofError

SKIPPED = frozenset(
    {
        "node_modules",
        "__pycache__",
        "site-packages",
        "venv",
        "env",
        "build",
        "dist",
        "__pypackages__",
    }
)
"""Folders that hold nobody's own source; hidden ones are skipped as well."""


def python_files(paths: Sequence[Path], exclude: Sequence[str] = ()) -> list[Path]:
    """Return the Python files in `paths`, each once, in order of name within a folder.

    A file or folder that is named is taken whatever it is called. Of folders, hidden ones,
    virtual environments and those of `SKIPPED` are left out, and what matches a pattern of
    `exclude`, by its name or its path. Raises QprofError for a path that is not there.
    """
    found: dict[str, Path] = {}
    for path in paths:
        for file in _files(path, exclude):
            # Path.resolve() refuses a link to itself; such a one is named with the unreadable.
            found.setdefault(os.path.realpath(file), file)
    return list(found.values())


def _files(path: Path, exclude: Sequence[str]) -> Iterable[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise QprofError(f"There is no file or folder {str(path)!r} to scan.")
    return _below(path, exclude)


def _below(folder: Path, exclude: Sequence[str]) -> Iterator[Path]:
    # os.walk does not follow links to folders, so a loop of them has no end to miss.
    for place, folders, names in os.walk(folder):
        here = Path(place)
        folders[:] = sorted(each for each in folders if _is_source(here / each, exclude))
        for name in sorted(names):
            if name.endswith(".py") and not _is_excluded(here / name, exclude):
                yield here / name


def _is_source(folder: Path, exclude: Sequence[str]) -> bool:
    hidden = folder.name.startswith(".") or folder.name in SKIPPED
    return not (hidden or (folder / "pyvenv.cfg").exists() or _is_excluded(folder, exclude))


def _is_excluded(path: Path, exclude: Sequence[str]) -> bool:
    return any(fnmatch(path.name, each) or fnmatch(path.as_posix(), each) for each in exclude)
