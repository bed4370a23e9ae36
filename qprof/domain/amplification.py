"""Measured divided by needed."""

from qprof.domain.report import Amplification
from qprof.domain.trace import Cost


def amplification(measured: Cost, needed: Cost | None) -> Amplification:
    """Return the three ratios; None where needed is unknown or zero."""
    if needed is None:
        return Amplification(None, None, None)
    return Amplification(
        _ratio(measured.queries, needed.queries),
        _ratio(measured.rows, needed.rows),
        _ratio(measured.cells, needed.cells),
    )


def _ratio(measured: int, needed: int) -> float | None:
    return round(measured / needed, 4) if needed else None
