"""One figure of one plan over several sizes: how it grows, and what it is at another size."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from qprof.domain.report import Estimate, Fit
from qprof.domain.trace import SizeRun
from qprof.forecast.bench.counts import exact_counts, exact_queries
from qprof.forecast.bench.fit import Choice, Range, choose, power
from qprof.forecast.bench.grown import whole
from qprof.forecast.bench.wording import formula_text, note

METRICS = ("queries", "rows", "cells", "seconds")


class Known(Protocol):
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

    def at(self, size: float) -> None:
        """Return None: nothing can be said."""


def figure(run: SizeRun, metric: str) -> float | None:
    """Return a count, or seconds."""
    counts = {"queries": run.cost.queries, "rows": run.cost.rows, "cells": run.cost.cells}
    return counts.get(metric, run.seconds)


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
    )


def _known(
    metric: str, runs: Sequence[SizeRun], sizes: Sequence[float], figures: Sequence[float]
) -> Known:
    if len(runs) < 2:
        return Nothing("one size shows no growth")
    exact = None
    if metric == "queries":
        exact = exact_queries(runs)
    elif metric != "seconds":
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
