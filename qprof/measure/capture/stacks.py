"""Whose a frame is, and the frames around the one that runs."""

import os
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, TypeVar

import sqlalchemy

_PACKAGE = Path(__file__).resolve().parents[2]
_SAMPLE = _PACKAGE / "seeding" / "library"
_OURS = tuple(
    f"{each}{os.sep if each.is_dir() else ''}"
    for each in (*_PACKAGE.iterdir(), *_SAMPLE.parent.iterdir())
    if each not in (_SAMPLE, _SAMPLE.parent)
)
_LIBRARIES = tuple(
    {
        f"{sysconfig.get_path(name)}{os.sep}"
        for name in ("stdlib", "platstdlib", "purelib", "platlib", "scripts")
    }
)
_SKIPPED = (f"{Path(sqlalchemy.__file__).parent}{os.sep}", *_OURS, "<")
_Function = TypeVar("_Function", bound=Callable[..., Any])
_own_reads: set[CodeType] = set()
_verdicts: dict[str, int] = {}
"""File name to 0 (the user's), 1 (an installed library) or 2 (SQLAlchemy, qprof, generated)."""


def verdict(file: str) -> int:
    """Return 0 for a file of the user's, 1 for an installed library's, 2 for what is neither."""
    known = _verdicts.get(file)
    if known is None:
        known = _verdicts[file] = judge(file)
    return known


def judge(file: str) -> int:
    """Return the verdict on a file that was not met before."""
    if file.startswith(_SKIPPED):
        return 2
    own_library = file.startswith(f"{_SAMPLE}{os.sep}")
    return 1 if file.startswith(_LIBRARIES) and not own_library else 0


def own_read(function: _Function) -> _Function:
    """Mark what reads the user's objects for qprof: no line outside of it sends a statement."""
    _own_reads.add(function.__code__)
    return function


def is_own_read(frame: FrameType) -> bool:
    """Return whether `frame` is the outermost one of a read by qprof."""
    return frame.f_code in _own_reads


def is_users(frame: FrameType) -> bool:
    """Return whether `frame` runs code of the user's own files."""
    return verdict(frame.f_code.co_filename) == 0


def on_running_loop(engine: Any) -> bool:
    """Return whether a statement of `engine` holds up the event loop of this thread.

    A notebook's cell is left out: the loop of its kernel is always running.
    """
    asyncio = sys.modules.get("asyncio")
    if engine is None or engine.dialect.is_async or asyncio is None or "ipykernel" in sys.modules:
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def stack() -> Iterator[FrameType]:
    """Yield all frames from the innermost outwards, beyond the greenlet of an async session."""
    frame: FrameType | None = sys._getframe(1)
    greenlet: object = None
    while frame is not None:
        yield frame
        frame = frame.f_back
        if frame is None:
            greenlet, frame = above(greenlet)


def awaiting(outermost: FrameType, steps: int) -> FrameType | None:
    """Return the frame `steps` outwards of the one that awaits the current greenlet.

    None unless `outermost` is the greenlet's outermost frame.
    """
    frame = above(None)[1] if outermost.f_back is None else None
    while steps and frame is not None:
        frame, steps = frame.f_back, steps - 1
    return frame


def above(greenlet: object) -> tuple[object, FrameType | None]:
    """Return the greenlet that awaits `greenlet` (None: the current one), and its frame.

    SQLAlchemy's async API runs in a greenlet: the user's coroutine is to be found above it.
    """
    module = sys.modules.get("greenlet")
    if greenlet is None and module is not None:
        greenlet = module.getcurrent()
    parent = getattr(greenlet, "parent", None)
    return parent, getattr(parent, "gr_frame", None)
