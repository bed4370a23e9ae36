"""The start inside of a program: nothing is installed before its first database connection."""

import json
import os
from pathlib import Path
from threading import Lock

from qprof.targets.program.folder import SETTINGS, fail

LONGEST_WAIT = 10.0
"""Seconds that a second thread's first connection waits for the first one's."""


def start(folder: str, late: bool = False) -> None:
    """Wait for this process's first connection; `folder` takes what it sends from then on.

    Where it is `late`, there may have been connections: an engine is told as what may lack. Raises
    RuntimeError where its SQLAlchemy is too old.
    """
    import sqlalchemy
    from sqlalchemy import event
    from sqlalchemy.pool import Pool

    if sqlalchemy.__version__.startswith(("0.", "1.")):
        raise RuntimeError(f"SQLAlchemy {sqlalchemy.__version__} is too old, 2.0 is needed")
    event.listen(Pool, "connect", _FirstConnection(Path(folder)))
    if late and _is_engine_there():
        fail(Path(folder), ImportError("SQLAlchemy was imported in a way that qprof sees late"))


def _is_engine_there() -> bool:
    import gc

    from sqlalchemy import Engine

    # Not isinstance(), which asks a stand-in of the program's for its class.
    return any(issubclass(type(each), Engine) for each in gc.get_objects())


class _FirstConnection:
    """Stays registered: a listener that removes itself would break the loop that calls it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._come = False
        self._lock = Lock()

    def __call__(self, connection: object, record: object) -> None:
        if self._come:
            return
        # Another thread's connection waits, or what it sends meanwhile would not be counted. Not
        # forever: that thread may hold an import which this one needs.
        locked = self._lock.acquire(timeout=LONGEST_WAIT)
        try:
            if not self._come:
                _record(self._folder)
        except Exception as error:
            fail(self._folder, error)
        finally:
            self._come = True
            if locked:
                self._lock.release()


def _record(folder: Path) -> None:
    import sqlalchemy

    from qprof.measure.capture import listen, record_process
    from qprof.targets.program.ledger import Ledger

    if vars(listen)["Engine"] is not sqlalchemy.Engine:
        raise ImportError("SQLAlchemy was imported anew, after its first connection")
    settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    ledger = Ledger(folder, tuple(settings["calls"]), sizes=settings["bytes"])
    if hasattr(os, "register_at_fork"):  # Windows has no fork
        os.register_at_fork(after_in_child=ledger.forked)
    record_process(ledger)
