"""The part of an Execution that is constant for one ledger line, and a tally that never raises."""

from collections.abc import Callable
from types import FrameType
from typing import Any

from qprof.domain.trace import Execution, Tally
from qprof.measure.capture.sent import Sent
from qprof.measure.capture.sites import site_of
from qprof.measure.capture.tally import RowTally
from qprof.measure.orm.keys import KeyColumns


def bare_execution(sent: Sent, sql: str, frame: FrameType | None, *, rest: bool) -> Execution:
    """Return what all executions of a line share, without figures."""
    shape = sent.shape
    site = site_of(frame) if frame is not None else None
    if rest:
        return Execution(sql, 0, 0, 0, 0)
    return Execution(
        sql=sql,
        count=0,
        rows=0,
        columns=0,
        cells=0,
        path=shape.path,
        hops=shape.hops,
        strategy=sent.strategy,
        to_many=shape.to_many,
        entities=shape.entities,
        kind=sent.kind or shape.kind,
        entity=shape.entity,
        below=shape.below,
        attributes=shape.attributes,
        base=shape.base,
        offset=shape.offset,
        joins=shape.joins,
        wrapped=shape.wrapped,
        unlinked=sent.unlinked,
        site=site,
    )


class SafeTally(RowTally):
    """A tally that cannot break the fetch it looks at."""

    def __init__(self, keys: KeyColumns, failed: Callable[[Exception], None]) -> None:
        super().__init__(keys)
        self._failed = failed
        self._broken = False

    def result(self) -> Tally:
        """Return the counts; nothing at all where some rows could not be read."""
        return Tally(0, {}, {}, None) if self._broken else super().result()

    def add(self, rows: Any) -> None:
        """Count `rows`, until one cannot be read."""
        if self._broken:
            return
        try:
            super().add(rows)
        except Exception as error:
            self._broken = True
            self._failed(error)
