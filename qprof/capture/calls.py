"""Which recording an execution belongs to: one ContextVar, so that concurrent tasks stay apart."""

import threading
from contextvars import ContextVar

from qprof.capture.recording import Recording

_current: ContextVar[Recording | None] = ContextVar("qprof_recording", default=None)
_open: list[Recording] = []
_lock = threading.Lock()


def current() -> Recording | None:
    """Return the recording of this context.

    A thread that the call started inherits no context. Its executions go to the open recording
    where there is exactly one; with several open nobody can tell, and None is returned.
    """
    recording = _current.get()
    if recording is None and len(_open) == 1:
        return _open[0]
    return recording


def enter(recording: Recording) -> bool:
    """Make `recording` the current one; return whether it is the only one open."""
    with _lock:
        _open.append(recording)
        first = len(_open) == 1
    recording.token = _current.set(recording)
    return first


def leave(recording: Recording) -> bool:
    """Undo `enter`; return whether no recording is open any more."""
    _current.reset(recording.token)
    with _lock:
        _open.remove(recording)
        return not _open
