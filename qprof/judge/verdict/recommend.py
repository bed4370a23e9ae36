"""Which plan to use, which none beats, from which round-trip time on another wins. Arithmetic."""

from collections.abc import Sequence
from math import comb, inf

from qprof.domain.plans import AS_WRITTEN, BALANCED
from qprof.domain.report import BreakEven, FrontPlan, PlanReport

TIE = 1.10
"""Plans within 10 % of the fastest, or whose repeats do not tell them apart from it, count as
equally fast: medians of a handful of repeats on a shared machine do not carry more."""

CHANCE = 20
"""Of two plans that are equally fast, one comes out of a rank test (Mann-Whitney) with all of its
repeats before the other's once in so many orders: the usual 5 %. Three repeats of each will do."""

FAR = 4
"""Fewer repeats tell plans apart where one takes so many times as long as the other in each."""


def recommended(plans: Sequence[PlanReport], *, damaged: bool) -> PlanReport | None:
    """Return the plan to use, or None where none was measured.

    Only plans with proven-equal objects count, and of those other than as written only what no rule
    rejects. Among equally fast ones: the call as written, unless an error was found in it
    (`damaged`); then balanced; then the fewest cells.
    """
    fair = proven(plans)
    kept = [p for p in fair if p.plan == AS_WRITTEN or not is_rejected(p, plans[0])]
    return chosen(kept, damaged=damaged)


def is_rejected(plan: PlanReport, written: PlanReport) -> bool:
    """Return whether a rule has an error for a plan, or a warning that is not as written, too."""
    known = {each.fingerprint for each in written.findings}
    return any(
        each.level == "error" or (each.level == "warning" and each.fingerprint not in known)
        for each in plan.findings
    )


def chosen(fair: Sequence[PlanReport], *, damaged: bool) -> PlanReport | None:
    """Return the plan to use among those that are known to be proven and timed."""
    if not fair:
        return None
    fastest = min(fair, key=lambda plan: plan.seconds or 0.0)
    written = next((plan.seconds for plan in fair if plan.plan == AS_WRITTEN), None)
    most = TIE * (written or 0.0) if written is not None else inf
    tied = [p for p in fair if is_tied(p, fastest) and (p is fastest or (p.seconds or 0.0) <= most)]
    return min(tied, key=lambda plan: _preference(plan, damaged=damaged))


def is_tied(plan: PlanReport, fastest: PlanReport) -> bool:
    """Return whether `plan` counts as no slower than `fastest`."""
    timed = plan is not fastest and plan.spread is not None and fastest.spread is not None
    if timed and not _are_apart(plan, fastest):
        return True
    return (plan.seconds or 0.0) <= (fastest.seconds or 0.0) * TIE


def _are_apart(slow: PlanReport, fast: PlanReport) -> bool:
    """Return whether all repeats of `slow` come after those of `fast`, and that is no chance."""
    least, most = (slow.spread or (0.0, 0.0))[0], (fast.spread or (0.0, 0.0))[1]
    orders = comb(slow.repeats + fast.repeats, fast.repeats)
    return least > most and (orders >= CHANCE or least >= FAR * most)


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
