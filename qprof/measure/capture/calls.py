"""Which recording an execution belongs to: one ContextVar, so that concurrent tasks stay apart."""

from contextlib import suppress
from contextvars import ContextVar

from qprof.measure.capture.recording import Recording

_current: ContextVar[Recording | None] = ContextVar("qprof_recording", default=None)
innermost = _current.get
"""Return the recording that was entered last in this context, be it closed by now; or None."""
_open: list[Recording] = []
_whole: list[Recording] = []
"""What takes every execution of the process that no open recording takes: one, or none."""


def current() -> Recording | None:
    """Return the recording of this context.

    A thread that the call started inherits no context. Its executions go to the open recording
    where there is exactly one, or to the innermost that all others are around or within. With
    others open beside each other nobody can tell, and what records the whole process takes them.
    """
    recording = _current.get()
    if recording is None:
        return (_shared() if _open else None) or whole()
    while recording is not None and recording.closed:
        recording = recording.outer
    return recording or whole()


def _shared() -> Recording | None:
    """Return the innermost open recording that no other is open beside."""
    opened = tuple(_open)
    fitting = (each for each in reversed(opened) if all(_nested(each, other) for other in opened))
    return next(fitting, None)


def _nested(one: Recording, other: Recording) -> bool:
    return one is other or _is_within(one, other) or _is_within(other, one)


def _is_within(inner: Recording, outer: Recording) -> bool:
    above = inner.outer
    while above is not None and above is not outer:
        above = above.outer
    return above is outer


def whole() -> Recording | None:
    """Return what records the whole process; None where nothing does."""
    return _whole[0] if _whole else None


def record_whole(recording: Recording | None) -> None:
    """Let `recording` take what no other takes; None ends it."""
    _whole[:] = [recording] if recording is not None else []


def enter(recording: Recording) -> bool:
    """Make `recording` the current one; return whether it is the only one in the process."""
    _open.append(recording)
    recording.token = _current.set(recording)
    return len(_open) == 1 and not _whole


def leave(recording: Recording) -> bool:
    """Undo `enter`; return whether nothing in the process records any more."""
    recording.closed = True
    # Whoever enters in one context and leaves in another, as async fixtures do, may not reset it.
    with suppress(ValueError):
        _current.reset(recording.token)
    _open.remove(recording)
    return not _open and not _whole
