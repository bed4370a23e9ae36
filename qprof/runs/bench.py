"""What calls cost at several sizes, one library after the other, and how that grows."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from qprof.domain.errors import MeasureError, QprofError
from qprof.domain.report import Report
from qprof.domain.trace import (
    Call,
    CallSizes,
    Environment,
    Library,
    PlanSizes,
    Scalar,
    SizeRun,
    Trace,
    Unmeasured,
)
from qprof.forecast.bench import AtSize, at_size, growths
from qprof.judge.verdict import judge
from qprof.measure.experiments.experiment import LimitReached
from qprof.runs.bench_options import DATABASES, BenchRequest
from qprof.runs.preparing import Prepared, environment, prepared
from qprof.runs.profile import told
from qprof.runs.request import Request
from qprof.runs.seeding import Tell
from qprof.runs.stopped import stopped_call
from qprof.seeding.library.library_error import LibraryError, UsageProblem
from qprof.seeding.library.recipe import Recipe
from qprof.seeding.library.recipes import load_recipe
from qprof.seeding.library.seeding import seed
from qprof.targets.code import Source, TargetCall
from qprof.targets.database import parse_url, shown_url


@dataclass(frozen=True)
class Stage:
    """One database, and the size that it stands for."""

    size: float
    axes: tuple[str, ...]
    """Along which it is one of the sizes; size 1 is the same library along all."""
    apart: bool
    """Whether it is only measured to check what was extrapolated."""
    url: str | None = None
    """A database that is there; None where a library is seeded."""
    overrides: tuple[tuple[str, str], ...] = ()
    scale: float = 1.0


def stages(asked: BenchRequest) -> list[Stage]:
    """Return the stages; those that are apart come last."""
    found: dict[object, Stage] = {}
    for stage in _each(asked):
        key = (stage.url, stage.overrides, stage.scale, stage.apart)
        known = found.get(key)
        found[key] = replace(known, axes=known.axes + stage.axes) if known else stage
    return sorted(found.values(), key=lambda each: (each.apart, each.size))


def _each(asked: BenchRequest) -> Iterator[Stage]:
    for size, url in asked.databases.items():
        apart = asked.check and size == asked.to[DATABASES]
        yield Stage(size, (DATABASES,), apart, url)
    for axis in asked.axes if asked.sizes else ():
        for size in asked.sizes:
            yield _grown(asked.recipe, axis, size, apart=False)
        if asked.check:
            yield _grown(asked.recipe, axis, asked.to[axis], apart=True)


def _grown(recipe: Recipe, axis: str, size: float, *, apart: bool) -> Stage:
    """Return the library in which `axis` is `size` times the recipe's."""
    if axis == "library" or size == 1:
        return Stage(size, (axis,), apart, scale=size)
    overrides: Mapping[str, str] = {
        "roots": {"artists": str(max(1, round(recipe.artists * size)))},
        "children": {"children": repr(size)},
    }[axis]
    return Stage(size, (axis,), apart, overrides=tuple(overrides.items()))


@contextmanager
def opened(stage: Stage, asked: BenchRequest) -> Iterator[str]:
    """Yield the URL of the stage's database; a library that was seeded for it is removed after.

    Raises QprofError for a size that the recipe cannot have, MeasureError where no library can be
    written.
    """
    if stage.url is not None:
        yield stage.url
        return
    try:
        folder = tempfile.TemporaryDirectory(prefix="qprof-bench-", ignore_cleanup_errors=True)
    except OSError as error:
        raise MeasureError(
            f"No folder for a library can be made ({error.strerror}); free some space, or name "
            "another place in TMPDIR."
        ) from None
    with folder as place:
        url = f"sqlite:///{Path(place) / 'library.db'}"
        _seed(url, stage, asked)
        yield url


def _seed(url: str, stage: Stage, asked: BenchRequest) -> None:
    try:
        grown = load_recipe(asked.source, dict(stage.overrides))
        seed(url, grown, scale=stage.scale, seed=asked.seed)
    except UsageProblem as problem:
        raise QprofError(f"Size {stage.size:g} of {'/'.join(stage.axes)}: {problem}") from None
    except LibraryError as problem:
        raise MeasureError(f"The library of size {stage.size:g}: {problem}") from None


Progress = Callable[[str, float], None]
"""Told what is done next, and which share of the work is behind, from 0 to 1."""


@dataclass
class Measured:
    """What was measured so far: enough for a report at any moment."""

    asked: BenchRequest
    environment: Environment | None = None
    arguments: dict[str, dict[str, Scalar]] = field(default_factory=dict)
    """By call, in order."""
    found: list[tuple[str, Stage, AtSize]] = field(default_factory=list)
    unmeasured: list[Unmeasured] = field(default_factory=list)
    over: dict[str, Call] = field(default_factory=dict)
    """By name, what a limit stopped: as it would be at the last of those sizes."""

    def look_at(self, call: TargetCall, stage: Stage, ready: Prepared) -> None:
        """Run a call on the stage's library; what it raises is kept, and the next is run."""
        source = ready.source
        try:
            seen = _seen(call, stage, ready, self.asked)
        except MeasureError as error:
            reason = f"at size {stage.size:g}, {error}"
            if isinstance(error, LimitReached):
                reason = f"{call.name} {reason}"
                self.over[call.name] = stopped_call(call, error, source, ready.limits)
                self._use(source, error.engine)
            self.unmeasured.append(Unmeasured(call.name, reason, raised=True))
            return
        self.arguments.setdefault(call.name, dict(call.shown))
        self.found.append((call.name, stage, seen))
        self._use(source, seen.engine)

    def _use(self, source: Source, engine: Any) -> None:
        if self.environment is None:
            self.environment = _environment(environment(source, engine), self.asked)

    def stopped(self, call: str, stage: Stage) -> None:
        """Write down where Ctrl-C came."""
        reason = f"{call} from size {stage.size:g} on: stopped by Ctrl-C."
        self.unmeasured.append(Unmeasured(call, reason, raised=True))

    def report(self, request: Request) -> Report:
        """Return what grows how, and the verdict on what a limit stopped.

        Raises MeasureError where nothing was measured.
        """
        if self.environment is None:
            raise MeasureError(self.unmeasured[0].reason)
        runs = [run for *_, seen in self.found for run in seen.runs.values()]
        if not self.over and not any(run.cost.queries for run in runs):
            names = ", ".join(self.arguments)
            raise MeasureError(
                f"No statement was seen in {names}. Does the call use the session that it is given?"
            )
        grown = growths(list(self._calls()), self.asked.to, self.asked.named)
        trace = Trace(
            self.environment, tuple(self.over.values()), unmeasured=tuple(self.unmeasured)
        )
        return replace(judge(trace, request.thresholds, request.rules), growths=grown)

    def _calls(self) -> Iterator[CallSizes]:
        for name, arguments in self.arguments.items():
            for axis in self.asked.axes:
                plans = tuple(self._plan(name, axis, plan) for plan in self.asked.plans)
                yield CallSizes(name, arguments, axis, plans)

    def _plan(self, call: str, axis: str, plan: str) -> PlanSizes:
        here = [
            (stage, seen) for name, stage, seen in self.found if name == call and axis in stage.axes
        ]
        runs = [(stage.apart, seen.runs[plan]) for stage, seen in here if plan in seen.runs]
        reasons = [seen.refused[plan] for _, seen in here if plan in seen.refused]
        apart: list[SizeRun | None] = [run for is_apart, run in runs if is_apart]
        return PlanSizes(
            plan,
            tuple(run for is_apart, run in runs if not is_apart),
            next(iter(apart), None),
            next(iter(reasons), None),
        )


def bench(request: Request, asked: BenchRequest, tell: Tell, progress: Progress) -> Report:
    """Run each call of `request` at each size. Ctrl-C ends it with what was measured until then.

    Raises QprofError for what cannot be found, MeasureError where nothing could be measured, and
    KeyboardInterrupt where it came before the first figure.
    """
    measured, doing = Measured(asked), Doing(stages(asked), progress)
    interrupted = False
    try:
        for stage in doing.each():
            _measure(stage, request, measured, doing, tell)
    except KeyboardInterrupt:
        if not measured.found:
            raise
        interrupted = True
        measured.stopped(doing.call, doing.stage)
    return replace(measured.report(request), interrupted=interrupted)


class Doing:
    """What is being measured, and how much is behind; a stage is work in proportion to its size."""

    def __init__(self, wanted: Sequence[Stage], progress: Progress) -> None:
        self._wanted, self._progress = wanted, progress
        self._all = sum(each.size for each in wanted)
        self._behind = 0.0
        self.stage, self.call = wanted[0], "every call"

    def each(self) -> Iterator[Stage]:
        """Yield one stage after the other."""
        for stage in self._wanted:
            self.stage, self.call = stage, "every call"
            if self.stage.url is None:
                self._progress(f"seeding size {self.stage.size:g}", self._behind / self._all)
            yield self.stage
            self._behind += self.stage.size

    def at(self, call: str, share: float) -> None:
        """Say that a call begins, with that share of the stage behind."""
        self.call = call
        behind = self._behind + share * self.stage.size
        self._progress(f"{call} at size {self.stage.size:g}", behind / self._all)


def _measure(stage: Stage, request: Request, measured: Measured, doing: Doing, tell: Tell) -> None:
    """Run every call on one library. What was left out is told at the first library only."""
    first = measured.environment is None
    with opened(stage, measured.asked) as url:
        there = replace(request, database=url)
        with prepared(there, tell if first else lambda _: None) as ready:
            if first:
                measured.unmeasured += ready.left_out
            for number, call in enumerate(ready.calls):
                doing.at(call.name, number / len(ready.calls))
                measured.look_at(call, stage, ready)


def _seen(call: TargetCall, stage: Stage, ready: Prepared, asked: BenchRequest) -> AtSize:
    """Run a call under every plan.

    Raises MeasureError where it raises, or uses another database than the stage's.
    """
    source, plans = ready.source, asked.plans
    with told(call, source):
        opening = partial(call.open, source)
        seen = at_size(
            stage.size,
            call.name,
            opening,
            plans,
            asked.repeats,
            ready.limits,
            sizes=ready.sizes,
        )
    if seen.engine is not None and not source.owns(seen.engine):
        raise MeasureError(
            f"{call.name} did not use the database of that size: it opens its own "
            f"({seen.engine.dialect.name}), which is the same at every size."
        )
    return seen


def _environment(seen: Environment, asked: BenchRequest) -> Environment:
    """Return what all sizes have in common."""
    if asked.databases:
        urls = (f"{size:g}={shown_url(parse_url(url))}" for size, url in asked.databases.items())
        return replace(seen, database=", ".join(urls), library=None)
    library = Library(asked.recipe.name, 1.0, asked.seed)
    return replace(seen, database="a library seeded for each size", library=library)
