"""The line of the user's code that issued a statement."""

import os
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import sqlalchemy

from qprof.trace import Site

_PACKAGE = Path(__file__).resolve().parent.parent
_OURS = tuple(
    f"{each}{os.sep if each.is_dir() else ''}"
    for each in _PACKAGE.iterdir()
    if each.name != "library"
)
_LIBRARIES = tuple(
    {
        f"{sysconfig.get_path(name)}{os.sep}"
        for name in ("stdlib", "platstdlib", "purelib", "platlib", "scripts")
    }
)
_SKIPPED = (f"{Path(sqlalchemy.__file__).parent}{os.sep}", *_OURS, "<")
_verdicts: dict[str, int] = {}
"""File name to 0 (the user's), 1 (an installed library) or 2 (SQLAlchemy, qprof, generated)."""


def call_site() -> Site | None:
    """Return the innermost line of the user's own code, else of an installed library."""
    frame = call_frame()
    return site_of(frame) if frame is not None else None


def call_frame() -> FrameType | None:
    """Return the innermost frame of the user's own code, else of an installed library."""
    frame: FrameType | None = sys._getframe(1)
    fallback: FrameType | None = None
    greenlet: Any = None
    while frame is not None:
        verdict = _verdict(frame.f_code.co_filename)
        if verdict == 0:
            return frame
        if verdict == 1 and fallback is None:
            fallback = frame
        above = frame.f_back
        if above is None:
            greenlet, above = _above(greenlet)
        frame = above
    return fallback


def stack() -> Iterator[FrameType]:
    """Yield all frames from the innermost outwards, beyond the greenlet of an async session."""
    frame: FrameType | None = sys._getframe(1)
    greenlet: Any = None
    while frame is not None:
        yield frame
        above = frame.f_back
        if above is None:
            greenlet, above = _above(greenlet)
        frame = above


def is_users(frame: FrameType) -> bool:
    """Return whether `frame` runs code of the user's own files."""
    return _verdict(frame.f_code.co_filename) == 0


def call_site_of(error: BaseException) -> str:
    """Return "file:line in function" of the innermost frame of the user's code in `error`."""
    place = "outside of any file of yours"
    step = error.__traceback__
    while step is not None:
        if _verdict(step.tb_frame.f_code.co_filename) == 0:
            code = step.tb_frame.f_code
            site = shown(Site(code.co_filename, step.tb_lineno, code.co_name))
            place = f"{site.file}:{site.line} in {site.function}" if site else place
        step = step.tb_next
    return place


@cache
def shown(site: Site | None) -> Site | None:
    """Return `site` with its file relative to this folder, else to where Python imports from."""
    if site is None:
        return None
    roots = [Path.cwd(), *sorted({Path(each) for each in sys.path if each}, key=_length)]
    for root in roots:
        if Path(site.file).is_relative_to(root):
            return Site(Path(site.file).relative_to(root).as_posix(), site.line, site.function)
    return site


def _length(path: Path) -> int:
    return -len(str(path))


def site_of(frame: FrameType) -> Site:
    """Return the line that `frame` is at."""
    code = frame.f_code
    return Site(code.co_filename, frame.f_lineno, code.co_name)


def _verdict(file: str) -> int:
    verdict = _verdicts.get(file)
    if verdict is None:
        verdict = _verdicts[file] = _judge(file)
    return verdict


def _judge(file: str) -> int:
    if file.startswith(_SKIPPED):
        return 2
    own_library = file.startswith(f"{_PACKAGE / 'library'}{os.sep}")
    return 1 if file.startswith(_LIBRARIES) and not own_library else 0


def _above(greenlet: Any) -> tuple[Any, FrameType | None]:
    """Return the greenlet that awaits `greenlet` (None: the current one), and its frame.

    SQLAlchemy's async API runs in a greenlet: the user's coroutine is to be found above it.
    """
    module = sys.modules.get("greenlet")
    if greenlet is None and module is not None:
        greenlet = module.getcurrent()
    parent = getattr(greenlet, "parent", None)
    return parent, getattr(parent, "gr_frame", None)
