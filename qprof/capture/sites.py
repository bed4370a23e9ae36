"""The line of the user's code that issued a statement."""

import os
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
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
_depths: dict[str, tuple[int, CodeType]] = {}
"""SQL to where it was last sent from: how deep in the stack, and what the user's code called."""
_MOST_DEPTHS = 4096
_sites: dict[tuple[int, int], tuple[CodeType, Site]] = {}
"""Code by its id (its hash is slow), and instruction, to the code, kept so that the id stays its
own, and the line."""
_MOST_SITES = 20_000


def call_site(sql: str) -> Site | None:
    """Return the innermost line of the user's own code, else of an installed library.

    `sql` is the statement that is about to be sent from there.
    """
    frame = call_frame(sql)
    return site_of(frame) if frame is not None else None


def call_frame(sql: str) -> FrameType | None:
    """Return the innermost frame of the user's own code, else of an installed library.

    `sql` is the statement that is about to be sent from there. It mostly comes from as deep as the
    last time, through the same function of SQLAlchemy; looking there makes Python build two frame
    objects instead of ten, which is what a walk through the stack costs.
    """
    known = _depths.get(sql)
    if known is not None:
        try:
            frame: FrameType | None = sys._getframe(known[0])
        except ValueError:
            frame = None
        if frame is not None and frame.f_code is known[1]:
            caller = frame.f_back
            if caller is not None and _verdicts.get(caller.f_code.co_filename) == 0:
                return caller
    return _walk(sql)


def _walk(sql: str) -> FrameType | None:
    frame: FrameType | None = sys._getframe(1)
    entry, depth = frame, 0
    fallback: FrameType | None = None
    greenlet: Any = None
    while frame is not None:
        verdict = _verdict(frame.f_code.co_filename)
        if verdict == 0:
            if greenlet is None and entry is not None:
                _remember(sql, depth - 1, entry.f_code)
            return frame
        if verdict == 1 and fallback is None:
            fallback = frame
        entry, depth = frame, depth + 1
        above = frame.f_back
        if above is None:
            greenlet, above = _above(greenlet)
        frame = above
    return fallback


def _remember(sql: str, depth: int, entry: CodeType) -> None:
    if len(_depths) >= _MOST_DEPTHS:
        _depths.clear()
    _depths[sql] = (depth, entry)


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
    key = (id(code), frame.f_lasti)
    known = _sites.get(key)
    if known is not None and known[0] is code:
        return known[1]
    site = Site(code.co_filename, frame.f_lineno, code.co_name)
    if len(_sites) >= _MOST_SITES:
        _sites.clear()
    _sites[key] = (code, site)
    return site


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
