"""A recording that also keeps, of each SELECT, what is needed to have it explained."""

from typing import Any

from qprof.domain.limits import Limits
from qprof.domain.sql.reading import limits
from qprof.measure.capture.bounded import Ahead, BoundedRecording
from qprof.measure.capture.sent import Sent
from qprof.measure.capture.sites import shown
from qprof.measure.experiments.unlimited import Bounds, Unlimited
from qprof.measure.explain import Asked, Filter, filters_of, served_of


class Statements(BoundedRecording):
    """The executions of one untimed run, tallied; of each text the first is kept."""

    def __init__(self, limits: Limits, ahead: Ahead) -> None:
        super().__init__(limits, tally=True, ahead=ahead)
        self._kept: dict[str, tuple[Sent, tuple[Filter, ...]]] = {}
        self._bounds = Bounds()

    def look(self, sent: Sent, context: Any) -> None:
        """Keep a SELECT of the call's own that filters or joins."""
        if context.compiled is None or sent.strategy not in ("root", "lazy"):
            return
        if sent.sql not in self._kept and context.compiled.statement.is_select:
            self._kept[sent.sql] = (sent, served_of(context))
            self._bounds.look(sent, context, filters_of(context.compiled))

    def asked(self) -> tuple[Asked, ...]:
        """Return what was kept, with the rows that came."""
        return tuple(
            Asked(
                sql=sent.text,
                parameters=sent.parameters,
                filters=filters,
                rows=sent.rows,
                all_came=sent.shape.entities and not limits(sent.text),
                site=shown(sent.site),
            )
            for sent, filters in self._kept.values()
            if filters
        )

    def unlimited(self) -> tuple[Unlimited, ...]:
        """Return the root SELECTs that nothing bounds."""
        return self._bounds.found(self.sent)
