"""The interrupts by which qprof ends a run whose time is up, told apart from those of a user."""

import _thread
import signal
import threading
from typing import Literal

Witness = Literal["handler", "listener"]
"""What meets each signal once: the handler in the main thread, and a thread that listens."""
STOPPED = "stopped by Ctrl-C"
"""Ends the reason of each call that was not measured because of it."""
_unmet: dict[Witness, int] = {"handler": 0, "listener": 0}


def interrupt() -> None:
    """Raise KeyboardInterrupt in the main thread: what Ctrl-C does also ends an endless loop.

    A signal that is sent wakes an event loop, too, that waits for its connections.
    """
    for each in _unmet:
        _unmet[each] += 1
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()


def is_own(number: int, witness: Witness) -> bool:
    """Return whether the signal that `witness` meets now is one that `interrupt` sent."""
    if number != signal.SIGINT or not _unmet[witness]:
        return False
    _unmet[witness] -= 1
    return True


def begin(witness: Witness) -> None:
    """Forget what `witness` could not meet, since it was not there."""
    _unmet[witness] = 0
