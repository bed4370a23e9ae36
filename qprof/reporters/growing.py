"""A growth in columns and sentences, for every format that shows it to people."""

from collections.abc import Iterator, Sequence

from qprof.domain.report import Estimate, Fit, Growth, PlanGrowth, SizeReport
from qprof.reporters.columns import Column
from qprof.reporters.figures import TIMES, UNKNOWN, count, counted, milliseconds

_SHOWN = 0.005
"""The least margin that two digits show."""
_WHAT = {
    "library": "the library grows: artists and playlists",
    "roots": "there are more artists, each with as much as before",
    "children": "each artist and playlist has more",
    "databases": "the databases grow",
}


def heading(growth: Growth) -> str:
    """Return what grows, to follow the call."""
    return f"as {_WHAT.get(growth.axis, growth.axis)}"


def has_figures(growth: Growth) -> bool:
    """Return whether anything was measured."""
    return any(plan.fits for plan in growth.plans)


def growth_columns(growth: Growth) -> list[Column]:
    """Return each figure of each plan at each size, its exponent, and what is extrapolated."""
    rows = [(plan, fit) for plan in growth.plans for fit in plan.fits]
    sizes = sorted({each.size for plan in growth.plans for each in plan.sizes})
    mark = "size " if growth.axis == "databases" else TIMES
    columns = [Column("", tuple(f"{plan.plan} {_name(fit)}" for plan, fit in rows), right=False)]
    columns += [
        Column(f"{mark}{size:g}", tuple(_at(plan, fit.metric, size) for plan, fit in rows))
        for size in sizes
    ]
    columns.append(Column("exponent", tuple(_exponent(fit) for _, fit in rows)))
    if growth.to is not None:
        columns += _extrapolated(growth.to, [fit for _, fit in rows])
    return columns


def legend(growth: Growth) -> str:
    """Return what the columns are."""
    repeats = sorted({each.repeats for plan in growth.plans for each in plan.sizes}) or [0]
    least = f"{repeats[0]} to " if len(repeats) > 1 else ""
    return (
        f"exponent: of size; ± is 95 %. A class, such as Artist: its objects in the result. "
        f"ms: medians of {least}{counted(repeats[-1], 'repeat')} in this run."
    )


def fit_sentences(growth: Growth) -> Iterator[str]:
    """Yield for each figure what it follows, what that gives elsewhere, and what is not told."""
    for plan in growth.plans:
        for fit in plan.fits:
            yield f"{_name(fit)} of {plan.plan}: {'. '.join(_facts(growth, fit))}."
        if plan.reason:
            yield f"{plan.plan} did not run at every size: {plan.reason}."


def reach(growth: Growth) -> str:
    """Return how far the extrapolation goes; "" where there is none."""
    if growth.to is None or growth.beyond is None:
        return ""
    sizes = [each.size for plan in growth.plans for each in plan.sizes]
    return f"{_far(growth.to, min(sizes), max(sizes))} {_named(growth)}".rstrip()


def _far(to: float, smallest: float, largest: float) -> str:
    if to > largest:
        far = f"{to / largest:.1f}{TIMES} beyond the largest"
        return f"From {largest:g} to {to:.3g} is {far} size measured."
    if to < smallest:
        far = f"{smallest / to:.1f}{TIMES} below the smallest"
        return f"From {smallest:g} to {to:.3g} is {far} size measured."
    return f"{to:.3g} lies within the sizes measured."


def _named(growth: Growth) -> str:
    if growth.named is None:
        return ""
    what = "tracks for each artist" if growth.axis == "children" else "artists"
    return (
        f"Size {growth.to:.3g} has as many {what} as recipe {growth.named}; all else is as in the "
        "base recipe."
    )


def _extrapolated(to: float, fits: Sequence[Fit]) -> list[Column]:
    found = [Column(f"at {to:.3g}", tuple(_value(fit, fit.estimate) for fit in fits))]
    if any(fit.estimate and fit.estimate.error is not None for fit in fits):
        found.append(Column("error", tuple(_error(fit.estimate) for fit in fits)))
    return found


def _facts(growth: Growth, fit: Fit) -> Iterator[str]:
    yield fit.formula or "no fit"
    found = fit.estimate
    if found is not None and growth.to is not None:
        there = f"At {growth.to:.3g}: {_value(fit, found)}{_between(fit, found)}"
        if found.measured is not None:
            there += f"; measured {_shown(fit, found.measured)}, error {_error(found)}"
        yield there
    if fit.note:
        yield fit.note[:1].upper() + fit.note[1:]


def _between(fit: Fit, found: Estimate) -> str:
    if found.low is None or found.high is None or found.low == found.high:
        return ""
    return f" ({_shown(fit, found.low)} to {_shown(fit, found.high)})"


def _name(fit: Fit) -> str:
    return "ms" if fit.metric == "seconds" else fit.metric


def _shown(fit: Fit, value: float) -> str:
    return milliseconds(value) if fit.metric == "seconds" else count(round(value))


def _value(fit: Fit, found: Estimate | None) -> str:
    return UNKNOWN if found is None else _shown(fit, found.value)


def _error(found: Estimate | None) -> str:
    if found is None or found.error is None:
        return UNKNOWN
    return f"{100 * found.error:+.1f} %" if found.error else "none"


def _exponent(fit: Fit) -> str:
    if fit.exponent is None:
        return UNKNOWN
    known = fit.margin is not None and fit.margin >= _SHOWN
    return f"{fit.exponent:.2f}" + (f" ±{fit.margin:.2f}" if known else "")


def _at(plan: PlanGrowth, metric: str, size: float) -> str:
    found = next((each for each in plan.sizes if each.size == size), None)
    if found is None:
        return UNKNOWN
    return milliseconds(found.seconds) if metric == "seconds" else count(figure(found, metric))


def figure(size: SizeReport, metric: str) -> int:
    """Return a count by its name."""
    return {"queries": size.queries, "rows": size.rows, "cells": size.cells}[metric]
