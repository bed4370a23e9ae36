"""Runs experiments: the one place in which a call is opened, run, looked at and rolled back."""

import gc
import statistics
import warnings
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf
from time import monotonic, perf_counter
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.exc import SAWarning
from sqlalchemy.orm import ORMExecuteState, Session

from qprof.domain.limits import LATE, Limits
from qprof.domain.trace import Execution
from qprof.domain.words import listed
from qprof.measure.capture import record
from qprof.measure.capture.bounded import BoundedRecording
from qprof.measure.experiments.ahead import RowsAhead
from qprof.measure.experiments.detached import detached
from qprof.measure.experiments.discover import Discovery, discovering
from qprof.measure.experiments.experiment import Experiment, LimitReached, Opening, Ready, Result
from qprof.measure.experiments.graph import Graph, Incomparable, snapshot
from qprof.measure.experiments.own_names import Spelling
from qprof.measure.experiments.readers import outcome_of, reading_in, tells
from qprof.measure.experiments.reads import Reads, observing
from qprof.measure.experiments.reasons import reason_of
from qprof.measure.experiments.several import mark_paths, marked, several_in
from qprof.measure.experiments.statements import Statements
from qprof.measure.experiments.touch import touch
from qprof.measure.experiments.unseen import unread
from qprof.measure.experiments.waiting import waited
from qprof.measure.orm.rewrite import applying, unmoved
from qprof.measure.orm.roots import LEVELS, Roots, is_root, statement_key

ENOUGH = 1.5
"""Seconds of timed runs after which an experiment is not repeated again,"""
MUCH = 6.0
"""and as many where it has fewer repeats than whoever compares them needs."""

T = TypeVar("T")


class _Late(Exception):
    """Nothing is left of the time for all runs of a call."""


class Runner:
    """Runs one call, each time in a session of its own; of equal experiments, one is run."""

    def __init__(
        self,
        opening: Opening,
        limits: Limits | None = None,
        *,
        asks: bool = True,
        sizes: bool = False,
    ) -> None:
        self._opening = opening
        self.limits = limits or Limits()
        self._sizes = sizes
        """Whether the size of what is fetched is wanted, but of runs that are only timed."""
        # Without `asks`, a server is not asked how many rows a SELECT would bring.
        self._ahead = RowsAhead(self.limits) if asks else None
        self.until = inf
        """When `attempt` begins no further run, by time.monotonic()."""
        self._results: dict[Hashable, Result] = {}

    def discover(self) -> Discovery:
        """Run the call untimed: its paths, what its joined rows hold, and what is read.

        Raises whatever the call raises.
        """
        settle()
        recording = Statements(self.limits, self._ahead)
        with self._opening() as ready:
            with (
                self._limited(recording),
                detached() as swallowed,
                record(into=recording),
                discovering(recording) as roots,
                observing() as reads,
                quiet(),
            ):
                value = ready.invoke()
            executions = recording.executions()
            several = tuple(several_in(executions))
            objects = _objects(value, roots)
            mark_paths(roots, {join.path for _, join, _, _ in several})
            return Discovery(
                roots,
                marked(executions, roots),
                (
                    *ready.notes,
                    *swallowed(),
                    *unread(value),
                    *_deeper(roots),
                    *_handed_out(objects, executions),
                ),
                reading_in(ready, value, reads, roots),
                asked=recording.asked(),
                failed=reads.failures.found,
                unlimited=recording.unlimited(),
                objects=objects,
                several=several,
            )

    def run(
        self,
        experiment: Experiment,
        *,
        into: BoundedRecording | None = None,
        within: AbstractContextManager[object] | None = None,
    ) -> Result:
        """Return what `experiment` shows; an equal one that was run before is not run again.

        `into` is a recording of another kind, and `within` what is in place while the call runs.
        Raises whatever the call raises.
        """
        key = experiment.key
        known = self._results.get(key) if key is not None else None
        if known is not None and known.reason is None:
            return replace(known, experiment=experiment)
        result = self._run(experiment, into, within or nullcontext())
        if key is not None:
            self._results[key] = result
        return result

    def attempt(self, experiment: Experiment) -> Result:
        """Return what `experiment` shows, or the reason why it cannot run."""
        key = experiment.key
        if key is not None and key in self._results:
            return replace(self._results[key], experiment=experiment)
        try:
            with self._in_time():
                return self.run(experiment)
        except _Late:
            return Result(experiment, reason=LATE)
        except LimitReached as error:
            result = Result(experiment, reason=error.reason)
        except Exception as error:
            # Not the error itself: it would keep all that its frames hold.
            result = Result(experiment, reason=reason_of(error), raised=True)
        if key is not None:
            self._results[key] = result
        return result

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        """Give a run what is left until the end. Raises _Late if that is nothing, or too little."""
        kept, left = self.limits, self.until - monotonic()
        if left <= 0:
            raise _Late
        self.limits = replace(kept, seconds=min(kept.seconds, left))
        try:
            yield
        except LimitReached:
            if monotonic() < self.until:
                raise
            raise _Late from None
        finally:
            self.limits = kept

    def recording(self, *, tally: bool = False, timed: bool = False) -> BoundedRecording:
        """Return what a run is recorded in, and stopped by; `timed` where only its time counts."""
        sizes = self._sizes and not timed
        return BoundedRecording(self.limits, tally=tally, ahead=self._ahead, sizes=sizes)

    @contextmanager
    def _limited(self, recording: BoundedRecording) -> Iterator[None]:
        """Say that the run was stopped, whatever became of that on its way through the call.

        Raises LimitReached, with what was executed until then.
        """
        error: BaseException | None = None
        try:
            with recording.timed(self.limits.seconds):
                yield
        except BaseException as raised:
            if recording.meter.reason is None:
                raise
            error = raised
        if recording.meter.reason is not None:
            executions = recording.executions()
            raise LimitReached(recording.meter.reason, executions, recording.engine) from error

    def beside(self, function: Callable[[], T]) -> T:
        """Return what `function` gives where the call could run, which is not run."""
        with self._opening() as ready:
            found: T = ready.reading(function)
            return found

    def _run(
        self,
        experiment: Experiment,
        into: BoundedRecording | None,
        within: AbstractContextManager[object],
    ) -> Result:
        observe = experiment.observe
        timed = observe == {"time"}
        recording = into or self.recording(tally="tally" in observe, timed=timed)
        gc.collect()
        with self._opening() as ready:
            with ExitStack() as stack:
                stack.enter_context(self._limited(recording))
                looker = Spelling() if "options" in observe else None
                moved = experiment.moved
                applied = stack.enter_context(applying(experiment.plan, moved, looker))
                limited = stack.enter_context(_limiting(experiment.page))
                stack.enter_context(record(into=recording))
                stack.enter_context(within)
                reads = stack.enter_context(observing()) if "reads" in observe else None
                stack.enter_context(quiet())
                started, kept = perf_counter(), waited()
                value = ready.invoke()
                if experiment.touched:
                    ready.reading(partial(touch, value, experiment.touched))
                # In this order, so that waiting in between makes a time longer, never shorter.
                kept, seconds = waited() - kept, perf_counter() - started
            if left := unmoved(experiment.plan, moved, applied):
                # Its figures would be those of another plan.
                return Result(experiment, reason=_not_applied(left))
            executions = marked(recording.executions(), experiment.roots)
            result = Result(experiment, executions, seconds, kept, recording.engine)
            options = looker.found if looker is not None else {}
            result = replace(result, options=options, limited=bool(limited))
            return _observed(result, ready, value, reads)


def _observed(result: Result, ready: Ready, value: object, reads: Reads | None) -> Result:
    """Return `result` with what was to be observed, as long as the call's session is open."""
    observe, roots = result.experiment.observe, result.experiment.roots
    if "outcome" in observe:
        result = replace(result, outcome=outcome_of(ready, value, roots), tells=tells(ready, value))
    if "objects" in observe:
        result = replace(result, objects=_objects(value, roots))
    return replace(result, reads=reads, value=value if "value" in observe else None)


def _not_applied(paths: Sequence[str]) -> str:
    return (
        f"not applied: the statement that loads {listed(paths)} was not sent again in the form "
        "that was seen first"
    )


def _deeper(roots: Roots) -> Iterator[str]:
    """Yield a note for each relationship that leads deeper than plans follow it."""
    for name in sorted({name for root in roots.values() for name in root.deeper}):
        yield (
            f"{name} goes more than {LEVELS} levels deep: plans leave the levels below as they are "
            "written."
        )


def _handed_out(objects: Graph | Incomparable, executions: Sequence[Execution]) -> Iterator[str]:
    """Yield a note where a call sends nothing, and returns an object that can."""
    if isinstance(objects, Graph) and objects.handles and not executions:
        yield (
            "The call sends no statement; what it returns holds "
            f"{listed(sorted(objects.handles))}. Name the calls that use it."
        )


def _objects(value: Any, roots: Roots) -> Graph | Incomparable:
    try:
        return snapshot(value, roots)
    except Incomparable as reason:
        return reason


@dataclass
class Trial:
    """A timed experiment on its way through its repeats.

    What other processes of a busy machine kept it waiting is left out of its seconds.
    """

    experiment: Experiment
    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The median of the repeats, in seconds. Raises StatisticsError where there are none."""
        return statistics.median(self.seconds)

    @property
    def spread(self) -> tuple[float, float]:
        """The least and the most of the repeats."""
        return min(self.seconds), max(self.seconds)


def time_trials(
    runner: Runner,
    trials: Sequence[Trial],
    repeats: int,
    needed: int = 1,
    tell: Callable[[str], None] = lambda _: None,
) -> None:
    """Time every trial once a round, so that a slow moment of the machine meets all alike.

    Each is timed once at least; again only as long as the runner has time. `tell` takes which round
    begins: not which trial, so that no trial runs right after a line was drawn. Raises whatever the
    call raises.
    """
    for number in range(repeats):
        tell(f"run {number + 1} of {repeats}")
        for trial in trials:
            if trial.seconds and monotonic() > runner.until:
                continue
            if sum(trial.seconds) < (ENOUGH if len(trial.seconds) >= needed else MUCH):
                result = runner.run(trial.experiment)
                trial.seconds.append(max(0.0, result.seconds - result.waited))


def settle() -> None:
    """Collect garbage, and keep what is left out of the collections that precede each run.

    Most of it are modules and mappers, which stay until the end anyhow.
    """
    gc.collect()
    gc.freeze()


@contextmanager
def quiet() -> Iterator[None]:
    """Silence SQLAlchemy's warnings of what rules QP103 and QP413 say, once."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*has a cartesian product", SAWarning)
        warnings.filterwarnings("ignore", "Multiple rows returned with uselist=False", SAWarning)
        yield


@contextmanager
def _limiting(page: tuple[Hashable, int] | None) -> Iterator[list[Hashable]]:
    """Let each execution of a root statement bring a page at most; yield what was limited."""
    limited: list[Hashable] = []
    if page is None:
        yield limited
        return
    root, most = page

    def limit(state: ORMExecuteState) -> None:
        if not is_root(state):
            return
        statement: Any = state.statement
        if statement_key(statement) == root:
            state.statement = statement.limit(most)
            limited.append(root)

    event.listen(Session, "do_orm_execute", limit)
    try:
        yield limited
    finally:
        event.remove(Session, "do_orm_execute", limit)
