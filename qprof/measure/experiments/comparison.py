"""A call under several plans: their counts, their times, and proof of the same objects."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace

from qprof.domain.plans import AS_WRITTEN, Plan, named_plan
from qprof.domain.trace import PlanRun, PlanRuns
from qprof.measure.experiments.difference import difference
from qprof.measure.experiments.experiment import Experiment, Result
from qprof.measure.experiments.graph import Graph
from qprof.measure.experiments.plan_code import options_code
from qprof.measure.experiments.runner import Trial, settle, time_trials
from qprof.measure.experiments.specimen import Specimen


def compare_plans(
    specimen: Specimen,
    plans: Iterable[Plan],
    repeats: int,
    too_large: Mapping[str, PlanRun] | None = None,
) -> PlanRuns:
    """Return a call under each plan: one untimed run, then `repeats` interleaved timed ones.

    Plans that come to the same strategies are one plan, run once. Those of `too_large` are not run:
    what is predicted of them stands instead. Raises whatever the call raises as it is written.
    """
    known = too_large or {}
    settle()
    written = _written(specimen)
    members: dict[Hashable, _Member] = {}
    wanted = [(plan, _identity(plan)) for plan in plans]
    for plan, identity in wanted:
        if identity not in members:
            told = known.get(plan.name)
            members[identity] = (
                _Member(replace(told, strategies=plan.strategies))
                if told is not None
                else _member(specimen, plan, written)
            )
    trials = [each.trial for each in members.values() if each.trial is not None]
    time_trials(specimen.runner, trials, repeats)
    runs = (replace(members[identity].timed(), plan=plan.name) for plan, identity in wanted)
    return PlanRuns(specimen.call.name, tuple(runs))


def compared(written: Result, other: Result, *, ordered: bool) -> tuple[bool | None, str | None]:
    """Return whether two runs returned the same objects, and in what they differ.

    None and a reason where that cannot be told.
    """
    if not isinstance(written.objects, Graph) or not isinstance(other.objects, Graph):
        return None, f"the objects cannot be compared: {written.objects}"
    if written.objects.expired:
        return None, "the objects cannot be compared: a commit expired them"
    found = difference(written.objects, other.objects, ordered=ordered)
    return found is None, found


@dataclass(frozen=True)
class _Member:
    """One plan of a comparison."""

    run: PlanRun
    trial: Trial | None = None
    """None where the plan cannot be run."""

    def timed(self) -> PlanRun:
        """Return the run with the median of its repeats."""
        trial = self.trial
        if trial is None or not trial.seconds:
            return self.run
        return replace(
            self.run, seconds=trial.median, spread=trial.spread, repeats=len(trial.seconds)
        )


def _identity(plan: Plan) -> Hashable:
    return plan.rewrites, frozenset(plan.strategies.items())


def _written(specimen: Specimen) -> Result:
    plan = named_plan(AS_WRITTEN, specimen.found.paths)
    because = "the objects that those of every plan are compared with"
    return specimen.runner.run(specimen.found.experiment(plan, because, "objects", touched=True))


def _member(specimen: Specimen, plan: Plan, written: Result) -> _Member:
    found = specimen.found
    first = specimen.runner.attempt(plan_experiment(specimen, plan))
    if first.reason is not None:
        run = PlanRun(plan.name, "not-applicable", first.reason, strategies=plan.strategies)
        return _Member(run)
    identical, reason = compared(written, first, ordered=found.ordered)
    run = PlanRun(
        plan.name,
        "measured",
        reason,
        first.cost,
        identical=identical,
        strategies=plan.strategies,
        executions=first.executions,
        options=options_code(found.roots, plan.strategies) if plan.rewrites else "",
    )
    timed = found.experiment(plan, f"how long {plan.name} takes", "time", touched=True)
    return _Member(run, Trial(timed))


def plan_experiment(specimen: Specimen, plan: Plan) -> Experiment:
    """Return the untimed run of a plan: its counts, its objects, and what its rows hold."""
    because = f"what {plan.name} costs"
    return specimen.found.experiment(plan, because, "objects", "tally", touched=True)
