"""A call under several plans: their counts, their times, and proof of the same objects."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from qprof.domain.limits import LATE
from qprof.domain.plans import AS_WRITTEN, Plan
from qprof.domain.trace import PlanRun, PlanRuns, Suspect
from qprof.measure.experiments.difference import difference
from qprof.measure.experiments.discover import Discovery
from qprof.measure.experiments.experiment import Experiment, Result
from qprof.measure.experiments.graph import Graph, view
from qprof.measure.experiments.runner import Trial, settle, time_trials
from qprof.measure.experiments.specimen import Specimen
from qprof.measure.orm.roots import RootPaths

RANKED = 3
"""Repeats that a plan has to have, if it is not very slow: a rank test tells no fewer apart."""

AGREEING = 2
"""Plans that have to agree with each other, until the call as written is held to be wrong."""


def compare_plans(
    specimen: Specimen,
    plans: Iterable[Plan],
    repeats: int,
    too_large: Mapping[str, PlanRun] | None = None,
    late: Mapping[str, PlanRun] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> PlanRuns:
    """Return a call under each plan: one untimed run, then `repeats` interleaved timed ones.

    Plans that come to the same strategies are one plan, run once. Those of `too_large` are not run:
    what is predicted of them stands instead, and so does what `late` says of those for which no
    time is left. `tell` takes what is run next. Raises whatever the call raises as it is written.
    """
    known = too_large or {}
    settle()
    members: dict[Hashable, _Member] = {}
    wanted = [(plan, _identity(plan)) for plan in plans]
    for plan, identity in wanted:
        if identity not in members:
            tell(plan.name)
            told = known.get(plan.name)
            members[identity] = (
                _Member(replace(told, strategies=plan.strategies), plan.name)
                if told is not None
                else _member(specimen, plan, late or {})
            )
    trials = [each.trial for each in members.values() if each.trial is not None]
    if monotonic() > specimen.runner.until:
        # A run of the call as written was timed, and there is no time for another.
        written = specimen.written
        for trial in trials:
            if _moves_nothing(specimen, trial.experiment.plan):
                trial.seconds.append(max(0.0, written.seconds - written.waited))
    time_trials(specimen.runner, trials, repeats, RANKED, tell)
    runs = (replace(members[identity].timed(), plan=plan.name) for plan, identity in wanted)
    suspect = _suspect([replace(members[each], name=plan.name) for plan, each in wanted])
    return PlanRuns(specimen.call.name, tuple(runs), suspect=suspect)


def compared(specimen: Specimen, other: Result) -> tuple[bool | None, str | None]:
    """Return whether a run returned the objects of the call as written, and in what they differ.

    None and a reason where that cannot be told.
    """
    written, found = specimen.objects, specimen.found
    if not isinstance(written, Graph) or not isinstance(other.objects, Graph):
        return None, f"the objects cannot be compared: {written}"
    doubt = _doubt(written, found, other) or _unplaced(specimen, other.experiment.plan)
    if doubt is not None:
        return None, f"the objects cannot be compared: {doubt}"
    told = difference(written, other.objects, ordered=found.ordered, limited=found.limited)
    if told is None:
        return True, None
    return (False if told.certain else None), str(told)


def _doubt(written: Graph, found: Discovery, other: Result) -> str | None:
    """Return why the objects that came prove nothing; None where they do."""
    if written.expired:
        return "a commit expired them"
    if not written.tells:
        return "as written, each run returns another value"
    orders = (_order(root, found, other) for root in found.roots.values())
    return next((why for why in orders if why), None)


def _unplaced(specimen: Specimen, plan: Plan) -> str | None:
    """Return that a lazy load may bring what was loaded with its objects; None if it does not.

    A subqueryload below a SELECT of another path names its path from there: whose objects it is
    for is not known. Where such a path becomes lazy, what is read first decides what is loaded, or
    raises.
    """
    found = specimen.found
    known = {each.name: each.strategy for each in found.paths}
    if all(strategy != "lazy" or known.get(p) == "lazy" for p, strategy in plan.strategies.items()):
        return None
    loaded = (each.path for each in specimen.call.executions if each.strategy == "subquery")
    unplaced = next((path for path in loaded if path and path not in known), None)
    return f"{unplaced} may be loaded by which path is read first" if unplaced else None


def _order(root: RootPaths, found: Discovery, other: Result) -> str | None:
    """Return why what an object holds depends on which path leads to it first; None if not.

    SQLAlchemy may load lazily what a plan has joined: below from_statement() nothing is joined.
    """
    plan = other.experiment.plan
    used = {each.name: plan.strategies.get(each.name, each.strategy) for each in found.paths}
    used |= {
        each.path: "lazy" for each in other.executions if each.path and each.strategy == "lazy"
    }
    strategies = {*(path.strategy for path in found.paths), *used.values()}
    if "lazy" in strategies and root.depends_on_reads:
        return "an object that two paths lead to holds what the first one to be read brings"
    if root.loses([name for name, strategy in used.items() if strategy == "lazy"]):
        return "an object that two paths lead to may raise, by which of them is read first"
    if plan.rewrites and root.empties_by_path:
        return "noload() empties what an object has by one path, and not by another"
    return None


@dataclass(frozen=True)
class _Member:
    """One plan of a comparison."""

    run: PlanRun
    name: str
    trial: Trial | None = None
    """None where the plan cannot be run."""
    view: str = ""
    """Equal for plans whose objects are others than as written, and the same among each other."""

    def timed(self) -> PlanRun:
        """Return the run with the median of its repeats."""
        trial = self.trial
        if trial is None or not trial.seconds:
            return self.run
        return replace(
            self.run,
            seconds=trial.median,
            spread=trial.spread,
            repeats=len(trial.seconds),
            times=tuple(trial.seconds),
        )


def view_of(specimen: Specimen, result: Result) -> str:
    """Return what is equal for runs that gave the same, of all that the call as written gave."""
    written, other = specimen.objects, result.objects
    both = isinstance(written, Graph) and isinstance(other, Graph)
    return view(written, other) if both else ""  # type: ignore[arg-type]


def _suspect(members: Sequence[_Member]) -> Suspect | None:
    """Return which plans agree with each other against the call as written.

    They are two at least, and more than those that agree with it; plans of the same strategies are
    one.
    """
    proven = [each for each in members if each.run.identical is not None]
    by_view: dict[str, list[_Member]] = {}
    for each in proven:
        by_view.setdefault(each.view, []).append(each)
    with_it = by_view.pop("", [])
    most = max(by_view.values(), key=_different, default=[])
    if _different(most) < AGREEING or _different(most) <= _different(with_it):
        return None
    return Suspect(tuple(each.name for each in most), most[0].run.reason or "")


def _different(members: Sequence[_Member]) -> int:
    return len({frozenset(each.run.strategies.items()) for each in members})


def _identity(plan: Plan) -> Hashable:
    return plan.key


def _member(specimen: Specimen, plan: Plan, late: Mapping[str, PlanRun]) -> _Member:
    found = specimen.found
    first = first_run(specimen, plan)
    if first.reason == LATE and plan.name in late:
        return _Member(replace(late[plan.name], strategies=plan.strategies), plan.name)
    if first.reason is not None:
        run = PlanRun(plan.name, "not-applicable", first.reason, strategies=plan.strategies)
        return _Member(run, plan.name)
    identical, reason = compared(specimen, first)
    run = PlanRun(
        plan.name,
        "measured",
        reason,
        first.cost,
        identical=identical,
        strategies=plan.strategies,
        executions=first.executions,
        options=options_text(first) if plan.rewrites else "",
    )
    timed = found.experiment(plan, f"how long {plan.name} takes", "time", touched=True)
    other = identical is False and isinstance(specimen.objects, Graph)
    return _Member(run, plan.name, Trial(timed), view_of(specimen, first) if other else "")


def first_run(specimen: Specimen, plan: Plan) -> Result:
    """Return the untimed run of a plan; if time is up, as written for a plan that moves nothing."""
    first = specimen.runner.attempt(plan_experiment(specimen, plan))
    return specimen.written if first.reason == LATE and _moves_nothing(specimen, plan) else first


def _moves_nothing(specimen: Specimen, plan: Plan) -> bool:
    written = {path.name: path.strategy for path in specimen.found.paths}
    same = all(written.get(name) == strategy for name, strategy in plan.strategies.items())
    return plan.name == AS_WRITTEN or (same and plan == Plan(plan.name, plan.strategies))


def plan_experiment(specimen: Specimen, plan: Plan) -> Experiment:
    """Return the untimed run of a plan: its counts, its objects, and what its rows hold."""
    because = f"what {plan.name} costs"
    return specimen.found.experiment(plan, because, "objects", "tally", "options", touched=True)


def options_text(result: Result) -> str:
    """Return the options that a run had, a line for each statement, and what is to be kept."""
    lines = [line for each in result.options.values() for line in (each.code, *each.remarks)]
    return "\n".join(line for line in dict.fromkeys(lines) if line)
