"""Has an index tried on a server, as a call's own statement would."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, Select, event

from qprof.domain.trace import Scan
from qprof.measure.explain import Asked
from qprof.measure.explain import scans as scans_of
from tests.measure.explain.readings import ONE
from tests.opening import discover, on


def asked(engine: Engine, statement: Select[Any] = ONE) -> tuple[Asked, ...]:
    return discover(on(engine, lambda session: session.execute(statement).all())).asked


def tried(engine: Engine, statement: Select[Any] = ONE) -> tuple[Scan, ...]:
    return scans_of(engine, asked(engine, statement), try_indexes=True).scans


def after_each(engine: Engine, do: Callable[[str], None]) -> None:
    """Call `do` after each statement of `engine`, with its text."""
    event.listen(engine, "after_cursor_execute", lambda *given: do(given[2]))
