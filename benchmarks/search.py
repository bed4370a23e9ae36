"""What a search finds beside the named plans, on every built-in call.

`python -m benchmarks.search [CALL…]`: for each call, its least cells and its least time among the
named plans, and on the front. Times are ratios of medians within one run. It fails where a named
plan is faster than all of the front beyond the noise: 10 %, or what a repeat of theirs reaches.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.pages import asked, publish
from qprof.domain.plans import PLANS
from qprof.domain.report import Comparison, PlanReport
from qprof.judge.verdict.recommend import is_no_slower, proven
from qprof.runs.compare import compare
from qprof.runs.request import Request


def main() -> int:
    """Print a line for each call; return 1 where the front is worse than a named plan."""
    report = compare(Request(calls=asked()), (), 5, lambda _: None, every=True)
    found = [each for each in map(_Found.of, report.comparisons) if each is not None]
    heads = ("call", "front", "run", "cells", "time", "least cells", "fastest")
    publish("search", [each.line() for each in found], heads)
    return int(any(each.is_worse() for each in found))


@dataclass
class _Found:
    """A call's front, and its named plans that gave the same objects."""

    comparison: Comparison
    front: list[PlanReport]
    named: list[PlanReport]

    @classmethod
    def of(cls, comparison: Comparison) -> "_Found | None":
        """Return what was found; None where there was nothing to search."""
        if comparison.search is None:
            return None
        fair = proven(comparison.plans)
        names = {each.plan for each in comparison.search.front}
        front = [plan for plan in fair if plan.plan in names]
        return cls(comparison, front, [p for p in fair if p.plan in PLANS]) if front else None

    def line(self) -> tuple[str, ...]:
        """Return the line of the table."""
        assert self.comparison.search is not None
        return (
            self.comparison.call,
            str(len(self.front)),
            str(self.comparison.search.looked_at.run),
            f"{self._cells():.2f}",
            f"{_ratio(_seconds(_fastest(self.front)), _seconds(_fastest(self.named))):.2f}",
            _leanest(self.front).plan,
            _fastest(self.front).plan,
        )

    def is_worse(self) -> bool:
        """Return whether a named plan has fewer cells, or is faster beyond the noise."""
        fastest = _fastest(self.named)
        return self._cells() > 1 or not any(is_no_slower(plan, fastest) for plan in self.front)

    def _cells(self) -> float:
        return _ratio(_cells(_leanest(self.front)), _cells(_leanest(self.named)))


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
    raise SystemExit(main())
