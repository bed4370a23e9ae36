"""What a growth comes to in one line: which plan costs more, and how the worst count grows."""

from collections.abc import Sequence
from dataclasses import dataclass

from qprof.domain.plans import AS_WRITTEN
from qprof.domain.report import Fit, Growth, PlanGrowth
from qprof.reporters.figures import TIMES, counted, short_ratio
from qprof.reporters.growing import figure, has_figures, word

_WORST_FIRST = ("worse", "linear", None, "sublinear", "batched", "constant")
_COUNTS = ("cells", "rows", "queries")


@dataclass(frozen=True)
class _Apart:
    """The count in which two plans differ most at the largest size that both have."""

    metric: str
    dear: PlanGrowth
    cheap: PlanGrowth
    factors: tuple[float, float]
    """The least and the most over the sizes."""


def verdict(growth: Growth) -> str:
    """Return which plan costs more, and how the worst count grows, in one line."""
    plans = [plan for plan in growth.plans if plan.fits]
    if not plans:
        return "nothing was measured at two sizes"
    worse = [plan for plan in plans if _worst_of(plan) == "worse"]
    if worse:
        others = [plan for plan in plans if plan not in worse][:1]
        return "; ".join(f"{plan.plan}: {_grows(plan)}" for plan in (*worse, *others))
    found = _apart(plans)
    if found is None:
        plan = plans[0]
        return f"{plan.plan}: {_grows(plan)}"
    low, high = (short_ratio(each) for each in found.factors)
    times = high if low == high else f"{low.removesuffix(TIMES)} to {high}"
    first, second = (word(_fit(plan, found.metric)) for plan in (found.dear, found.cheap))
    return (
        f"{found.dear.plan} needs {times} the {found.metric} of {found.cheap.plan}; "
        f"{_both(found, first, second)}"
    )


def _both(found: _Apart, first: str, second: str) -> str:
    if "unclear" in (first, second):
        return "how they grow is unclear"
    if first == second:
        return f"both {_verb(first, several=True)}"
    return f"{found.dear.plan} {_verb(first)}, {found.cheap.plan} {_verb(second)}"


def _grows(plan: PlanGrowth) -> str:
    """Return how the worst counts of a plan grow: "rows and cells grow linearly"."""
    counts = [fit for fit in plan.fits if fit.metric in _COUNTS]
    worst = min((fit.kind for fit in counts), key=_WORST_FIRST.index)
    if worst == "constant":
        return "every count is constant"
    named = [fit for fit in counts if fit.kind == worst]
    if worst is None:
        return f"how {_joined([each.metric for each in named])} grow is unclear"
    return f"{_joined([each.metric for each in named])} {_verb(word(named[0]), several=True)}"


def _verb(word: str, *, several: bool = False) -> str:
    grow = "grow" if several else "grows"
    if word == "constant":
        return "stay constant" if several else "stays constant"
    if word.startswith("+"):
        return f"{grow} by {word.removeprefix('+').replace('per', 'for every')}"
    adverbs = {
        "linear": "linearly",
        "quadratic": "quadratically",
        "sublinear": "slower than linearly",
        "superlinear": "faster than linearly",
    }
    return f"{grow} {adverbs[word]}"


def _joined(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _apart(plans: Sequence[PlanGrowth]) -> _Apart | None:
    """Return the plans that differ most from the first, which is the call as written if it ran.

    None for one plan, and where all plans cost the same.
    """
    pairs = [
        (metric, plans[0], other, factors)
        for other in plans[1:]
        for metric in _COUNTS
        if metric != "queries" or _grows_with_data((plans[0], other))
        if (factors := _factors(plans[0], other, metric))
    ]
    pairs = [each for each in pairs if each[3][-1] != 1]
    if not pairs:
        return None
    metric, one, two, factors = max(pairs, key=lambda each: max(each[3][-1], 1 / each[3][-1]))
    if factors[-1] < 1:
        one, two, factors = two, one, [1 / each for each in factors]
    return _Apart(metric, one, two, (min(factors), max(factors)))


def _grows_with_data(plans: Sequence[PlanGrowth]) -> bool:
    """Return whether the queries of one grow with the data: a few more or less are no verdict."""
    fits = [_fit(plan, "queries") for plan in plans]
    return any(fit and fit.kind in ("worse", "linear", "sublinear", None) for fit in fits)


def _factors(one: PlanGrowth, two: PlanGrowth, metric: str) -> list[float]:
    others = {each.size: figure(each, metric) for each in two.sizes}
    pairs = [(figure(each, metric), others.get(each.size)) for each in one.sizes]
    return [first / second for first, second in pairs if first and second]


def _fit(plan: PlanGrowth, metric: str) -> Fit | None:
    return next((each for each in plan.fits if each.metric == metric), None)


def headline(growths: Sequence[Growth]) -> str:
    """Return how many calls grow faster than their data, in one line."""
    calls = dict.fromkeys(each.call for each in growths)
    worse = {each.call for each in growths if _worst(each) == "worse"}
    text = f"{len(worse):,} of {counted(len(calls), 'call')}"
    if not worse:
        text = counted(len(calls), "call")
        return f"{text}: none grows faster than linearly" if len(calls) > 1 else _one(growths)
    if len(calls) == 1:
        return f"{growths[0].call} grows faster than linearly"
    return f"{text} {'grows' if len(worse) == 1 else 'grow'} faster than linearly"


def _one(growths: Sequence[Growth]) -> str:
    grows = "stays constant" if all(map(is_constant, growths)) else "grows no faster than linearly"
    return f"{growths[0].call} {grows}"


def is_constant(growth: Growth) -> bool:
    """Return whether no count of any plan grows, and every plan ran."""
    return has_figures(growth) and all(
        plan.reason is None and _worst_of(plan) == "constant" for plan in growth.plans
    )


def gravity(growth: Growth) -> tuple[int, int]:
    """Return a rank: what grows most first, then what fetches most cells at its largest size."""
    cells = [each.cells for plan in growth.plans for each in plan.sizes]
    return _WORST_FIRST.index(_worst(growth)), -max(cells, default=0)


def _worst(growth: Growth) -> str | None:
    """Return the worst kind of the call as written, else of the first plan."""
    plans = [plan for plan in growth.plans if plan.fits]
    own = [plan for plan in plans if plan.plan == AS_WRITTEN] or plans[:1]
    return min((_worst_of(plan) for plan in own), key=_WORST_FIRST.index, default=None)


def _worst_of(plan: PlanGrowth) -> str | None:
    counts = [fit.kind for fit in plan.fits if fit.metric in _COUNTS]
    return min(counts, key=_WORST_FIRST.index, default=None)
