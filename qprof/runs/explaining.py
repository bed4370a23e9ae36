"""Has the SELECTs of a call explained once it has run, on a connection beside it."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from qprof.explain import Asked, scans
from qprof.strategies.replay import Opening
from qprof.trace import Scan


def explained(opening: Opening, engine: Any, asked: Sequence[Asked]) -> tuple[Scan, ...]:
    """Return what the SELECTs scan for few rows; () where the database cannot say."""
    with opening() as ready:
        try:
            found: tuple[Scan, ...] = ready.reading(partial(scans, engine, asked))
        except (SQLAlchemyError, NotImplementedError):
            return ()
        return found
