"""The plans that no other beats in queries, cells and time. Arithmetic only."""

from collections.abc import Sequence

from qprof.domain.report import FrontPlan, PlanReport
from qprof.judge.verdict.recommend import TIE, overtaking, proven


def pareto_front(plans: Sequence[PlanReport]) -> tuple[FrontPlan, ...]:
    """Return the plans with proven-equal objects that no other beats, fewest queries first.

    A plan is beaten by one with no more queries and cells that is no slower beyond the noise; see
    `is_no_slower`. Of plans with the same counts one stays: a faster one, else the first.
    """
    kept: list[PlanReport] = []
    for plan in sorted(proven(plans), key=_counts):
        if not any(_beats(other, plan) for other in kept):
            # One with the same counts that is still here is slower.
            kept = [*(other for other in kept if _counts(other) != _counts(plan)), plan]
    turns = _turns(kept)
    return tuple(FrontPlan(plan.plan, *turns.get(plan.plan, (None, None))) for plan in kept)


def _counts(plan: PlanReport) -> tuple[int, int]:
    return plan.queries or 0, plan.cells or 0


def _beats(other: PlanReport, plan: PlanReport) -> bool:
    return (other.cells or 0) <= (plan.cells or 0) and is_no_slower(other, plan)


def is_no_slower(other: PlanReport, plan: PlanReport) -> bool:
    """Return whether `other` is as fast as `plan`, or slower by noise alone.

    Its median is within 10 % of the other's (`TIE`), or its fastest repeat reaches that. A slow
    outlier of `plan` is no reason to drop it: noise makes runs longer, never shorter.
    """
    least = other.spread[0] if other.spread else other.seconds
    median = plan.seconds or 0.0
    return (least or 0.0) <= median or (other.seconds or 0.0) <= median * TIE


def _turns(kept: Sequence[PlanReport]) -> dict[str, tuple[float, float | None]]:
    """Return from and up to which round-trip time, in seconds, each plan is the fastest, if any.

    A run takes its measured seconds and a round trip for each query.
    """
    if not kept:
        return {}
    first = min(kept, key=lambda plan: (plan.seconds or 0.0, plan.queries or 0))
    found = [(first.plan, 0.0), *((each.plan, each.seconds) for each in overtaking(first, kept))]
    ends = [*(start for _, start in found[1:]), None]
    spans = zip(found, ends, strict=True)
    return {plan: (start, end) for (plan, start), end in spans if end is None or start < end}
