"""What calls cost as they are written."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf
from typing import Any

from qprof.domain.errors import MeasureError, NoCall, QprofError
from qprof.domain.interrupts import STOPPED
from qprof.domain.report import Report
from qprof.domain.trace import Call, Trace, Unmeasured
from qprof.domain.words import counted
from qprof.judge.verdict import judge, wanted
from qprof.measure.capture.sites import call_site_of
from qprof.measure.experiments.experiment import LimitReached
from qprof.measure.experiments.fixing import Wanted, try_fixes
from qprof.measure.experiments.questions import examine
from qprof.measure.experiments.reasons import reason_of
from qprof.measure.experiments.specimen import Specimen
from qprof.runs import progress
from qprof.runs.ignoring import ignoring
from qprof.runs.preparing import Prepared, environment, prepared, tell_left_out
from qprof.runs.request import Request
from qprof.runs.seeding import Tell
from qprof.runs.stopped import stopped_call
from qprof.targets.code import Source, TargetCall, refusal_in


@dataclass
class Looked:
    """The calls that were run as written, and those that raised."""

    calls: list[Call] = field(default_factory=list)
    unmeasured: list[Unmeasured] = field(default_factory=list)
    engine: Any = None
    """The first engine that statements went to."""
    interrupted: bool = False

    def look_at(self, call: TargetCall, ready: Prepared, until: float = inf) -> Specimen | None:
        """Run a call and return what was seen; None where it raised, or was stopped.

        After `until`, by time.monotonic(), it is run as written alone.
        """
        try:
            specimen = _fixed(_examined(call, ready, until), call, ready)
        except LimitReached as error:
            self.calls.append(stopped_call(call, error, ready.source, ready.limits))
            self.engine = self.engine or error.engine
            return None
        except MeasureError as error:
            self.unmeasured.append(left_out(call, error, named=ready.named))
            return None
        self.calls.append(specimen.call)
        self.engine = self.engine or specimen.engine
        return specimen

    def each(self, ready: Prepared) -> Iterator[TargetCall]:
        """Yield the calls; what raises KeyboardInterrupt within `kept` ends them."""
        for call in progress.each(ready.calls, lambda each: each.name):
            if self.interrupted:
                reason = f"{call.name}: {STOPPED}"
                self.unmeasured.append(Unmeasured(call.name, reason, raised=True))
            else:
                yield call

    @contextmanager
    def kept(self, call: TargetCall) -> Iterator[None]:
        """Let Ctrl-C end the run with what was measured before; with nothing, it goes on up."""
        try:
            yield
        except KeyboardInterrupt:
            if not self.calls:
                raise
            self.interrupted = True
            self.calls = [each for each in self.calls if each.name != call.name]
            reason = f"{call.name}: {STOPPED}"
            self.unmeasured.append(Unmeasured(call.name, reason, raised=True))

    def trace(self, source: Source) -> Trace:
        """Return what was seen. Raises MeasureError where that is nothing: never a pass."""
        self._refuse_nothing()
        there = environment(source, self.engine)
        return Trace(there, tuple(self.calls), unmeasured=tuple(self.unmeasured))

    def _refuse_nothing(self) -> None:
        failed = [each.reason for each in self.unmeasured if each.raised]
        raised = failed or [each.reason for each in self.unmeasured]
        if not self.calls:
            others = counted(len(raised) - 1, "more call")
            more = f" {others} failed, too." if len(raised) > 1 else ""
            raise MeasureError(f"{raised[0]}{more}")
        if not any(call.executions or call.notes for call in self.calls):
            names = ", ".join(call.name for call in self.calls)
            raise MeasureError(
                f"No statement was seen in {names}. Does the call use the session that it is given?"
            )


def profile(request: Request, tell: Tell) -> Report:
    """Run each call of `request` as written and judge it.

    Raises QprofError for what cannot be found, MeasureError where no call could be measured or
    none sent a statement.
    """
    with prepared(request, tell) as ready:
        looked = look(ready, tell)
        trace = looked.trace(ready.source)
    report = judge(trace, request.thresholds, request.rules, ignoring(request.ignored))
    return replace(report, interrupted=looked.interrupted)


def left_out(call: TargetCall, error: MeasureError, *, named: bool) -> Unmeasured:
    """Return why a call was not measured; `NoCall` is no failure where all calls are run."""
    reason = f"{call.name}: {error}" if isinstance(error, LimitReached) else str(error)
    return Unmeasured(call.name, reason, raised=named or not isinstance(error, NoCall))


def look(ready: Prepared, tell: Tell) -> Looked:
    """Run each call as written; what one raises is kept, and the next is run."""
    looked = Looked(unmeasured=list(ready.left_out))
    for call in looked.each(ready):
        with looked.kept(call):
            looked.look_at(call, ready)
    tell_left_out(looked.unmeasured[len(ready.left_out) :], tell)
    return looked


def _examined(call: TargetCall, ready: Prepared, until: float) -> Specimen:
    source = ready.source
    with told(call, source):
        seen = examine(
            call.name,
            call.shown,
            partial(call.open, source),
            limits=ready.limits,
            try_indexes=ready.try_indexes,
            sizes=ready.sizes,
            until=until,
        )
    if source.url is not None and seen.engine is not None and not source.owns(seen.engine):
        raise MeasureError(
            f"{call.name} did not use the database that was named: it opens its own "
            f"({seen.engine.dialect.name}). Leave out --database, to measure it there."
        )
    return seen


def _fixed(specimen: Specimen, call: TargetCall, ready: Prepared) -> Specimen:
    """Return `specimen` with what was tried to fix what is found in it."""
    found = [Wanted(*each) for each in wanted(specimen.call, ready.thresholds, ready.rules)]
    if not found:
        return specimen
    with told(call, ready.source):
        return replace(specimen, call=try_fixes(specimen, found, seal=ready.seal))


@contextmanager
def told(call: TargetCall, source: Source) -> Iterator[None]:
    """Turn what the user's code raises into a MeasureError that says what and where."""
    try:
        yield
    except (QprofError, KeyboardInterrupt):
        raise
    except BaseException as error:  # SystemExit, too, would end qprof as if all were well
        refused = refusal_in(error)
        if refused is not None:
            raise call.writes(source.redacted(refused)) from error
        said = source.redacted(reason_of(error))
        raise MeasureError(f"{call.name} raised {said} ({call_site_of(error)}).") from error
