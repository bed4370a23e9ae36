"""A call under every plan, with proof that the objects are the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic

from qprof.domain.errors import QprofError
from qprof.domain.limits import LATE, MAX_ROWS
from qprof.domain.plans import AS_WRITTEN, PLANS, Plan, mixed_plan, named_plan, parse_mix
from qprof.domain.report import Report
from qprof.domain.trace import Path, PlanRun, PlanRuns
from qprof.forecast.predict.plans import Foresight, foresee
from qprof.judge.verdict import judge
from qprof.measure.experiments.comparison import compare_plans
from qprof.measure.experiments.specimen import Specimen
from qprof.runs.ignoring import ignoring
from qprof.runs.predict import foresight, prediction
from qprof.runs.preparing import Prepared, prepared, tell_left_out
from qprof.runs.profile import Looked, told
from qprof.runs.progress import step
from qprof.runs.request import Request
from qprof.runs.searching import search
from qprof.runs.seeding import Tell
from qprof.targets.code import Source, TargetCall


@dataclass(frozen=True)
class _Asked:
    """How the plans of each call are to be run."""

    repeats: int
    max_rows: int
    every: bool
    """Whether to search every combination of strategies."""


def compare(
    request: Request,
    further: Sequence[str],
    repeats: int,
    tell: Tell,
    max_rows: int = MAX_ROWS,
    *,
    every: bool = False,
) -> Report:
    """Run each call of `request` under the named plans and those of `further`, and judge them.

    A plan over `max_rows` is not run, but predicted, nor is one that is too large to predict, or
    one for which the patience of `request.limits` is used up. A
    call that is stopped as it is written is judged by its prediction, and its plans are predicted:
    there is nothing to compare their objects with. With `every`, each combination of strategies is
    predicted, and those that no other beats are run as well. Raises QprofError for a plan that is
    wrong or names a path that the call does not load.
    """
    if repeats < 1:
        raise QprofError(f"--repeat is {repeats}; at least 1 run is needed to time a plan.")
    mixes = [text for text in further if text not in PLANS]
    for text in mixes:
        parse_mix(text)
    if max_rows < 1:
        raise QprofError(f"--max-rows is {max_rows}; a plan has to be allowed 1 row at least.")
    asked = _Asked(repeats, max_rows, every)
    limits = replace(request.limits, rows=max_rows)
    with prepared(replace(request, limits=limits), tell) as ready:
        ahead: dict[str, Foresight] = {}
        looked = Looked(unmeasured=list(ready.left_out))
        runs = tuple(_runs(looked, ready, mixes, asked, ahead))
        compared = {each.call for each in runs}
        large = [call.name for call in looked.calls if call.name in ahead.keys() - compared]
        for name in large:
            tell(_told(name, ahead[name], max_rows))
        predictions = tuple(prediction(name, ahead[name]) for name in large)
        notices = tuple(_not_searched(name, ahead[name], max_rows) for name in large if every)
        tell_left_out(looked.unmeasured[len(ready.left_out) :], tell)
        trace = looked.trace(ready.source)
    whole = replace(trace, comparisons=runs)
    report = judge(whole, request.thresholds, request.rules, ignoring(request.ignored))
    return replace(
        report,
        predictions=predictions,
        notices=(*report.notices, *notices),
        interrupted=looked.interrupted,
    )


def _runs(
    looked: Looked,
    ready: Prepared,
    mixes: Sequence[str],
    asked: _Asked,
    ahead: dict[str, Foresight],
) -> Iterator[PlanRuns]:
    """Yield one call after the other: the objects of each are let go before the next is run.

    What is foreseen of each goes into `ahead`.
    """
    for call in looked.each(ready):
        with looked.kept(call):
            until = monotonic() + ready.limits.patience
            seen = foresight(call, ready)
            if isinstance(seen, Foresight):
                ahead[call.name] = seen
            specimen = looked.look_at(call, ready, until)
            if specimen is not None:
                plans = _plans(call.name, specimen.found.paths, mixes)
                yield _compared(call, specimen, plans, asked, ready.source, ahead.get(call.name))


def _compared(
    call: TargetCall,
    specimen: Specimen,
    plans: Sequence[Plan],
    asked: _Asked,
    source: Source,
    ahead: Foresight | None,
) -> PlanRuns:
    mixes = [plan for plan in plans if plan.name not in PLANS]
    with told(call, source):
        # The paths of a mix are known only once the call was seen.
        opening, limits = partial(call.open, source), specimen.runner.limits
        ahead = foresee(opening, mixes, limits) if ahead and mixes else ahead
        too_large = _too_large(ahead, asked.max_rows) if ahead is not None else {}
        late = _late(ahead) if ahead is not None else {}
        if not asked.every:
            return compare_plans(specimen, plans, asked.repeats, too_large, late, step)
        chosen = search(opening, specimen.found.paths, limits)
        every = [*plans, *chosen.plans]
        runs = compare_plans(specimen, every, asked.repeats, too_large, late, step)
        return chosen.checked(runs)


def _too_large(ahead: Foresight, max_rows: int) -> Mapping[str, PlanRun]:
    """Return what is predicted of each plan that is not to be run; as written it has been."""
    plans = [each for each in ahead.plans if each.plan != AS_WRITTEN]
    large = [each for each in plans if each.cost and each.cost.rows > max_rows]
    reason = f"more than --max-rows {max_rows:,}."
    found = {each.plan: PlanRun(each.plan, "predicted", reason, each.cost) for each in large}
    for each in plans:
        if each.stopped:
            found[each.plan] = PlanRun(each.plan, "not-applicable", f"{each.reason}.")
    return found


def _late(ahead: Foresight) -> Mapping[str, PlanRun]:
    """Return what is predicted of each plan that there may be no time to run."""
    known = [each for each in ahead.plans if each.cost is not None]
    return {each.plan: PlanRun(each.plan, "predicted", f"{LATE}.", each.cost) for each in known}


def _told(name: str, ahead: Foresight, max_rows: int) -> str:
    written = ahead.of(AS_WRITTEN)
    if written.cost is None:
        return f"{name} was stopped, and its plans are not run: as written, {written.reason}."
    return (
        f"{name} would fetch {written.cost.rows:,} rows as it is written, and --max-rows is "
        f"{max_rows:,}: its plans are predicted, not run."
    )


def _not_searched(name: str, ahead: Foresight, max_rows: int) -> str:
    known = ahead.of(AS_WRITTEN).cost is not None
    large = f"is over --max-rows {max_rows:,}" if known else "may be too large"
    wanted = "Raise --max-rows, or give" if known else "Give"
    return (
        f"{name} was not searched: as it is written it {large}, so there is nothing to compare the "
        f"objects of other plans with. {wanted} the call arguments that find less."
    )


def _plans(call: str, paths: Sequence[Path], mixes: Sequence[str]) -> list[Plan]:
    named = [named_plan(name, paths) for name in PLANS]
    return named + [mixed_plan(text, call, paths) for text in mixes]
