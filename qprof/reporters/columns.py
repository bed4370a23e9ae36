"""The columns of each table, in every format: titles, cells, and which may be left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qprof.domain.plans import AS_WRITTEN
from qprof.domain.report import Breach, CallReport, Comparison, PlanReport, Prediction
from qprof.domain.trace import Cost
from qprof.reporters.figures import TIMES, UNKNOWN, count, measure, milliseconds, quotient, ratio


@dataclass(frozen=True)
class Column:
    """A title over one cell for each row."""

    title: str
    cells: tuple[str, ...]
    right: bool = True
    drop: int = 0
    """Where the table is too wide: 1 is left out first, then 2, then 3; 0 never."""
    short: str | None = None
    """A shorter title, for the same case."""


def call_columns(calls: Sequence[CallReport]) -> list[Column]:
    """Return what each call cost; a figure that is not known of any has no column."""
    columns = [
        _words("call", (call.name for call in calls)),
        _figures("queries", (count(call.queries) for call in calls)),
        _figures("rows", (count(call.rows) for call in calls)),
        _figures("needed", (count(call.needed.rows if call.needed else None) for call in calls)),
        _figures(f"{TIMES}rows", (ratio(call.amplification.rows) for call in calls), drop=3),
        _figures("cells", (count(call.cells) for call in calls)),
        _figures(f"{TIMES}cells", (ratio(call.amplification.cells) for call in calls), drop=3),
        _figures("bytes", (count(call.bytes) for call in calls)),
        _figures("execute ms", (milliseconds(call.seconds.execute) for call in calls), drop=1),
        _figures("fetch ms", (milliseconds(call.seconds.fetch) for call in calls), drop=1),
        _figures("ms", (milliseconds(call.seconds.wall) for call in calls)),
    ]
    return [each for each in columns if not each.cells or set(each.cells) != {UNKNOWN}]


def plan_columns(comparison: Comparison, needed: Cost | None) -> list[Column]:
    """Return what each plan cost; the cells of a plan that could not run are empty."""
    plans = comparison.plans
    rows, cells = (needed.rows, needed.cells) if needed else (None, None)
    columns = [
        _figures("queries", (count(plan.queries) for plan in plans)),
        _figures("rows", (count(plan.rows) for plan in plans)),
        _figures(f"{TIMES}rows", (ratio(quotient(plan.rows, rows)) for plan in plans), drop=3),
        _figures("cells", (count(plan.cells) for plan in plans)),
        _figures(f"{TIMES}cells", (ratio(quotient(plan.cells, cells)) for plan in plans), drop=3),
        *_bytes(plans),
        _figures("ms", (milliseconds(plan.seconds) for plan in plans)),
        _figures("least to most", (_spread(plan) for plan in plans), drop=1),
        Column("same objects", tuple(map(_same, plans)), right=False, short="same"),
        Column("rules", tuple(map(_rules, plans)), right=False, drop=2),
    ]
    ran = [did_run(plan) for plan in plans]
    return [_words("plan", (plan.plan for plan in plans)), *(_only(ran, each) for each in columns)]


def _bytes(plans: Sequence[PlanReport]) -> list[Column]:
    known = any(plan.bytes is not None for plan in plans)
    return [_figures("bytes", (count(plan.bytes) for plan in plans))] if known else []


def byte_columns(calls: Sequence[CallReport]) -> list[Column]:
    """Return the bytes of each statement whose size is known, the largest of a call first."""
    known = [
        (call, each)
        for call in calls
        for each in sorted(call.executions, key=lambda one: -(one.bytes or 0))
        if each.bytes is not None
    ]
    return [
        _words("call", (call.name for call, _ in known)),
        _words("loads", (each.path or each.kind for _, each in known)),
        _words("by", (each.strategy for _, each in known)),
        _figures("rows", (count(each.rows) for _, each in known)),
        _figures("bytes", (count(each.bytes) for _, each in known)),
    ]


def prediction_columns(prediction: Prediction) -> list[Column]:
    """Return what each plan would cost."""
    plans = prediction.plans
    return [
        _words("plan", (plan.plan for plan in plans)),
        _figures("queries", (count(plan.queries) for plan in plans)),
        _figures("rows", (count(plan.rows) for plan in plans)),
        _figures("cells", (count(plan.cells) for plan in plans)),
    ]


def breach_columns(breaches: Sequence[Breach]) -> list[Column]:
    """Return the limits that were broken."""
    return [
        _words("call", (each.call for each in breaches)),
        _words("metric", (each.metric for each in breaches)),
        _figures("limit", (measure(each.limit) for each in breaches)),
        _figures("measured", (measure(each.measured) for each in breaches)),
        _words("source", (each.source for each in breaches)),
        _words("level", map(_standing, breaches)),
    ]


def did_run(plan: PlanReport) -> bool:
    """Return whether the plan has figures."""
    return plan.status != "not-applicable"


def _words(title: str, cells: Iterable[str]) -> Column:
    return Column(title, tuple(cells), right=False)


def _figures(title: str, cells: Iterable[str], drop: int = 0) -> Column:
    return Column(title, tuple(cells), drop=drop)


def _only(ran: list[bool], column: Column) -> Column:
    cells = tuple(cell if ok else "" for ok, cell in zip(ran, column.cells, strict=True))
    return Column(column.title, cells, column.right, column.drop, column.short)


def _spread(plan: PlanReport) -> str:
    return UNKNOWN if plan.spread is None else " to ".join(map(milliseconds, plan.spread))


def _rules(plan: PlanReport) -> str:
    """Return the rules that are broken under a plan, notes left out."""
    return " ".join(dict.fromkeys(each.rule for each in plan.findings if each.level != "note"))


def _standing(breach: Breach) -> str:
    return breach.level if breach.acknowledged is None else "accepted"


def _same(plan: PlanReport) -> str:
    if plan.plan == AS_WRITTEN:
        return UNKNOWN
    return {True: "yes", False: "NO", None: "?"}[plan.identical]
