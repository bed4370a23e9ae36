"""Runs a call under plans on one library of a known size."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qprof.domain.limits import Limits
from qprof.domain.plans import PLANS, Plan, mixed_plan, named_plan
from qprof.domain.trace import Execution, Path, PathQueries, SizeRun, bytes_of
from qprof.measure.experiments.experiment import Opening, Result
from qprof.measure.experiments.graph import Graph
from qprof.measure.experiments.runner import Runner, Trial, time_trials


@dataclass(frozen=True)
class AtSize:
    """What one library shows of a call."""

    runs: Mapping[str, SizeRun]
    """By plan, in order."""
    refused: Mapping[str, str]
    """Why a plan could not run."""
    engine: Any
    """The engine that the statements went to; None where there was none."""


def at_size(
    size: float,
    call: str,
    opening: Opening,
    plans: Sequence[str],
    repeats: int,
    limits: Limits,
    *,
    sizes: bool = False,
) -> AtSize:
    """Run a call under each plan: once untimed, then `repeats` interleaved timed runs.

    The objects of the first plan that runs are counted, by class; with `sizes`, so are the bytes
    that each plan fetches. Raises whatever the call raises
    as it is written, LimitReached where that exceeds `limits`, and QprofError for a plan that names
    a path that the call does not load.
    """
    runner = Runner(opening, limits, sizes=sizes)
    found = runner.discover()
    trials: dict[str, tuple[Result, Trial]] = {}
    refused: dict[str, str] = {}
    for plan in _chosen(plans, call, found.paths):
        because = f"what {plan.name} costs at size {size:g}"
        observe = () if trials else ("objects",)
        first = runner.attempt(found.experiment(plan, because, *observe, touched=True))
        if first.reason is not None:
            refused[plan.name] = first.reason
        else:
            timed = found.experiment(plan, because, "time", touched=True)
            trials[plan.name] = (first, Trial(timed))
    time_trials(runner, [trial for _, trial in trials.values()], repeats)
    objects = next((_objects(first) for first, _ in trials.values()), {})
    runs = {name: _run(size, *each, objects) for name, each in trials.items()}
    engine = next((first.engine for first, _ in trials.values()), None)
    return AtSize(runs, refused, engine)


def _chosen(plans: Sequence[str], call: str, paths: Sequence[Path]) -> Iterator[Plan]:
    for text in plans:
        yield named_plan(text, paths) if text in PLANS else mixed_plan(text, call, paths)


def _objects(first: Result) -> Mapping[str, int]:
    if not isinstance(first.objects, Graph):
        return {}
    return dict(Counter(entity.name for entity in first.objects.nodes))


def _run(size: float, first: Result, trial: Trial, objects: Mapping[str, int]) -> SizeRun:
    return SizeRun(
        size=size,
        cost=first.cost,
        queries=_queries(first.executions),
        objects=objects,
        seconds=trial.median,
        spread=trial.spread,
        repeats=len(trial.seconds),
        bytes=bytes_of(first.executions),
    )


def _queries(executions: Sequence[Execution]) -> tuple[PathQueries, ...]:
    counts: Counter[tuple[str | None, str]] = Counter()
    for each in executions:
        counts[each.hops[-1] if each.hops else None, each.strategy] += each.count
    return tuple(PathQueries(*key, count) for key, count in counts.items())
