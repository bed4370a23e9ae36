"""A recording that also keeps, of each SELECT, what is needed to have it explained.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `_is_server_side`.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy.engine.default import DefaultExecutionContext

from qprof.domain.limits import Limits
from qprof.domain.sql.reading import limits
from qprof.measure.capture import record
from qprof.measure.capture.bounded import Ahead, BoundedRecording
from qprof.measure.capture.sent import Sent
from qprof.measure.capture.sites import shown
from qprof.measure.capture.stacks import on_running_loop
from qprof.measure.experiments.unlimited import Bounds, Unlimited
from qprof.measure.explain import (
    SCANNED,
    Asked,
    Filter,
    Planned,
    filters_of,
    planned_within,
    served_of,
)


class Statements(BoundedRecording):
    """The executions of one untimed run, tallied; of each text the first is kept."""

    def __init__(self, limits: Limits, ahead: Ahead | None) -> None:
        super().__init__(limits, tally=True, ahead=ahead)
        self._kept: dict[str, tuple[Sent, tuple[Filter, ...], Planned | None]] = {}
        self._bounds = Bounds()

    def executed(self, sent: Sent) -> None:
        """See whether it held up an event loop."""
        sent.blocks_loop = on_running_loop(sent.engine)

    def look(self, sent: Sent, context: Any) -> None:
        """Keep a SELECT of the call's own that filters or joins."""
        if context.compiled is None or sent.strategy not in ("root", "lazy"):
            return
        if sent.sql not in self._kept and context.compiled.statement.is_select:
            filters = served_of(context)
            self._kept[sent.sql] = (sent, filters, _planned(sent, filters, context))
            self._bounds.look(sent, context, filters_of(context.compiled))

    def asked(self) -> tuple[Asked, ...]:
        """Return what was kept, with the rows that came."""
        return tuple(
            replace(_asked(sent, filters), planned=planned)
            for sent, filters, planned in self._kept.values()
            if filters
        )

    def unlimited(self) -> tuple[Unlimited, ...]:
        """Return the root SELECTs that nothing bounds."""
        return self._bounds.found(self.sent)


def _asked(sent: Sent, filters: tuple[Filter, ...]) -> Asked:
    return Asked(
        sql=sent.text,
        parameters=sent.parameters,
        filters=filters,
        rows=sent.rows,
        all_came=sent.shape.entities and not limits(sent.text),
        site=shown(sent.site),
    )


def _planned(
    sent: Sent, filters: tuple[Filter, ...], context: DefaultExecutionContext
) -> Planned | None:
    """Return what the transaction that has just sent a SELECT is told of its plan.

    None where there is nothing to ask, or the rows still come over the connection; SQLite has no
    tenants in one file, and is asked beside the call.
    """
    name = context.dialect.name
    if not filters or name == "sqlite" or name not in SCANNED or context._is_server_side:
        return None
    with record():
        return planned_within(context.root_connection, _asked(sent, filters))
