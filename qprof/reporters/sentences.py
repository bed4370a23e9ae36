"""The sentences that surround the figures, the same in every format, not yet escaped."""

import re
from collections.abc import Mapping, Sequence

from qprof.domain.interrupts import STOPPED
from qprof.domain.report import (
    LEVELS,
    Breach,
    BreakEven,
    CallReport,
    Comparison,
    PlanReport,
    Prediction,
    Report,
    RowsPerRoot,
)
from qprof.domain.trace import Cost, Environment, Root, Scalar
from qprof.domain.words import first_listed
from qprof.reporters.columns import did_run
from qprof.reporters.figures import TIMES, count, counted, duration, measure
from qprof.reporters.findings import Group
from qprof.reporters.grids import shortened

_NEEDED = f"needed: rows of the same objects under the balanced plan; {TIMES}: measured / needed; "
_WALL = "ms: wall time of one run"
_DRIVER = "ms: in the driver, over all runs"
_LONGEST_ARGUMENT = 60
NAMED = 3
"""Calls that are named in one sentence."""
_NEED = re.compile(r"objects\s+need\b|\bare\s+enough\b|\bneeded\b")
"""How a text speaks of the denominator."""


def environment(seen: Environment) -> list[str]:
    """Return what the figures speak for, in parts."""
    library = seen.library
    parts = [seen.database]
    if library:
        parts.append(f"recipe {library.recipe}, scale {library.scale:g}, seed {library.seed}")
    if seen.dialect:  # A scan runs nothing.
        parts.append(f"SQLAlchemy {seen.sqlalchemy}, {seen.dialect}+{seen.driver}")
    return [*parts, f"Python {seen.python}", f"qprof {seen.qprof}"]


def legend(calls: Sequence[CallReport]) -> str:
    """Return what the columns of the table of calls are."""
    needed = _NEEDED if not calls or any(call.needed for call in calls) else ""
    whole = calls and all(call.seconds.wall is None for call in calls)
    return needed + (_DRIVER if whole else f"{_WALL}{_cold(calls)}.")


def footnotes(report: Report, told: str) -> list[str]:
    """Return what the words mean that `told` has, and how often was timed."""
    texts = [f"cells: rows {TIMES} columns"] if re.search(r"\bcells\b", told) else []
    known = any(call.needed for call in report.calls) and not report.comparisons
    if known and _NEED.search(told):
        texts.append("need: measured under the balanced plan")
    if report.comparisons and re.search(r"\bbalanced\b", told):
        texts.append("balanced: selectin for collections, joined for the rest")
    times = [repeats(each) for each in report.comparisons]
    timed = next((each for each in times if each), "")
    single = len(report.calls) == 1 and report.calls[0].seconds.wall is not None
    if not timed and (single or report.gate is not None):
        # One call says its time in a line of its own, and a gate has no column of times.
        timed = ""
    elif not timed and any(call.seconds.wall is not None for call in report.calls):
        timed = "ms: one warm run"
    elif not timed and report.calls:
        timed = _DRIVER
    timed = timed if re.search(r"\bms\b", told) else ""
    compared = [signature(each.call, report.calls) for each in report.comparisons]
    return [*(compared if len(compared) == 1 else ()), "; ".join(filter(None, [*texts, timed]))]


def _cold(calls: Sequence[CallReport]) -> str:
    """Return how much longer the very first runs took, where that is known."""
    ratios = [
        call.seconds.cold / call.seconds.wall
        for call in calls
        if call.seconds.cold and call.seconds.wall
    ]
    if not ratios:
        return ""
    least, most = f"{min(ratios):.1f}", f"{max(ratios):.1f}"
    return (
        f", warm; the cold first took {least if least == most else f'{least} to {most}'} times that"
    )


def unmeasured(report: Report) -> list[str]:
    """Return a sentence for each call that was run and failed."""
    done = "measured" if report.environment.dialect else "scanned"
    failed = [each for each in report.unmeasured if each.raised]
    if not report.interrupted or report.growths:
        return [f"not {done}: {each.reason}" for each in failed]
    stopped = [each for each in failed if each.reason.endswith(STOPPED)]
    known = len(report.calls) or len(report.predictions)
    told = [f"not {done}: {each.reason}" for each in failed if each not in stopped]
    return [*told, f"interrupted: {known:,} of {counted(known + len(stopped), 'call')} {done}"]


def empty(calls: Sequence[CallReport]) -> list[str]:
    """Return one sentence about the calls that nothing is known of, since no row came back."""
    found = [call for call in calls if call.is_empty]
    if not found:
        return []
    names = first_listed([called(call.name, call.arguments) for call in found], NAMED)
    given = any(call.arguments for call in found)
    advice = " Give values that rows have: --arg, or [tool.qprof.calls]." if given else ""
    cost = "its cost is" if len(found) == 1 else "their costs are"
    return [f"no row came back from {names}, so {cost} not known.{advice}"]


def breach(broken: Breach) -> str:
    """Return what limit was broken, by how much, with the call's name in it."""
    if broken.message:
        named = broken.call in broken.message
        return broken.message if named else f"{broken.call}: {broken.message}"
    return (
        f"{broken.call}: {broken.metric} {measure(broken.measured)}, over the limit of "
        f"{measure(broken.limit)} ({broken.source})."
    )


def told(broken: Breach) -> tuple[str, str]:
    """Return the level of a broken limit, with its place, and what is to be said of it."""
    at = f" {broken.location.place}" if broken.location else ""
    if broken.acknowledged is None:
        return f"{broken.level}{at}", breach(broken)
    return f"accepted{at}", f"{breach(broken)} {broken.acknowledged}"


def signature(name: str, calls: Sequence[CallReport]) -> str:
    """Return "artists.search(query='The')", or the bare name of a call that is not in `calls`."""
    call = find(name, calls)
    return name if call is None else called(name, call.arguments)


def called(name: str, arguments: Mapping[str, Scalar]) -> str:
    """Return "artists.search(query='The')"."""
    texts = (
        f"{key}={shortened(repr(value), _LONGEST_ARGUMENT)}" for key, value in arguments.items()
    )
    listed = ", ".join(texts)
    return f"{name}({listed})" if listed else name


def find(name: str, calls: Sequence[CallReport]) -> CallReport | None:
    """Return the first call of that name."""
    return next((call for call in calls if call.name == name), None)


def needed(cost: Cost | None) -> str:
    """Return the denominator of a comparison's ratios."""
    if cost is None:
        return f"What the objects need is not known, so no {TIMES} can be given."
    return (
        f"Needed: {counted(cost.queries, 'query', 'queries')}, "
        f"{counted(cost.rows, 'row')}, {counted(cost.cells, 'cell')}."
    )


def repeats(comparison: Comparison) -> str:
    """Return what the times of a comparison are; "" where nothing was timed."""
    counts = sorted({plan.repeats for plan in comparison.plans if plan.repeats})
    if not counts:
        return ""
    if counts == [1]:
        return "ms: one run of each plan"
    least = f"{counts[0]} to " if len(counts) > 1 else ""
    return f"ms: medians of {least}{counts[-1]} repeats in this run"


def break_even(points: Sequence[BreakEven]) -> str:
    """Return the round trips from which other plans win; "" where none does."""
    turns = [
        f"{point.plan} from {duration(point.seconds)} per query"
        if point.seconds > 0
        else f"{point.plan} at any latency"
        for point in points
    ]
    return f"with network latency another plan is faster: {', '.join(turns)}" if turns else ""


def conclusion(comparison: Comparison) -> str:
    """Return the verdict on a comparison, with the call's name in it."""
    return f"{comparison.call}: {comparison.reason}"


def remark(plan: PlanReport) -> str:
    """Return what is to be said of a plan besides its figures; "" for most."""
    if not did_run(plan):
        return f"not run: {plan.reason or 'no reason was given.'}"
    if plan.status == "predicted":
        return f"predicted, not run: {plan.reason or 'too many rows.'}"
    if plan.identical is False:
        return f"other objects: {plan.reason or 'they differ from those of the call as written.'}"
    return plan.reason or ""


def worst_root(prediction: Prediction) -> str:
    """Return the root whose own product is largest; "" where none is known."""
    root = prediction.worst_root
    if root is None:
        return ""
    others = [_root(each) for each in prediction.worst_roots[1:]]
    parents = "Largest parents" if others else "Largest parent"
    found = ", ".join([_root(root), *others])
    return f"{parents}: {found}.{_spread(prediction.rows_per_root)}"


def _root(root: Root) -> str:
    identity = ", ".join(map(str, root.identity))
    return f"{root.entity} {identity} ({counted(root.rows, 'row')})"


def _spread(rows: RowsPerRoot | None) -> str:
    if rows is None:
        return ""
    return (
        f" Rows per parent, {rows.plan}: median {count(rows.median)}, p90 {count(rows.p90)}, "
        f"p99 {count(rows.p99)}, most {count(rows.most)}."
    )


def unsure(prediction: Prediction) -> list[str]:
    """Return a sentence for each reason why plans are not exact, and the plans that it is for."""
    plans: dict[tuple[str, str], list[str]] = {}
    for plan in prediction.plans:
        if plan.exactness in _UNSURE:
            plans.setdefault((plan.exactness, plan.reason or ""), []).append(plan.plan)
    return [
        f"{', '.join(names)}: {_UNSURE[exactness]}{': ' if reason else ''}{reason}."
        for (exactness, reason), names in plans.items()
    ]


_UNSURE = {"counted": "counted by the database, row by row", "unknown": "unknown"}


def verdict(group: Group) -> str:
    """Return the verdict on a call, with the call's name in it."""
    named = not group.verdict or group.call in group.verdict
    return group.verdict or group.call if named else f"{group.call}: {group.verdict}"


def _counted_calls(report: Report) -> str:
    if report.predictions and not report.calls:
        return f"{counted(len(report.predictions), 'call')} predicted"
    names = {call.name for call in report.calls} | {each.call for each in report.growths}
    return counted(len(names) if report.growths else len(report.calls), "call")


def summary(report: Report) -> str:
    """Return the counts of calls and findings in one line."""
    scanned = not report.environment.dialect
    parts = [] if scanned else [_counted_calls(report)]
    failed = sum(each.raised for each in report.unmeasured)
    done = "scanned" if scanned else "measured"
    parts += [f"{count(failed)} not {done}"] if failed else []
    left_out = len(report.unmeasured) - failed
    parts += [f"{count(left_out)} left out"] if left_out else []
    only = report.predictions and not report.calls
    if report.findings:
        parts += _levels(report)
    elif not report.growths and not only:
        parts.append("no findings")
    passed = sum(each.acknowledged is not None for each in report.breaches)
    over = len(report.breaches) - passed
    parts += [f"{count(over)} over the limit"] if over else []
    parts += [counted(passed, "exception")] if passed else []
    told = f"{', '.join(parts)}."
    return told[0].upper() + told[1:]


def _levels(report: Report) -> list[str]:
    levels = [each.level for each in report.findings]
    return [counted(levels.count(level), level) for level in reversed(LEVELS)]
