"""One self-contained file for a browser: no network, no server. jinja2 is imported when asked for.

The template, its style and its behaviour are in `reporters/page`. uPlot draws; a copy of it stands
there with its licence. The content security policy lets nothing but these two scripts run, whatever
a name or a statement holds.
"""

import math
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from qprof.domain.plans import AS_WRITTEN
from qprof.domain.report import (
    LEVELS,
    Comparison,
    Growth,
    JoinedPath,
    JoinTree,
    PlanReport,
    Report,
)
from qprof.reporters import growing, growth_verdict, sentences
from qprof.reporters.canvas import Canvas
from qprof.reporters.columns import Column, did_run
from qprof.reporters.escape import plain
from qprof.reporters.figures import (
    TIMES,
    UNKNOWN,
    count,
    duration,
    measure,
    milliseconds,
    quotient,
    ratio,
)
from qprof.reporters.findings import fix_parts, parts_of, whole_fix
from qprof.reporters.worst_first import (
    EMPTY,
    FINE,
    STOPPED,
    UNJUDGED,
    Subject,
    compared,
    headline,
    subjects,
    title,
)

_PAGE = Path(__file__).parent.parent / "page"
_METRICS = ("queries", "rows", "cells", "seconds")
_OPTIONAL = ("queries", f"{TIMES}rows", "cells", "ms")
"""The columns that a phone leaves out."""
_AT_ONCE = 60
"""From which call on the details are kept as text until somebody opens them: 100,000 elements take
a browser seconds."""

Cell = tuple[str, float]
"""What a cell shows, and what it is sorted by."""


def render(report: Report, canvas: Canvas) -> str:
    """Return the page; the canvas is the browser's own."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    pages = Environment(
        autoescape=True,
        finalize=visible,
        loader=FileSystemLoader(_PAGE),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["columns"] = lambda cells: list(zip(*cells, strict=True))
    scripts = [_read("uplot/uPlot.iife.min.js"), _read("report.js")]
    found = subjects(report)
    text = pages.get_template("report.html.jinja").render(
        **_HELPERS,
        report=report,
        headline=headline(report, found),
        environment=_environment(report),
        worst=found[0].level if found else FINE,
        subjects=[_Section(f"call-{number}", each) for number, each in enumerate(found, start=1)],
        figures=_figures(found),
        optional=_OPTIONAL,
        most_at_once=_AT_ONCE,
        levels=[
            each
            for each in (*reversed(LEVELS), STOPPED, EMPTY, UNJUDGED, FINE)
            if _has(found, each)
        ],
        missed=[each for each in report.unmeasured if each.raised],
        left_out=[each for each in report.unmeasured if not each.raised],
        rules=list(_rules(report)),
        # These four are ours, and the only texts that are not escaped.
        styles=Markup(_read("uplot/uPlot.min.css") + _read("report.css")),
        plotting=Markup(scripts[0]),
        behaviour=Markup(scripts[1]),
        hashes=Markup(" ".join(map(_hash, scripts))),
    )
    return f"{text.strip()}\n"


def visible(value: Any) -> Any:
    """Return a text with what hides or moves other text spelled out; its lines stay lines."""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    return "\n".join(map(plain, value.split("\n")))


class _Section:
    """A call with its place on the page; all else is the subject's."""

    def __init__(self, anchor: str, subject: Subject) -> None:
        self.anchor, self._subject = anchor, subject
        self.title = title(subject)
        self.comparison = next(iter(subject.comparisons), None)
        self.verdict = next((each.verdict for each in subject.calls), "")
        self.notes = list(dict.fromkeys(note for call in subject.calls for note in call.notes))
        call = subject.call
        self.trees = [each for each in (call.executions if call else ()) if each.tree]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._subject, name)


def _read(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    """Return what the content security policy knows a script by."""
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def _environment(report: Report) -> list[str]:
    return [*sentences.environment(report.environment), *filter(None, [compared(report.changes)])]


def _has(found: Sequence[Subject], level: str) -> bool:
    return any(each.level == level for each in found)


def _rules(report: Report) -> Iterator[tuple[str, str, str]]:
    """Yield the id, the title and the page of each rule that has a finding."""
    from qprof.judge.detectors import DETECTORS
    from qprof.judge.rules.pages import page
    from qprof.scan.rules import OWN

    plans = [plan for each in report.comparisons for plan in each.plans]
    found = [*report.findings, *(each for plan in plans for each in plan.findings)]
    known = {rule.id: rule for rule in (*DETECTORS, *OWN)}
    for rule in sorted({each.rule for each in found}):
        if rule in known:
            head, _, text = page(known[rule]).partition("\n\n")
            yield rule, head, text


# --- the overview ---------------------------------------------------------------------------------


def _figures(found: Sequence[Subject]) -> list[tuple[str, Callable[[Subject], Cell]]]:
    """Return the columns of figures: those of which some call knows one."""
    columns: dict[str, Callable[[Subject], Cell]] = {
        "queries": lambda each: _count(_cost(each).get("queries")),
        "rows": lambda each: _count(_cost(each).get("rows")),
        f"{TIMES}rows": lambda each: _ratio(each, "rows"),
        "cells": lambda each: _count(_cost(each).get("cells")),
        f"{TIMES}cells": lambda each: _ratio(each, "cells"),
        "ms": lambda each: _time(each),
    }
    return [
        (name, cell)
        for name, cell in columns.items()
        if any(cell(each)[0] != UNKNOWN for each in found)
    ]


def _cost(subject: Subject) -> Mapping[str, int | None]:
    """Return the counts of a call: measured, else predicted, else at the largest size."""
    first: Any = subject.call
    for prediction in subject.predictions:
        first = first or next(iter(prediction.plans), None)
    for growth in subject.growths:
        first = first or next((plan.sizes[-1] for plan in growth.plans if plan.sizes), None)
    return {name: getattr(first, name, None) for name in ("queries", "rows", "cells")}


def _count(value: int | None) -> Cell:
    return count(value), -1 if value is None else value


def _ratio(subject: Subject, metric: str) -> Cell:
    value = getattr(subject.call.amplification, metric) if subject.call else None
    return ratio(value), -1 if value is None else value


def _time(subject: Subject) -> Cell:
    seconds = subject.call.seconds if subject.call else None
    value = None
    if seconds is not None:
        value = seconds.execute + (seconds.fetch or 0) if seconds.wall is None else seconds.wall
    return milliseconds(value), -1 if value is None else value


# --- where the rows come from ---------------------------------------------------------------------


@dataclass(frozen=True)
class _Branch:
    depth: int
    name: str
    path: JoinedPath
    average: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.path, name)


def _branches(tree: JoinTree) -> Iterator[_Branch]:
    """Yield the joined paths in the order of a tree, each below its parent."""
    known = {each.path: each for each in tree.paths}

    def below(parent: str | None, depth: int) -> Iterator[_Branch]:
        for path in tree.paths:
            above = path.path.rpartition(".")[0]
            if (above if above in known else None) == parent:
                parents = known[above].objects if above in known else tree.parents
                average = quotient(path.pairs, parents)
                name = path.path.removeprefix(f"{parent or tree.entity}.")
                yield _Branch(depth, name, path, UNKNOWN if average is None else f"{average:.1f}")
                yield from below(path.path, depth + 1)

    return below(None, 1)


@dataclass(frozen=True)
class _Bin:
    label: str
    parents: int
    rows: int
    total: int


def _bins(sizes: Sequence[tuple[int, int]]) -> list[_Bin]:
    """Return how many parents bring about as many rows, in steps of a power of two."""
    found: dict[int, list[tuple[int, int]]] = {}
    for rows, parents in sizes:
        found.setdefault(max(rows, 1).bit_length(), []).append((rows, parents))
    total = sum(rows * parents for rows, parents in sizes)
    return [
        _Bin(
            count(each[0][0]) if len(each) == 1 else f"{count(each[0][0])} to {count(each[-1][0])}",
            sum(parents for _, parents in each),
            sum(rows * parents for rows, parents in each),
            total,
        )
        for _, each in sorted(found.items())
    ]


def _share(value: float | None, most: float | None) -> float:
    """Return how many hundredths `value` is of `most`."""
    if not value or not most or not math.isfinite(value) or not math.isfinite(most):
        return 0.0
    return min(100.0, 100 * value / most)


def _percent(value: float, most: float) -> str:
    return f"{_share(value, most):.0f} %"


# --- plans ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _PlanRow:
    names: tuple[str, ...]
    plan: PlanReport
    recommended: bool
    written: bool
    most_seconds: float | None
    most_cells: int | None


def _plan_rows(comparison: Comparison | None) -> list[_PlanRow]:
    """Return the plans, the fastest first; those of the same strategies and cost are one row."""
    if comparison is None:
        return []
    same: dict[object, list[PlanReport]] = {}
    for plan in comparison.plans:
        key = (tuple(sorted(plan.strategies.items())), plan.status, plan.identical, plan.rows)
        same.setdefault(key if plan.strategies else plan.plan, []).append(plan)
    seconds = [each.seconds for each in comparison.plans if each.seconds is not None]
    cells = [each.cells for each in comparison.plans if each.cells is not None]
    rows = [
        _PlanRow(
            names=tuple(each.plan for each in plans),
            plan=_shown(plans, comparison),
            recommended=any(each.plan == comparison.recommended for each in plans),
            written=any(each.plan == AS_WRITTEN for each in plans),
            most_seconds=max(seconds, default=None),
            most_cells=max(cells, default=None),
        )
        for plans in same.values()
    ]
    return sorted(rows, key=lambda row: (not did_run(row.plan), _seconds(row.plan)))


def _shown(plans: Sequence[PlanReport], comparison: Comparison) -> PlanReport:
    """Return the plan whose figures stand for those of equal strategies."""
    first = plans[0]
    if first.plan == AS_WRITTEN:
        return first
    return next((each for each in plans if each.plan == comparison.recommended), first)


def _gains(comparison: Comparison, after: PlanReport) -> Iterator[tuple[str, str, str, str]]:
    """Yield each figure of the call as written, under another plan, and how they differ."""
    before = next((each for each in comparison.plans if each.plan == AS_WRITTEN), None)
    for metric in _METRICS if before else ():
        was, now = getattr(before, metric), getattr(after, metric)
        if was is not None and now is not None:
            shown = duration if metric == "seconds" else count
            name = "time" if metric == "seconds" else metric
            yield name, shown(was), shown(now), _difference(was, now, name)


def _difference(before: float, after: float, name: str) -> str:
    time = name == "time"
    if before == after:
        return "the same"
    if not before or not after or not math.isfinite(before / after):
        return ""
    if after < before:
        return f"{100 * (before - after) / before:.0f} % {'less' if time else 'fewer'}"
    return f"{after / before:,.2g}{TIMES} as {'long' if time else 'many'}"


def _sentence(text: str) -> str:
    """Return it with a capital, as a paragraph begins."""
    return text[:1].upper() + text[1:]


def _fixes(subject: Subject) -> list[str]:
    return [whole_fix(each) for each in subject.findings]


def _seconds(plan: PlanReport) -> float:
    return math.inf if plan.seconds is None else plan.seconds


def _row_times(comparison: Comparison) -> list[dict[str, Any]]:
    """Return what the time of each plan is made of, for other round trips."""
    return [
        {
            "name": plain(" = ".join(row.names)),
            "seconds": row.plan.seconds,
            "queries": row.plan.queries,
        }
        for row in _plan_rows(comparison)
        if row.plan.seconds is not None and row.plan.queries is not None
        if row.plan.identical is not False and math.isfinite(row.plan.seconds)
    ]


# --- growth ---------------------------------------------------------------------------------------


def _growth_series(growth: Growth) -> list[dict[str, Any]]:
    """Return what is drawn: for each metric the sizes, and the figures of each plan at them."""
    sizes = {each.size for plan in growth.plans for each in plan.sizes}
    ahead = {growth.to} if growth.to is not None else set()
    points = sorted(sizes | ahead)
    return [
        {
            "metric": "ms" if metric == "seconds" else metric,
            "sizes": points,
            "plans": list(_lines(growth, metric, points)),
        }
        for metric in _drawn_metrics(growth)
        if sizes
    ]


def _drawn_metrics(growth: Growth) -> Sequence[str]:
    sized = any(each.bytes is not None for plan in growth.plans for each in plan.sizes)
    return (*_METRICS, "bytes") if sized else _METRICS


def _lines(growth: Growth, metric: str, points: Sequence[float]) -> Iterator[dict[str, Any]]:
    scale = 1000 if metric == "seconds" else 1
    for plan in growth.plans:
        known = {each.size: getattr(each, metric) for each in plan.sizes}
        values = [_drawn(known.get(each), scale) for each in points]
        name = plain(plan.plan)
        yield {"plan": name, "name": name, "forecast": False, "values": values}
        found = next((each.estimate for each in plan.fits if each.metric == metric), None)
        if found is not None and known and growth.to is not None:
            ends = {max(known): known[max(known)], growth.to: found.value}
            values = [_drawn(ends.get(each), scale) for each in points]
            ahead = f"{name}, forecast"
            yield {"plan": name, "name": ahead, "forecast": True, "values": values}


def _drawn(value: float | None, scale: float) -> float | None:
    return None if value is None or not math.isfinite(value) else value * scale


def _growth_tables(growth: Growth) -> list[list[Column]]:
    return [growing.growth_columns(growth)] if growing.has_figures(growth) else []


def _growth_sentences(growth: Growth) -> list[str]:
    told = [*growing.fit_sentences(growth), growing.reach(growth)]
    return [each for each in told if each]


_HELPERS: Mapping[str, Callable[..., Any]] = {
    "bins": _bins,
    "branches": _branches,
    "break_even": sentences.break_even,
    "count": count,
    "duration": duration,
    "fix_parts": fix_parts,
    "fixes": _fixes,
    "gains": _gains,
    "growth_heading": growing.heading,
    "growth_verdict": growth_verdict.verdict,
    "growth_sentences": _growth_sentences,
    "growth_series": _growth_series,
    "growth_tables": _growth_tables,
    "measure": measure,
    "parts_of": parts_of,
    "percent": _percent,
    "plan_rows": _plan_rows,
    "remark": sentences.remark,
    "repeats": sentences.repeats,
    "row_times": _row_times,
    "sentence": _sentence,
    "share": _share,
    "worst_root": sentences.worst_root,
}
"""What the template calls."""
