"""Which plan to use, which none beats, from which round-trip time on another wins. Arithmetic."""

from collections.abc import Sequence
from math import ceil

from qprof.domain.plans import AS_WRITTEN, BALANCED
from qprof.domain.report import BreakEven, FrontPlan, PlanReport

TIE = 1.10
"""Plans within 10 % count as equally fast: medians of a handful of repeats on a shared machine do
not carry more."""

TWICE = 2.0
"""A time decides against what the counts say only from here on. The median of repeats moves by
half under load; who recommends by less gives another verdict in each run."""

LIKELY = 0.05
"""So rarely may chance alone put the repeats of two equally fast plans in the order in which they
came (Mann-Whitney, one-sided): the usual 5 %. Three repeats of each will do."""

SURE = 0.01
"""Four and five repeats can be so sure. Then 10 % more than the call as written is too much,"""
HALF = 1.5
"""and half as much again, where they are fewer."""

FAR = 10.0
"""Fewer repeats tell plans apart where one takes so many times as long as the other in each,"""
LONG = 0.1
"""and by so many seconds: a busy machine may keep any run waiting for a part of that."""


def recommended(plans: Sequence[PlanReport], *, damaged: bool) -> PlanReport | None:
    """Return the plan to use, or None where none was measured.

    Only plans with proven-equal objects count, and of those other than as written only what no rule
    rejects. Counts decide first: the call as written, unless an error was found in it (`damaged`);
    then balanced; then the fewest cells, queries and rows; then the order of the plans. A time
    decides against them only where it is told apart, and twice as short.
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
    """Return the plan to use among those that are known to be proven and timed.

    None that takes longer than the call as written, as far as the repeats tell.
    """
    if not fair:
        return None
    written = next((plan for plan in fair if plan.plan == AS_WRITTEN), None)
    kept = [p for p in fair if written is None or not _is_worse(p, written)]
    best = min(kept, key=lambda plan: preference(plan, damaged=damaged))
    faster = [p for p in kept if is_slower(best, p, TWICE) and not _costs_more(p, best)]
    return chosen(faster, damaged=damaged) if faster else best


def is_slower(slow: PlanReport, fast: PlanReport, times: float) -> bool:
    """Return whether `slow` takes at least `times` as long as `fast`, and that is no chance.

    The least of the repeats is compared, too: a busy machine makes runs longer, never shorter.
    """
    return _is_longer(slow, fast, times) and _are_apart(slow, fast)


def why_not_faster(plan: PlanReport, best: PlanReport) -> str:
    """Return why `best` is the one to use, though `plan` took less time; "" where it took more."""
    if plan.identical is not True or not plan.seconds or plan.seconds >= (best.seconds or 0.0):
        return ""
    if not is_slower(best, plan, TIE):
        return f"not clearly faster than {best.plan}, so the counts decide"
    if is_slower(best, plan, TWICE):
        return "faster, but it fetches no less" if _costs_more(plan, best) else ""
    times = f"{TWICE:.0f}\N{MULTIPLICATION SIGN}"
    return f"faster than {best.plan} by less than {times}, so the counts decide"


def _is_longer(slow: PlanReport, fast: PlanReport, times: float) -> bool:
    medians = (slow.seconds or 0.0) >= (fast.seconds or 0.0) * times
    return medians and min(_repeats(slow)) >= min(_repeats(fast)) * times > 0


def _is_worse(plan: PlanReport, written: PlanReport) -> bool:
    """Return whether `plan` takes longer than the call as written: by how much, or how surely."""
    if chance(_repeats(plan), _repeats(written)) <= SURE:
        return _is_longer(plan, written, TIE)
    return is_slower(plan, written, HALF)


def _are_apart(slow: PlanReport, fast: PlanReport) -> bool:
    """Return whether the repeats show that `slow` takes longer than `fast`."""
    late, early = _repeats(slow), _repeats(fast)
    if chance(late, early) <= LIKELY:
        return True
    return min(late) >= FAR * max(early) and min(late) - max(early) >= LONG


def chance(late: Sequence[float], early: Sequence[float]) -> float:
    """Return how likely `late` comes as far after `early` where nothing tells the two apart.

    The exact probability of the rank test, by counting the orders: 3 and 3 repeats have 20.
    """
    after = sum((b > a) + (b == a) / 2 for b in late for a in early)
    orders = [1]
    for number in range(1, len(late) + 1):
        # The counts of U as coefficients of the Gaussian binomial: times (1 - q^(m + i)) …
        top = orders + [0] * (len(early) + number)
        for place in range(len(top) - 1, len(early) + number - 1, -1):
            top[place] -= top[place - len(early) - number]
        # … and divided by (1 - q^i).
        for place in range(number, len(top)):
            top[place] += top[place - number]
        orders = top[: number * len(early) + 1]
    return sum(orders[ceil(after) :]) / sum(orders)


def _repeats(plan: PlanReport) -> Sequence[float]:
    """Return the seconds of each repeat; of a plan that has none of its own, the median."""
    return plan.times or (plan.seconds or 0.0,)


def _costs_more(plan: PlanReport, other: PlanReport) -> bool:
    """Return whether `plan` has no less of any count than `other`: a shorter time is noise then."""
    pairs = zip(_figures(plan), _figures(other), strict=True)
    return all(one >= another for one, another in pairs)


def _figures(plan: PlanReport) -> tuple[int, int, int]:
    return plan.cells or 0, plan.queries or 0, plan.rows or 0


def proven(plans: Sequence[PlanReport]) -> list[PlanReport]:
    """Return the timed plans with proven objects, without those that only repeat as-written."""
    timed = [plan for plan in plans if _is_proven(plan) and plan.seconds is not None]
    return [plan for plan in timed if plan.plan == AS_WRITTEN or not _is_same(plan, plans[0])]


def _is_same(plan: PlanReport, written: PlanReport) -> bool:
    same_cost = (plan.queries, plan.rows, plan.cells) == (
        written.queries,
        written.rows,
        written.cells,
    )
    return same_cost and dict(plan.strategies) == dict(written.strategies)


def _is_proven(plan: PlanReport) -> bool:
    own = plan.plan == AS_WRITTEN
    return plan.status == "measured" and (own or plan.identical is True)


def preference(plan: PlanReport, *, damaged: bool = False) -> tuple[int, ...]:
    """Return what sorts plans by what counts say of them, the best first; see `recommended`."""
    order: dict[str, int] = {AS_WRITTEN: 3 if damaged else 0, BALANCED: 1}
    return (order.get(plan.plan, 2), *_figures(plan))


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
