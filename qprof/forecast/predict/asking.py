"""Asks on the call's own connection, in whose transaction the call goes on afterwards."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import NoReturn

from sqlalchemy import Connection
from sqlalchemy.exc import ArgumentError, CompileError, DBAPIError, InvalidRequestError

from qprof.forecast.predict.tree import Stopped, Unpredictable
from qprof.measure.bounds import SECONDS, Budget, bounded, was_ended
from qprof.measure.experiments.reasons import driver_reason


@contextmanager
def asking(connection: Connection, budget: Budget | None = None) -> Iterator[str]:
    """Within it, what SQLAlchemy cannot spell or the database refuses raises Unpredictable.

    What takes more than half of the `budget` that is left raises Stopped. Gives what has to stand
    right after the first SELECT. The transaction stays as it was. A connection that broke is no
    refusal: its error is raised.
    """
    left = Budget() if budget is None else budget
    seconds, started = left.share(), monotonic()
    if not seconds:
        raise Stopped(_LATE)
    try:
        with _terminable(), bounded(connection, seconds) as hint:
            yield hint
    except (ArgumentError, CompileError, InvalidRequestError) as error:
        raise Unpredictable(f"SQLAlchemy cannot spell its aggregates: {error}") from None
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        if was_ended(error):
            own = monotonic() - started < seconds / 2
            raise Stopped(_EARLY if own else _LATE) from None
        raise Unpredictable(
            f"the database refused its aggregates: {driver_reason(error)}"
        ) from None
    finally:
        left.seconds -= monotonic() - started


_LATE = (
    f"the database did not answer within the {SECONDS} seconds that qprof gives it for a statement"
)
_EARLY = "a time limit of the database's own ended the aggregates"


@contextmanager
def _terminable() -> Iterator[None]:
    """Take SIGTERM for Ctrl-C, which the drivers and `bounded` turn into an end on the server.

    A program that has a handler of its own keeps it; threads cannot set one.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
