"""Chooses the combinations of strategies that are worth running, by what is predicted of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice

from qprof.domain.limits import Limits
from qprof.domain.plans import (
    PLANS,
    SEARCHED,
    Plan,
    choices,
    combinations,
    how_many,
    movable,
    named_plan,
)
from qprof.domain.report import MIX
from qprof.domain.trace import Cost, Path, PlanRuns, Searched
from qprof.forecast.predict.plans import Foresight, Predicted, foresee
from qprof.forecast.predict.worth_running import front
from qprof.measure.experiments.experiment import Opening

MOST_CONSIDERED = 1024
"""Every combination of four strategies over five paths. A prediction takes some 5 ms of each."""

MOST_RUN = 8
"""Plans that are run besides the named ones."""


@dataclass(frozen=True)
class Chosen:
    """The plans to run besides the named ones, why no others, and what is predicted of them."""

    plans: tuple[Plan, ...]
    searched: Searched
    costs: Mapping[str, Cost]

    def checked(self, runs: PlanRuns) -> PlanRuns:
        """Return `runs` with the search, and which predictions they contradict."""
        wrong = tuple(
            run.plan
            for run in runs.runs
            if run.status == "measured" and run.cost and self._differs(run.plan, run.cost)
        )
        return PlanRuns(runs.call, runs.runs, replace(self.searched, wrong=wrong))

    def _differs(self, plan: str, cost: Cost) -> bool:
        told = self.costs.get(plan)
        return told is not None and (told.queries, told.rows) != (cost.queries, cost.rows)


def search(opening: Opening, paths: tuple[Path, ...], limits: Limits) -> Chosen:
    """Return the combinations over `paths` that no other plan beats in predicted counts.

    Raises whatever the call raises.
    """
    named = {frozenset(named_plan(name, paths).strategies.items()) for name in PLANS}
    considered = list(islice(combinations(paths), MOST_CONSIDERED))
    fresh = [each for each in considered if frozenset(each.items()) not in named]
    further = [Plan(f"?{number}", each) for number, each in enumerate(fresh)]
    ahead = foresee(opening, further, limits)
    costs = _costs(ahead)
    small = [
        plan for plan in further if plan.name in costs and costs[plan.name].rows <= limits.rows
    ]
    found = front(costs, [plan.name for plan in small], MOST_RUN)
    renamed = {name: f"{MIX}{number}" for number, name in enumerate(found.kept, 1)}
    return Chosen(
        tuple(Plan(renamed[name], _of(further, name).strategies) for name in found.kept),
        Searched(
            paths=tuple(path.name for path in movable(paths)),
            strategies=tuple(
                dict.fromkeys([*SEARCHED, *(s for p in movable(paths) for s in choices(p))])
            ),
            combinations=how_many(paths),
            considered=len(considered),
            named=len(considered) - len(fresh),
            unknown=_reasons(ahead),
            too_large=sum(p.name in costs for p in further) - len(small),
            equal=found.equal,
            beaten=found.beaten,
            cut=found.cut,
            run=len(found.kept),
        ),
        {renamed.get(name, name): cost for name, cost in costs.items()},
    )


def _of(plans: list[Plan], name: str) -> Plan:
    return next(plan for plan in plans if plan.name == name)


def _costs(ahead: Foresight) -> dict[str, Cost]:
    """Return what is known of each plan; without cells, where these are unknown of one."""
    known = {each.plan: each for each in ahead.plans if each.cost is not None}
    whole = all(each.cells_known for each in known.values())
    return {name: _cost(each, whole=whole) for name, each in known.items()}


def _cost(plan: Predicted, *, whole: bool) -> Cost:
    cost = plan.cost or Cost(0, 0, 0)
    return cost if whole else Cost(cost.queries, cost.rows, 0)


def _reasons(ahead: Foresight) -> dict[str, int]:
    found = [each for each in ahead.plans if each.plan not in PLANS and each.cost is None]
    return dict(Counter(each.reason or "no reason was given" for each in found).most_common())
