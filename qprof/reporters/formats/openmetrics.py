"""Counts as OpenMetrics text, for GitLab's metrics report and whatever reads Prometheus' format."""

from collections import Counter
from collections.abc import Iterator, Mapping

from qprof.domain.report import CallReport, Report
from qprof.reporters.canvas import Canvas
from qprof.reporters.escape import plain

_HELP = {
    "qprof_call_queries": "Executions of one run of the call.",
    "qprof_call_rows": "Rows fetched from the cursor by one run of the call.",
    "qprof_call_cells": "Rows times columns fetched by one run of the call.",
    "qprof_needed_queries": "Executions for the same objects under the balanced plan.",
    "qprof_needed_rows": "Rows for the same objects under the balanced plan.",
    "qprof_needed_cells": "Cells for the same objects under the balanced plan.",
    "qprof_path_queries": "Executions for one loader path of the call; root: its own statements.",
    "qprof_path_rows": "Rows for one loader path of the call; root: its own statements.",
    "qprof_path_cells": "Cells for one loader path of the call; root: its own statements.",
    "qprof_plan_queries": "Executions of the call under a plan.",
    "qprof_plan_rows": "Rows of the call under a plan.",
    "qprof_plan_cells": "Cells of the call under a plan.",
    "qprof_predicted_queries": "Executions of the call under a plan, predicted without running it.",
    "qprof_predicted_rows": "Rows of the call under a plan, predicted without running it.",
    "qprof_predicted_cells": "Cells of the call under a plan, predicted without running it.",
    "qprof_findings": "Findings of a rule in the call.",
    "qprof_breaches": "Limits of a budget or the baseline that the call breaks.",
    "qprof_unmeasured": "Whether the call was run and could not be measured.",
}
_FIGURES = ("queries", "rows", "cells")
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})

Labels = tuple[tuple[str, str], ...]
Sample = tuple[str, Labels, int]
"""A family's name, labels, and a count."""


def render(report: Report, canvas: Canvas) -> str:
    """Return a gauge for each count, and no time: the same run gives the same text.

    Samples of the same name and labels may not come twice, so that calls of one name, and the
    statements of one path, are added up.
    """
    families: dict[str, Counter[Labels]] = {name: Counter() for name in _HELP}
    for name, labels, value in _samples(report):
        families[name][labels] += value
    lines = [line for name, samples in families.items() for line in _family(name, samples)]
    return "".join(f"{line}\n" for line in (*lines, "# EOF"))


def _family(name: str, samples: Mapping[Labels, int]) -> Iterator[str]:
    if samples:
        yield f"# TYPE {name} gauge"
        yield f"# HELP {name} {_HELP[name]}"
    for labels, value in samples.items():
        listed = ",".join(f'{key}="{plain(text).translate(_ESCAPES)}"' for key, text in labels)
        yield f"{name}{{{listed}}} {value}"


def _samples(report: Report) -> Iterator[Sample]:
    for call in report.calls:
        yield from _call(call)
    for comparison in report.comparisons:
        for plan in comparison.plans:
            labels = (("call", comparison.call), ("plan", plan.plan), ("status", plan.status))
            yield from _counts("plan", labels, (plan.queries, plan.rows, plan.cells))
    for prediction in report.predictions:
        for each in prediction.plans:
            names = (("call", prediction.call), ("plan", each.plan))
            yield from _counts("predicted", names, (each.queries, each.rows, each.cells))
    yield from _problems(report)


def _call(call: CallReport) -> Iterator[Sample]:
    labels = (("call", call.name),)
    yield from _counts("call", labels, (call.queries, call.rows, call.cells))
    if (needed := call.needed) is not None:
        yield from _counts("needed", labels, (needed.queries, needed.rows, needed.cells))
    for each in call.executions:
        path = (*labels, ("path", each.path or "root"))
        yield from _counts("path", path, (each.count, each.rows, each.cells))


def _problems(report: Report) -> Iterator[Sample]:
    for each in report.findings:
        labels = (("call", each.call), ("rule", each.rule), ("level", each.level))
        yield "qprof_findings", labels, 1
    for breach in report.breaches:
        state = "acknowledged" if breach.acknowledged is not None else breach.level
        labels = (("call", breach.call), ("metric", breach.metric), ("level", state))
        yield "qprof_breaches", labels, 1
    for missed in report.unmeasured:
        if missed.raised:
            yield "qprof_unmeasured", (("call", missed.call),), 1


def _counts(of: str, labels: Labels, values: tuple[int | None, ...]) -> Iterator[Sample]:
    for metric, value in zip(_FIGURES, values, strict=True):
        if value is not None:
            yield f"qprof_{of}_{metric}", labels, value
