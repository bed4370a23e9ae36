"""Which call an execution belongs to: a function, named "package.module.Class.method".

Without patterns it is the innermost function of the user's code. With patterns it is the outermost
function that matches one: what a repository method costs includes its helpers, even where those
match, too.
"""

import re
import sys
from collections.abc import Sequence
from fnmatch import translate
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from qprof.measure.capture.sites import call_frame
from qprof.measure.capture.stacks import is_users, stack

ELSEWHERE = "elsewhere"
"""The call of what no function of the user's, or none that matches, has sent."""
_MOST_NAMES = 20_000
_INNER = re.compile(r"\.<locals>\.<(?:listcomp|dictcomp|setcomp|genexpr|lambda)>")


class Attribution:
    """Finds the call on the stack; what is asked of a code object is asked once."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = [re.compile(translate(each)) for each in patterns]
        # By id, since hashing code objects is slow; the object is kept, so the id stays its own.
        self._names: dict[int, tuple[CodeType, str]] = {}
        self._matching: dict[int, tuple[CodeType, bool]] = {}

    def find(self, sql: str) -> tuple[str, FrameType | None]:
        """Return the name of the call that this is in, and the frame that sends `sql`."""
        frame = call_frame(sql)
        if frame is None or not is_users(frame):
            frame = _typed_in() or frame
        if self._patterns:
            return self._outermost(), frame
        users = frame is not None and (is_users(frame) or _is_typed_in(frame))
        return (self._name(frame) if frame is not None and users else ELSEWHERE), frame

    def _outermost(self) -> str:
        found = ELSEWHERE
        for frame in stack():
            if self._matches(frame):
                found = self._name(frame)
        return found

    def _matches(self, frame: FrameType) -> bool:
        code = frame.f_code
        known = self._matching.get(id(code))
        if known is None:
            name = self._name(frame)
            known = (code, any(each.match(name) for each in self._patterns))
            _keep(self._matching, id(code), known)
        return known[1]

    def _name(self, frame: FrameType) -> str:
        code = frame.f_code
        known = self._names.get(id(code))
        if known is None:
            known = (code, f"{_module(frame)}.{_qualname(frame)}")
            _keep(self._names, id(code), known)
        return known[1]


def _keep(names: dict[int, Any], key: int, value: object) -> None:
    if len(names) >= _MOST_NAMES:
        names.clear()
    names[key] = value


def _is_typed_in(frame: FrameType) -> bool:
    """Return whether this is `python -c` or standard input: code of the user's without a file."""
    typed_in = frame.f_code.co_filename in ("<string>", "<stdin>")
    return typed_in and frame.f_globals.get("__name__") == "__main__"


def _typed_in() -> FrameType | None:
    return next((frame for frame in stack() if _is_typed_in(frame)), None)


def _module(frame: FrameType) -> str:
    """Return the module's name; for the main module the one that others import it by."""
    name = str(frame.f_globals.get("__name__", "?"))
    if name not in ("__main__", "__mp_main__"):
        return name
    spec = frame.f_globals.get("__spec__")
    if spec is not None:
        return str(spec.name)
    return Path(frame.f_code.co_filename).stem


def _qualname(frame: FrameType) -> str:
    code = frame.f_code
    name = code.co_qualname if sys.version_info >= (3, 11) else derived_qualname(frame)
    return _INNER.sub("", name)


def derived_qualname(frame: FrameType) -> str:
    """Return the name that Python 3.10 does not keep: a method is looked up in its object's class.

    A static method, and a function within a function, are named without what they are in.
    """
    code = frame.f_code
    first = frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None
    kind = first if isinstance(first, type) else type(first)
    for owner in kind.__mro__:
        member = owner.__dict__.get(code.co_name)
        member = getattr(member, "__func__", getattr(member, "fget", member))
        if getattr(member, "__code__", None) is code:
            return f"{owner.__qualname__}.{code.co_name}"
    return code.co_name
