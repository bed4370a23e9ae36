"""Treats SIGTERM like Ctrl-C, and raises an interrupt again that Python dropped in a finalizer."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from qprof.domain.interrupts import begin, is_own

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Let both signals raise KeyboardInterrupt; yield what raises it again if it was asked for.

    Python drops what is raised while an object is being freed, a KeyboardInterrupt too, and only
    prints it; here it is not even printed. Long work asks between its steps.
    """
    asked = False

    def interrupt(number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        # The end of a run's time is no end of the command.
        asked = asked or not is_own(number, "handler")
        raise KeyboardInterrupt

    def check() -> None:
        if asked:
            raise KeyboardInterrupt

    def dropped(what: "sys.UnraisableHookArgs") -> None:
        if what.exc_type is not KeyboardInterrupt:
            print_dropped(what)

    # Only the main thread may set handlers. What is ignored, as under nohup, stays so.
    main = threading.current_thread() is threading.main_thread()
    heard = [each for each in _SIGNALS if main and signal.getsignal(each) != signal.SIG_IGN]
    begin("handler")
    before = {each: signal.signal(each, interrupt) for each in heard}
    print_dropped, sys.unraisablehook = sys.unraisablehook, dropped
    try:
        yield check
    finally:
        sys.unraisablehook = print_dropped
        for each, handler in before.items():
            signal.signal(each, handler)
