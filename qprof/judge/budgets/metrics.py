"""What can be limited, the figure of a call, and the line to show it at."""

from qprof.domain.report import CallReport, ExecutionReport
from qprof.domain.trace import Site

COUNTS = ("queries", "rows", "cells")
_RATIO = "-amplification"
METRICS = (*COUNTS, *(f"{name}{_RATIO}" for name in COUNTS))
"""Counts, and counts divided by those that the same objects need. Nothing here is a time."""


def count_of(metric: str) -> str:
    """Return the count that `metric` is, or is a ratio of."""
    return metric.removesuffix(_RATIO)


def is_ratio(metric: str) -> bool:
    """Return whether `metric` is an amplification."""
    return metric.endswith(_RATIO)


def figure(call: CallReport, metric: str) -> float | None:
    """Return what was measured; None for an amplification whose denominator is unknown or 0.

    Of queries, all chunks of one selectin are one: a limit is of code, and does not depend on the
    amount of data.
    """
    if is_ratio(metric):
        ratio: float | None = getattr(call.amplification, count_of(metric))
        return ratio
    return call.loads if metric == "queries" else counted(call, metric)


def counted(call: CallReport, name: str) -> int:
    """Return a count of the call."""
    return int(getattr(call, name))


def needed(call: CallReport, name: str) -> int | None:
    """Return the same count for the same objects under the balanced plan; None if unknown."""
    return None if call.needed is None else int(getattr(call.needed, name))


def place(call: CallReport, metric: str) -> Site | None:
    """Return the line that issues the statement with the most of that metric."""
    sited = [each for each in call.executions if each.site is not None]
    if not sited:
        return None
    return max(sited, key=lambda each: _share(each, count_of(metric))).site


def _share(execution: ExecutionReport, name: str) -> int:
    return int(getattr(execution, "count" if name == "queries" else name))


def shown(value: float) -> str:
    """Return a count with its thousands apart, a ratio in two digits."""
    return f"{int(value):,}" if float(value).is_integer() else f"{value:,.2f}"


def further_chunks(call: CallReport) -> int:
    """Return how many queries only continue a selectin, which asks for 500 parents at a time.

    A selectin is started by a statement of the same line, and once by each: what it sends more
    often than that are further chunks. They grow with the data, and a limit of queries is of code.
    """
    return sum(
        max(0, each.count - _starts(call, each))
        for each in call.executions
        if each.strategy == "selectin"
    )


def _starts(call: CallReport, selectin: ExecutionReport) -> int:
    return sum(
        each.count
        for each in call.executions
        if each.strategy != "selectin" and each.site == selectin.site
    )
