"""What a search finds beside the named plans, on every built-in call.

`python -m benchmarks.search [CALL…]`: for each call, its least cells and its least time among the
named plans, and on the front. Times are ratios of medians within one run. It fails where a named
plan is faster than all of the front beyond the noise: 10 %, or what a repeat of theirs reaches.
"""

import sys
from collections.abc import Iterable, Sequence

from qprof.judge.front import is_no_slower
from qprof.judge.recommend import proven
from qprof.report import Comparison, PlanReport
from qprof.runs import Request, compare
from qprof.strategies.catalog import PLANS


def main(calls: Sequence[str]) -> int:
    """Print a line for each call; return 1 where the front is worse than a named plan."""
    report = compare(Request(calls=calls), (), 5, lambda _: None, every=True)
    print(f"{'call':<26}{'front':>6}{'run':>5}{'cells':>8}{'time':>8}   least cells, fastest")
    worse = [_shown(each) for each in report.comparisons]
    return int(any(worse))


def _shown(comparison: Comparison) -> bool:
    """Print what the search has over the best named plan; return whether that is less than 1."""
    fair = proven(comparison.plans)
    front = {each.plan for each in comparison.search.front} if comparison.search else set()
    named = [plan for plan in fair if plan.plan in PLANS]
    found = [plan for plan in fair if plan.plan in front]
    if not found or comparison.search is None:
        print(f"{comparison.call:<26} nothing to search")
        return False
    cells = _ratio(_cells(_leanest(found)), _cells(_leanest(named)))
    time = _ratio(_seconds(_fastest(found)), _seconds(_fastest(named)))
    print(
        f"{comparison.call:<26}{len(found):>6}{comparison.search.looked_at.run:>5}"
        f"{cells:>8.2f}{time:>8.2f}   {_leanest(found).plan}, {_fastest(found).plan}"
    )
    return cells > 1 or not any(is_no_slower(plan, _fastest(named)) for plan in found)


def _leanest(plans: Iterable[PlanReport]) -> PlanReport:
    return min(plans, key=_cells)


def _fastest(plans: Iterable[PlanReport]) -> PlanReport:
    return min(plans, key=_seconds)


def _cells(plan: PlanReport) -> float:
    return plan.cells or 0


def _seconds(plan: PlanReport) -> float:
    return plan.seconds or 0.0


def _ratio(found: float, named: float) -> float:
    return found / named if named else 1.0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
