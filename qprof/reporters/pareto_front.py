"""A search in columns and sentences, for every format that shows it to people."""

from collections.abc import Iterator

from qprof.domain.report import MIX, Comparison, FrontPlan, PlanReport, Search
from qprof.domain.trace import Searched
from qprof.reporters.columns import Column
from qprof.reporters.figures import UNKNOWN, count, counted, duration, milliseconds


def front_columns(comparison: Comparison, search: Search) -> list[Column]:
    """Return the plans that no other beats, and the round trips at which each is the fastest."""
    plans = {plan.plan: plan for plan in comparison.plans}
    rows = [(plans[each.plan], each) for each in search.front]
    return [
        Column("front", tuple(plan.plan for plan, _ in rows), right=False),
        Column("queries", tuple(count(plan.queries) for plan, _ in rows)),
        Column("cells", tuple(count(plan.cells) for plan, _ in rows)),
        Column("ms", tuple(milliseconds(plan.seconds) for plan, _ in rows)),
        Column("fastest at round trips of", tuple(_span(each) for _, each in rows)),
    ]


def _span(found: FrontPlan) -> str:
    if found.best_from is None:
        return UNKNOWN
    if found.best_to is None:
        return f"{duration(found.best_from)} and more" if found.best_from else "any length"
    if not found.best_from:
        return f"up to {duration(found.best_to)}"
    return f"{duration(found.best_from)} to {duration(found.best_to)}"


def legend(comparison: Comparison, search: Search) -> str:
    """Return what the front is, and how far apart the repeats of its plans are."""
    if not search.front:
        return ""
    return (
        "front: no other plan has as few queries and cells and is as fast. Within 10 %, or where a "
        "repeat of the slower reaches the median of the faster, counts as equal"
        f"{_noise(comparison)}. A round trip adds to ms for each query."
    )


def _noise(comparison: Comparison) -> str:
    """Return by how much the repeats of a plan differ at most, as a share of its median."""
    timed = [plan for plan in comparison.plans if plan.spread and plan.seconds]
    shares = [(p.spread[1] - p.spread[0]) / p.seconds for p in timed if p.spread and p.seconds]
    if not any(plan.repeats > 1 for plan in timed):
        return " (one repeat tells no noise)"
    return f" (here, repeats of one plan differ by up to {100 * max(shares):.0f} % of its median)"


def sentences(search: Search) -> Iterator[str]:
    """Yield how many combinations were looked at, and why not all were run."""
    seen = search.looked_at
    if not seen.paths:
        yield "Nothing to search: the call loads no path whose strategy can be exchanged."
        return
    strategies = f"{', '.join(seen.strategies[:-1])} and {seen.strategies[-1]}"
    yield (
        f"Searched: {counted(seen.combinations, 'combination')} of {strategies} over "
        f"{counted(len(seen.paths), 'path')}. {_considered(seen)}"
        f"and {count(seen.run)} were run besides the named plans."
    )
    reasons = list(_not_run(seen))
    if reasons:
        yield f"Not run: {'; '.join(reasons)}."
    for reason, number in seen.unknown.items():
        yield f"{counted(number, 'combination')} cannot be predicted: {reason}."
    if seen.wrong:
        yield (
            f"Predicted wrongly: {', '.join(seen.wrong)}. Measured counts are right; please report "
            "this, with the statement."
        )


def _considered(seen: Searched) -> str:
    if seen.considered == seen.combinations:
        return f"{count(seen.considered - sum(seen.unknown.values()))} were predicted "
    return (
        f"That is too many: the {count(seen.considered)} that differ from balanced in the fewest "
        f"paths were considered, {count(seen.considered - sum(seen.unknown.values()))} predicted "
    )


def _not_run(seen: Searched) -> Iterator[str]:
    found = (
        (seen.beaten, "need at least as many queries, rows and cells as another plan"),
        (seen.equal, "cost the same as another plan"),
        (seen.too_large, "would fetch more than --max-rows"),
        (sum(seen.unknown.values()), "cannot be predicted"),
        (seen.cut, f"that no plan beats are left out, since {count(seen.run)} is the most"),
    )
    return (f"{count(number)} {why}" for number, why in found if number)


def spelled_out(comparison: Comparison, search: Search) -> list[PlanReport]:
    """Return the plans to be shown as code: the recommended, and the fastest at some round trip."""
    fastest = {each.plan for each in search.front if each.best_from is not None}
    wanted = {*fastest, comparison.recommended}
    return [plan for plan in comparison.plans if plan.options and plan.plan in wanted]


def path_by_path(plan: PlanReport) -> str:
    """Return "mix-1: Artist.albums=selectin, Artist.tracks=joined"."""
    return f"{plan.plan}: {', '.join(f'{path}={each}' for path, each in plan.strategies.items())}"


def others(comparison: Comparison, search: Search) -> list[PlanReport]:
    """Return the other plans of the search that were run."""
    shown = {plan.plan for plan in spelled_out(comparison, search)}
    return [p for p in comparison.plans if p.plan.startswith(MIX) and p.plan not in shown]
