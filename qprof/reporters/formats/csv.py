"""The figures for a spreadsheet or a data frame: one figure on a line, whatever it is of."""

import csv
import io
from collections.abc import Iterator

from qprof.domain.plans import AS_WRITTEN
from qprof.domain.report import (
    MIX,
    Breach,
    CallReport,
    Change,
    Comparison,
    Growth,
    PlanReport,
    Prediction,
    Report,
)
from qprof.reporters.canvas import Canvas
from qprof.reporters.escape import plain

COLUMNS = ("call", "plan", "axis", "size", "metric", "value", "kind")
_FIGURES = ("queries", "rows", "cells", "seconds")

Line = tuple[str, str, str, float | None, str, float | None, str]


def render(report: Report, canvas: Canvas) -> str:
    """Return a long table: a header, then call, plan, axis, size, metric, value and kind.

    Times are in seconds. The kind is measured, needed, predicted, extrapolated, low and high,
    between what an extrapolation lies, limit, of a budget or baseline that was broken, or before,
    in the earlier report, of what changed. Axis and size are empty where nothing grew.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(line) for line in _lines(report) if line[5] is not None)
    return text.getvalue()


def _row(line: Line) -> list[object]:
    call, plan, *rest = line
    return [_cell(call), _cell(plan), *rest]


def _cell(text: str) -> str:
    """Return a name that no spreadsheet takes for a formula, on one line."""
    safe = plain(text)
    return f"'{safe}" if safe.startswith(("=", "+", "-", "@")) else safe


def _lines(report: Report) -> Iterator[Line]:
    for call in report.calls:
        yield from _call(call)
    for comparison in report.comparisons:
        yield from _comparison(comparison)
    for prediction in report.predictions:
        yield from _prediction(prediction)
    for growth in report.growths:
        yield from _growth(growth)
    for breach in report.breaches:
        yield from _breach(breach)
    for change in report.changes:
        yield from _change(change)


def _change(change: Change) -> Iterator[Line]:
    metric = f"{change.rule} {change.metric}" if change.rule else change.metric or ""
    yield change.call, AS_WRITTEN, "", None, _cell(metric), change.before, "before"
    if change.rule is not None:
        yield change.call, AS_WRITTEN, "", None, _cell(metric), change.after, "measured"


def _breach(breach: Breach) -> Iterator[Line]:
    start = (breach.call, AS_WRITTEN, "", None, _cell(breach.metric))
    yield *start, breach.limit, "limit"
    if breach.metric not in _FIGURES:
        yield *start, breach.measured, "measured"


def _call(call: CallReport) -> Iterator[Line]:
    figures = (call.queries, call.rows, call.cells, call.seconds.wall, call.bytes)
    yield from _still(call.name, AS_WRITTEN, "measured", figures)
    if call.needed is not None:
        needed = (call.needed.queries, call.needed.rows, call.needed.cells)
        yield from _still(call.name, "", "needed", needed)


def _comparison(comparison: Comparison) -> Iterator[Line]:
    for plan in comparison.plans:
        figures = (plan.queries, plan.rows, plan.cells, plan.seconds, plan.bytes)
        yield from _still(comparison.call, _plan_name(plan), plan.status, figures)


def _plan_name(plan: PlanReport) -> str:
    """Return a plan's name; that of a search's plan path by path, as --plan takes it."""
    if not plan.plan.startswith(MIX):
        return plan.plan
    return ",".join(f"{path}={strategy}" for path, strategy in plan.strategies.items())


def _prediction(prediction: Prediction) -> Iterator[Line]:
    for plan in prediction.plans:
        figures = (plan.queries, plan.rows, plan.cells)
        yield from _still(prediction.call, plan.plan, "predicted", figures)


def _still(call: str, plan: str, kind: str, figures: tuple[float | None, ...]) -> Iterator[Line]:
    for metric, value in zip((*_FIGURES, "bytes"), figures, strict=False):
        yield call, plan, "", None, metric, value, kind


def _growth(growth: Growth) -> Iterator[Line]:
    for plan in growth.plans:
        start = (growth.call, plan.plan, growth.axis)
        for each in plan.sizes:
            figures = (each.queries, each.rows, each.cells, each.seconds)
            for metric, value in zip(_FIGURES, figures, strict=True):
                yield *start, each.size, metric, value, "measured"
            if each.bytes is not None:
                yield *start, each.size, "bytes", each.bytes, "measured"
        for fit in plan.fits:
            if (found := fit.estimate) is not None:
                yield *start, growth.to, fit.metric, found.value, "extrapolated"
                yield *start, growth.to, fit.metric, found.low, "low"
                yield *start, growth.to, fit.metric, found.high, "high"
                yield *start, growth.to, fit.metric, found.measured, "measured"
