"""The Python files that are scanned, each read and parsed, or the reason why it cannot be."""

import ast
import os
import sys
import tokenize
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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


FRAMES = 3000
"""Frames of Python: some 700 branches in a row, far below what an 8 MiB stack holds."""
TOO_DEEP = "it is nested too deeply"


@contextmanager
def deep() -> Iterator[None]:
    """Let what is read in this block be nested more deeply than Python's default of 1,000."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


ModuleKey = tuple[str, ...]
"""The parts of a module's absolute path, without .py and __init__."""


class Unreadable(Exception):
    """The file cannot be read or parsed; the message says where and why."""


@dataclass(frozen=True)
class SourceFile:
    """A file's text and its syntax tree; neither outlives the look at this one file."""

    file: Path
    shown: str
    key: ModuleKey
    text: str
    tree: ast.Module


def read(file: Path) -> SourceFile:
    """Return `file`, parsed. Raises Unreadable where Python could not import it either."""
    text = read_text(file)
    return SourceFile(file, shown(file), module_key(file), text, _parsed(text, file))


def read_text(file: Path) -> str:
    """Return the text of `file` in the encoding that it declares. Raises Unreadable."""
    if file.exists() and not file.is_file():
        raise Unreadable(f"{shown(file)} cannot be read: it is no regular file.")
    try:
        with tokenize.open(file) as stream:
            return stream.read()
    except OSError as error:
        raise Unreadable(f"{shown(file)} cannot be read: {error.strerror}.") from None
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise Unreadable(f"{shown(file)} is in no known encoding: {error}.") from None


def _parsed(text: str, file: Path) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Invalid escapes are the author's affair.
            return ast.parse(text)
    except SyntaxError as error:
        place = f"{shown(file)}:{error.lineno or 1}"
        raise Unreadable(f"{place} is not Python that can be parsed: {error.msg}.") from None
    except (ValueError, RecursionError, MemoryError) as error:
        said = TOO_DEEP if isinstance(error, RecursionError) else str(error) or TOO_DEEP
        raise Unreadable(f"{shown(file)} cannot be parsed: {said}.") from None


def module_key(file: Path) -> ModuleKey:
    """Return what imports of this file are compared with."""
    parts = file.absolute().with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def shown(file: Path) -> str:
    """Return the file relative to this folder where it is below it, as text that can be printed."""
    absolute = Path(file.absolute())
    here = Path.cwd()
    name = (absolute.relative_to(here) if absolute.is_relative_to(here) else file).as_posix()
    return os.fsencode(name).decode("utf-8", "backslashreplace")
