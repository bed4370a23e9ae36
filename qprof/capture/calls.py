"""Which recording an execution belongs to: one ContextVar, so that concurrent tasks stay apart."""

from contextlib import suppress
from contextvars import ContextVar

from qprof.capture.recording import Recording

_current: ContextVar[Recording | None] = ContextVar("qprof_recording", default=None)
_open: list[Recording] = []


def current() -> Recording | None:
    """Return the recording of this context.

    A thread that the call started inherits no context. Its executions go to the open recording
    where there is exactly one; with several open nobody can tell, and None is returned.
    """
    recording = _current.get()
    if recording is None:
        return _open[0] if len(_open) == 1 else None
    return None if recording.closed else recording


def enter(recording: Recording) -> bool:
    """Make `recording` the current one; return whether it is the only one open."""
    _open.append(recording)
    recording.token = _current.set(recording)
    return len(_open) == 1


def leave(recording: Recording) -> bool:
    """Undo `enter`; return whether no recording is open any more."""
    recording.closed = True
    # Whoever enters in one context and leaves in another, as async fixtures do, may not reset it.
    with suppress(ValueError):
        _current.reset(recording.token)
    _open.remove(recording)
    return not _open
