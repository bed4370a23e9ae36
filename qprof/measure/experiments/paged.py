"""Runs a call with a LIMIT on one of its root statements: what a page of it would cost."""

import gc
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

from qprof.domain.trace import Cost, total
from qprof.measure.capture import record
from qprof.measure.experiments.reasons import reason_of
from qprof.measure.experiments.replay import Opening, quiet
from qprof.measure.orm.roots import is_read, statement_key

PAGE = 50
"""Objects of a page: what a person looks at, and a tenth of the parents of one selectin."""


@dataclass(frozen=True)
class Paged:
    """What the call costs with a page in place of all; or why that is unknown."""

    cost: Cost | None = None
    seconds: float | None = None
    reason: str | None = None


def paged(opening: Opening, root: Hashable) -> Paged:
    """Run the call twice with a page of `root` alone: once to compile it, once to measure it."""
    try:
        _run(opening, root)
        return _run(opening, root)
    except Exception as error:
        return Paged(reason=reason_of(error))


def _run(opening: Opening, root: Hashable) -> Paged:
    gc.collect()
    with opening() as ready, _limiting(root) as limited, record() as recording, quiet():
        started = perf_counter()
        ready.invoke()
        seconds = perf_counter() - started
    if not limited:
        return Paged(reason="the statement was not sent again")
    return Paged(total(each.cost for each in recording.executions()), seconds)


@contextmanager
def _limiting(root: Hashable) -> Iterator[list[Hashable]]:
    """Let each execution of `root` bring a page at most; yield what was limited."""
    limited: list[Hashable] = []

    def limit(state: ORMExecuteState) -> None:
        if state.is_relationship_load or not is_read(state):
            return
        statement: Any = state.statement
        if statement_key(statement) == root:
            state.statement = statement.limit(PAGE)
            limited.append(root)

    event.listen(Session, "do_orm_execute", limit)
    try:
        yield limited
    finally:
        event.remove(Session, "do_orm_execute", limit)
