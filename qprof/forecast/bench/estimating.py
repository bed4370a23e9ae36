"""One figure of one plan over several sizes: how it grows, what it is elsewhere, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import Protocol

from qprof.domain.report import Estimate, Fit
from qprof.domain.trace import SizeRun
from qprof.forecast.bench.counts import exact_counts, exact_queries, whole
from qprof.forecast.bench.fit import Affine, Choice, Model, Power, Range, choose, power
from qprof.forecast.bench.growth_kind import GrowthKind, kind_of_power

CLOSE = 2.0
"""The largest size has to be so many times the smallest for an exponent to be told at all."""


def formula_text(model: Model, unit: float) -> str:
    """Return "6,720 + 8,772 × size", figures multiplied by `unit`."""
    if isinstance(model, Power):
        return f"{_short(exp(model.line.intercept) * unit)} × size^{model.exponent:.2f}"
    fixed, slope = model.line.intercept * unit, model.line.slope * unit
    return f"{_short(fixed)} + {_short(slope)} × size"


_TWO_SIZES = "two sizes give no error estimate; add a third"


def note(sizes: Sequence[float], figures: Sequence[float], choice: Choice) -> str | None:
    """Return what the sizes cannot tell; None where they can."""
    if max(sizes) < CLOSE * min(sizes):
        return f"sizes within ×{max(sizes) / min(sizes):.2g} of each other are too close to tell"
    if len(sizes) < 3:
        return _TWO_SIZES
    margin = power(sizes, figures).margin or 0.0
    if margin > 1 or (choice.rival is not None and margin > 0.5):
        return "the growth is unclear: add sizes or repeats"
    return None


def _short(value: float) -> str:
    """Return four digits: "6,720", "93.13", "0.004"."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


_METRICS = ("queries", "rows", "cells", "seconds")


def metrics_of(runs: Sequence[SizeRun]) -> Sequence[str]:
    """Return what is known of all runs; the size of their values only where it was asked for."""
    sized = all(run.bytes is not None for run in runs)
    return (*_METRICS, "bytes") if sized else _METRICS


class Fitted(Protocol):
    """What a figure follows."""

    @property
    def model(self) -> str:
        """Its kind."""

    @property
    def formula(self) -> str:
        """As people read it."""

    @property
    def note(self) -> str | None:
        """What the sizes cannot tell."""

    def kind(self, law: Power | None) -> GrowthKind | None:
        """Return how it grows; None where the sizes cannot tell."""

    def at(self, size: float) -> Range | None:
        """Return what is to be expected at a size; None where nothing can be said."""


@dataclass(frozen=True)
class Modelled:
    """The likelier of two models."""

    metric: str
    choice: Choice
    note: str | None

    @property
    def model(self) -> str:
        """Its kind."""
        return self.choice.best.name

    @property
    def formula(self) -> str:
        """As people read it; times are in milliseconds."""
        return formula_text(self.choice.best, 1000 if self.metric == "seconds" else 1)

    def kind(self, law: Power | None) -> GrowthKind | None:
        """Return how it grows; None where the sizes cannot tell."""
        if law is None or self.note not in (None, _TWO_SIZES):
            return None
        found = kind_of_power(law.exponent)
        # The power of a fixed and a growing part is less than 1, and the part grows as size does.
        return "linear" if isinstance(self.choice.best, Affine) and found != "constant" else found

    def at(self, size: float) -> Range:
        """Return what is to be expected at a size."""
        found = self.choice.at(size)
        return found if self.metric == "seconds" else whole(found)


@dataclass(frozen=True)
class Nothing:
    """One size, or a figure of 0 among others."""

    note: str | None
    model: str = "unknown"
    formula: str = ""

    def kind(self, law: Power | None) -> None:
        """Return None: nothing can be said."""

    def at(self, size: float) -> None:
        """Return None: nothing can be said."""


def figure(run: SizeRun, metric: str) -> float | None:
    """Return a count, or seconds."""
    counts = {"queries": run.cost.queries, "rows": run.cost.rows, "cells": run.cost.cells}
    return {**counts, "bytes": run.bytes}.get(metric, run.seconds)


def fit_of(metric: str, runs: Sequence[SizeRun], to: float | None, apart: SizeRun | None) -> Fit:
    """Return how a figure grows over `runs`, and what it is at the size `to`, where one is given.

    A formula that gives every count goes first, then the likelier of two models. `apart` is what
    was measured at `to`.
    """
    sizes, figures = [run.size for run in runs], [figure(run, metric) or 0.0 for run in runs]
    law = power(sizes, figures) if len(runs) > 1 and all(figures) else None
    known = _known(metric, runs, sizes, figures)
    still = known.model == "constant"
    return Fit(
        metric=metric,
        model=known.model,
        formula=known.formula,
        exponent=0.0 if still else law.exponent if law else None,
        margin=0.0 if still else law.margin if law else None,
        note=known.note,
        estimate=_estimate(known.at(to) if to is not None else None, metric, apart),
        kind=known.kind(law),
    )


def _known(
    metric: str, runs: Sequence[SizeRun], sizes: Sequence[float], figures: Sequence[float]
) -> Fitted:
    if len(runs) < 2:
        return Nothing("one size shows no growth")
    exact = None
    if metric == "queries":
        exact = exact_queries(runs)
    elif metric in ("rows", "cells") or len(set(figures)) == 1:
        # Values differ in length: no count of objects gives their bytes, unless these stay.
        exact = exact_counts([int(each) for each in figures], runs)
    if exact is not None:
        return exact
    if not all(figures):
        return Nothing("it is 0 at some size, which is on no power of size")
    choice = choose(sizes, figures)
    return Modelled(metric, choice, note(sizes, figures, choice))


def _estimate(found: Range | None, metric: str, apart: SizeRun | None) -> Estimate | None:
    if found is None:
        return None
    measured = figure(apart, metric) if apart else None
    error = found.value / measured - 1 if measured else None
    return Estimate(found.value, found.low, found.high, measured, error)
