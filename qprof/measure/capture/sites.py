"""The line of the user's code that issued a statement."""

import sys
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

from qprof.domain.trace import Site
from qprof.measure.capture.stacks import above, awaiting, is_own_read, is_users, verdict


class _Last(NamedTuple):
    """Where a statement was last sent from."""

    depth: int
    """Of SQLAlchemy's frame that the user's code called; in a greenlet, of its outermost."""
    steps: int | None
    """In a greenlet, from the frame that awaits it to the one that the user's code called."""
    entry: CodeType
    """What the user's code called."""
    code: CodeType
    instruction: int
    site: Site


_last: dict[str, _Last] = {}
"""By SQL. A statement mostly comes from as deep as the last time, through the same function of
SQLAlchemy. To look there makes Python build two frame objects, a walk through the stack ten."""
_MOST_LAST = 4096
_sites: dict[tuple[int, int], tuple[CodeType, Site]] = {}
"""Code by its id (its hash is slow), and instruction, to the code, kept so that the id stays its
own, and the line."""
_MOST_SITES = 20_000


def call_site(sql: str) -> Site | None:
    """Return the innermost line of the user's own code, else of an installed library.

    `sql` is the statement that is about to be sent from there.
    """
    last = _last.get(sql)
    if last is not None:
        depth, steps, entry, code, instruction, site = last
        try:
            frame: Any = sys._getframe(depth)
        except ValueError:
            frame = None
        if steps is not None and frame is not None:
            frame = awaiting(frame, steps)
        if frame is not None and frame.f_code is entry:
            frame = frame.f_back
            if frame is not None and frame.f_code is code and frame.f_lasti == instruction:
                return site
    frame = _walk(sql)
    return site_of(frame) if frame is not None else None


def call_frame(sql: str) -> FrameType | None:
    """Return the innermost frame of the user's own code, else of an installed library.

    `sql` is the statement that is about to be sent from there.
    """
    last = _last.get(sql)
    if last is not None:
        try:
            frame: FrameType | None = sys._getframe(last.depth)
        except ValueError:
            frame = None
        if last.steps is not None and frame is not None:
            frame = awaiting(frame, last.steps)
        if frame is not None and frame.f_code is last.entry:
            frame = frame.f_back
            if frame is not None and is_users(frame):
                return frame
    return _walk(sql)


def _walk(sql: str) -> FrameType | None:
    frame: FrameType | None = sys._getframe(1)
    depth, steps, greenlet = -1, None, None
    below: FrameType | None = None
    fallback: FrameType | None = None
    while frame is not None:
        whose = verdict(frame.f_code.co_filename)
        if whose == 0:
            if below is not None:
                _remember(sql, depth, steps, below, frame)
            return frame
        if whose == 1 and fallback is None:
            fallback = frame
        if whose == 2 and is_own_read(frame):
            return fallback
        if greenlet is None:
            depth += 1
        else:
            steps = 0 if steps is None else steps + 1
        below, frame = frame, frame.f_back
        if frame is None:
            greenlet, frame = above(greenlet)
    return fallback


def _remember(sql: str, depth: int, steps: int | None, entry: FrameType, frame: FrameType) -> None:
    if len(_last) >= _MOST_LAST:
        _last.clear()
    site = site_of(frame)
    _last[sql] = _Last(depth, steps, entry.f_code, frame.f_code, frame.f_lasti, site)


def call_site_of(error: BaseException) -> str:
    """Return "file:line in function" of the innermost frame of the user's code in `error`."""
    place = "outside of any file of yours"
    step = error.__traceback__
    while step is not None:
        if is_users(step.tb_frame):
            code = step.tb_frame.f_code
            site = shown(Site(code.co_filename, step.tb_lineno, code.co_name))
            place = f"{site.place} in {site.function}" if site else place
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
