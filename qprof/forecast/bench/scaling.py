"""Runs a call under plans on one library of a known size."""

import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qprof.domain.plans import PLANS, Plan, mixed_plan, named_plan
from qprof.domain.trace import Execution, Path, PathQueries, SizeRun, total
from qprof.measure.experiments.graph import Graph
from qprof.measure.experiments.reasons import reason_of
from qprof.measure.experiments.replay import (
    Discovery,
    Measured,
    Opening,
    discover,
    measure,
)
from qprof.measure.experiments.trials import repeat


@dataclass
class Trial:
    """A plan on its way through the repeats."""

    first: Measured
    again: Callable[[], Measured]
    seconds: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class AtSize:
    """What one library shows of a call."""

    runs: Mapping[str, SizeRun]
    """By plan, in order."""
    refused: Mapping[str, str]
    """Why a plan could not run."""
    engine: Any
    """The engine that the statements went to; None where there was none."""


def at_size(size: float, call: str, opening: Opening, plans: Sequence[str], repeats: int) -> AtSize:
    """Run a call under each plan: once untimed, then `repeats` interleaved timed runs.

    The objects of the first plan that runs are counted, by class. Raises whatever the call raises
    as it is written, and QprofError for a plan that names a path that the call does not load.
    """
    found = discover(opening)
    trials: dict[str, Trial] = {}
    refused: dict[str, str] = {}
    for plan in _chosen(plans, call, found.paths):
        tried = _try(opening, plan, found, keep=not trials)
        if isinstance(tried, str):
            refused[plan.name] = tried
        else:
            trials[plan.name] = tried
    repeat(list(trials.values()), repeats)
    objects = next((_objects(each.first) for each in trials.values()), {})
    runs = {name: _run(size, each, objects) for name, each in trials.items()}
    engine = next((each.first.engine for each in trials.values()), None)
    return AtSize(runs, refused, engine)


def _chosen(plans: Sequence[str], call: str, paths: Sequence[Path]) -> Iterator[Plan]:
    for text in plans:
        yield named_plan(text, paths) if text in PLANS else mixed_plan(text, call, paths)


def _try(opening: Opening, plan: Plan, found: Discovery, *, keep: bool) -> Trial | str:
    """Return a plan that ran, or why it cannot."""
    try:
        first = measure(opening, plan, found, keep=keep)
    except Exception as error:
        return reason_of(error)
    return Trial(first, lambda: measure(opening, plan, found))


def _objects(first: Measured) -> Mapping[str, int]:
    if not isinstance(first.graph, Graph):
        return {}
    return dict(Counter(entity.name for entity in first.graph.nodes))


def _run(size: float, trial: Trial, objects: Mapping[str, int]) -> SizeRun:
    seconds = trial.seconds
    return SizeRun(
        size=size,
        cost=total(each.cost for each in trial.first.executions),
        queries=_queries(trial.first.executions),
        objects=objects,
        seconds=statistics.median(seconds),
        spread=(min(seconds), max(seconds)),
        repeats=len(seconds),
    )


def _queries(executions: Sequence[Execution]) -> tuple[PathQueries, ...]:
    counts: Counter[tuple[str | None, str]] = Counter()
    for each in executions:
        counts[each.hops[-1] if each.hops else None, each.strategy] += each.count
    return tuple(PathQueries(*key, count) for key, count in counts.items())
