"""Which plan to use, and from which round-trip time on another one would win. Arithmetic only."""

from collections.abc import Sequence

from qprof.domain.plans import AS_WRITTEN, BALANCED
from qprof.domain.report import BreakEven, PlanReport

TIE = 1.10
"""Plans within 10 % of the fastest, or whose repeats overlap with its repeats, count as equally
fast: medians of a handful of repeats on a shared machine do not carry more."""


def recommended(plans: Sequence[PlanReport], *, damaged: bool) -> PlanReport | None:
    """Return the plan to use, or None where none was measured.

    Only plans with proven-equal objects count. Among equally fast ones: the call as written,
    unless an error was found in it (`damaged`); then balanced; then the fewest cells.
    """
    fair = proven(plans)
    if not fair:
        return None
    fastest = min(fair, key=lambda plan: plan.seconds or 0.0)
    tied = [plan for plan in fair if is_tied(plan, fastest)]
    return min(tied, key=lambda plan: _preference(plan, damaged=damaged))


def is_tied(plan: PlanReport, fastest: PlanReport) -> bool:
    """Return whether `plan` counts as no slower than `fastest`."""
    overlap = plan.spread and fastest.spread and plan.spread[0] <= fastest.spread[1]
    return bool(overlap) or (plan.seconds or 0.0) <= (fastest.seconds or 0.0) * TIE


def proven(plans: Sequence[PlanReport]) -> list[PlanReport]:
    """Return the timed plans with proven objects, without those that only repeat as-written."""
    timed = [plan for plan in plans if _is_proven(plan) and plan.seconds is not None]
    return [plan for plan in timed if plan.plan == AS_WRITTEN or not _repeats(plan, plans[0])]


def _repeats(plan: PlanReport, written: PlanReport) -> bool:
    same_cost = (plan.queries, plan.rows, plan.cells) == (
        written.queries,
        written.rows,
        written.cells,
    )
    return same_cost and dict(plan.strategies) == dict(written.strategies)


def _is_proven(plan: PlanReport) -> bool:
    own = plan.plan == AS_WRITTEN
    return plan.status == "measured" and (own or plan.identical is True)


def _preference(plan: PlanReport, *, damaged: bool) -> tuple[int, int, int]:
    order: dict[str, int] = {AS_WRITTEN: 3 if damaged else 0, BALANCED: 1}
    return (order.get(plan.plan, 2), plan.cells or 0, plan.queries or 0)


def break_even(best: PlanReport, plans: Sequence[PlanReport]) -> tuple[BreakEven, ...]:
    """Return which plans overtake `best` as round trips grow longer, each with its threshold.

    A plan with fewer queries overtakes at its extra seconds divided by the trips that it saves.
    """
    return overtaking(best, proven(plans))


def overtaking(best: PlanReport, fair: Sequence[PlanReport]) -> tuple[BreakEven, ...]:
    """Return the same of plans that are known to be proven and timed."""
    turns: list[BreakEven] = []
    while rivals := [plan for plan in fair if _saved(plan, best) > 0]:
        rival = min(rivals, key=lambda plan: (_overtakes(plan, best), plan.queries or 0))
        turns.append(BreakEven(rival.plan, round(_overtakes(rival, best), 6)))
        best = rival
    return tuple(turns)


def _overtakes(plan: PlanReport, best: PlanReport) -> float:
    extra = (plan.seconds or 0.0) - (best.seconds or 0.0)
    return max(0.0, extra / _saved(plan, best))


def _saved(plan: PlanReport, best: PlanReport) -> int:
    return (best.queries or 0) - (plan.queries or 0)
