"""A growth in columns and sentences, for every format that shows it to people."""

from collections.abc import Iterator, Mapping, Sequence

from qprof.domain.loaders import CHUNK
from qprof.domain.report import Estimate, Fit, Growth, PlanGrowth, SizeReport
from qprof.reporters.columns import Column
from qprof.reporters.figures import TIMES, UNKNOWN, count, counted, milliseconds

_SHOWN = 0.005
"""The least margin that two digits show."""
_WIDE = 10
"""An interval that is so many times as wide as its value says nothing of the value."""
_WHAT = {
    "library": "the library grows: artists and playlists",
    "roots": "there are more artists, each with as much as before",
    "children": "each artist and playlist has more",
    "databases": "the databases grow",
}
_KINDS: Mapping[str | None, str] = {
    "constant": "constant",
    "batched": f"+1 per {CHUNK}",
    "sublinear": "sublinear",
    "linear": "linear",
    "worse": "superlinear",
    None: "unclear",
}
"""How a figure grows, in words."""
_NEAR_TWO = 0.25


def heading(growth: Growth) -> str:
    """Return what grows, to follow the call."""
    return f"as {_WHAT.get(growth.axis, growth.axis)}"


def has_figures(growth: Growth) -> bool:
    """Return whether anything was measured."""
    return any(plan.fits for plan in growth.plans)


def glance_columns(growth: Growth) -> list[Column]:
    """Return each figure at each size below its plan, how it grows, and what is extrapolated."""
    rows: list[tuple[PlanGrowth, Fit | None]] = []
    for plan in growth.plans:
        if plan.fits:
            rows += [(plan, None), *((plan, fit) for fit in plan.fits)]
    names = tuple(plan.plan if fit is None else f"  {_name(fit)}" for plan, fit in rows)
    return [Column("", names, right=False), *_figures(growth, rows, exponents=False)]


def growth_columns(growth: Growth) -> list[Column]:
    """Return each figure of each plan at each size, its exponent, and what is extrapolated."""
    rows = [(plan, fit) for plan in growth.plans for fit in plan.fits]
    names = tuple(f"{plan.plan} {_name(fit)}" for plan, fit in rows)
    return [Column("", names, right=False), *_figures(growth, rows, exponents=True)]


def _figures(
    growth: Growth, rows: Sequence[tuple[PlanGrowth, Fit | None]], *, exponents: bool
) -> Iterator[Column]:
    sizes = sorted({each.size for plan in growth.plans for each in plan.sizes})
    mark = "size " if growth.axis == "databases" else TIMES
    for size in sizes:
        cells = (_at(plan, fit.metric, size) if fit else "" for plan, fit in rows)
        middle = size not in (sizes[0], sizes[-1])
        yield Column(f"{mark}{size:g}", tuple(cells), drop=3 if middle else 0)
    fits = [fit for _, fit in rows]
    yield Column("growth", tuple(word(fit) if fit else "" for fit in fits), right=False)
    if exponents:
        yield Column("exponent", tuple(_exponent(fit) if fit else "" for fit in fits))
    if growth.to is not None:
        yield from _extrapolated(growth.to, fits)


def _extrapolated(to: float, fits: Sequence[Fit | None]) -> Iterator[Column]:
    yield Column(f"at {to:.3g}", tuple(_value(fit, fit.estimate) if fit else "" for fit in fits))
    found = [fit.estimate if fit else None for fit in fits]
    if any(each and each.measured is not None for each in found):
        cells = (_measured(fit) if fit else "" for fit in fits)
        yield Column("measured", tuple(cells), drop=2)
    if any(each and each.error is not None for each in found):
        yield Column("error", tuple(_error(fit.estimate) if fit else "" for fit in fits), drop=1)


def glance_legend(growths: Sequence[Growth]) -> str:
    """Return what the figures are that nobody would guess."""
    ahead = "at: forecasts; " if any(each.to is not None for each in growths) else ""
    return f"{ahead}ms: medians of {_repeats(growths)} in this run"


def legend(growths: Sequence[Growth]) -> str:
    """Return what the columns are, and the names in the formulas."""
    return (
        f"exponent: of size; ± is 95 %. A class, such as Artist: its objects in the result. "
        f"ms: medians of {_repeats(growths)} in this run."
    )


def _repeats(growths: Sequence[Growth]) -> str:
    sizes = [each for growth in growths for plan in growth.plans for each in plan.sizes]
    repeats = sorted({each.repeats for each in sizes}) or [0]
    least = f"{repeats[0]} to " if len(repeats) > 1 else ""
    return f"{least}{counted(repeats[-1], 'repeat')}"


# --- sentences ------------------------------------------------------------------------------------


def remarks(growth: Growth) -> Iterator[str]:
    """Yield once for each reason what the sizes cannot tell, and what did not run."""
    noted: dict[str, list[str]] = {}
    for plan in growth.plans:
        for fit in plan.fits:
            if fit.note:
                noted.setdefault(fit.note, []).append(f"{plan.plan} {_name(fit)}")
    for note, figures in noted.items():
        yield f"{', '.join(figures)}: {note}"
    yield from stopped(growth)


def stopped(growth: Growth) -> Iterator[str]:
    """Yield the plans that did not run, and why."""
    for plan in growth.plans:
        if plan.reason:
            yield f"{plan.plan} did not run at every size: {plan.reason}."


def fit_sentences(growth: Growth) -> Iterator[str]:
    """Yield for each figure what it follows, what that gives elsewhere, and what is not told."""
    for plan in growth.plans:
        for fit in plan.fits:
            yield f"{_name(fit)} of {plan.plan}: {'. '.join(_facts(growth, fit))}."
    yield from stopped(growth)


def formulas(growth: Growth) -> Iterator[str]:
    """Yield the formula of each figure, its exponent, and the interval of its forecast."""
    for plan in growth.plans:
        for fit in plan.fits:
            parts = [fit.formula or "no fit"]
            if fit.model in ("power", "affine"):
                parts.append(f"exponent {_exponent(fit)}")
            if fit.estimate is not None and (between := _between(fit, fit.estimate)):
                parts.append(f"at {growth.to:.3g}:{between}")
            yield f"{plan.plan} {_name(fit)} = {'; '.join(parts)}"


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
    if found.low is None or found.high is None or found.low == found.high or _is_wide(found):
        return ""
    return f" ({_shown(fit, found.low)} to {_shown(fit, found.high)})"


def _name(fit: Fit) -> str:
    return "ms" if fit.metric == "seconds" else fit.metric


def _shown(fit: Fit, value: float) -> str:
    return milliseconds(value) if fit.metric == "seconds" else count(round(value))


def _value(fit: Fit, found: Estimate | None) -> str:
    if found is None:
        return UNKNOWN
    return "uncertain" if _is_wide(found) else _shown(fit, found.value)


def _is_wide(found: Estimate) -> bool:
    if found.low is None or found.high is None:
        return False
    return found.high - found.low > _WIDE * found.value


def _measured(fit: Fit) -> str:
    found = fit.estimate.measured if fit.estimate else None
    return UNKNOWN if found is None else _shown(fit, found)


def word(fit: Fit | None) -> str:
    """Return how a figure grows, in a word or three."""
    if fit is None:
        return _KINDS[None]
    if fit.kind == "worse" and fit.exponent and abs(fit.exponent - 2) <= _NEAR_TWO:
        return "quadratic"
    return _KINDS.get(fit.kind, _KINDS[None])


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
    counts = {"queries": size.queries, "rows": size.rows, "cells": size.cells}
    return {**counts, "bytes": size.bytes or 0}[metric]
