"""Reports of the use cases, without a command line."""

from typing import Any

from qprof.domain.report import Comparison, PlanReport, Report
from qprof.runs.compare import compare
from qprof.runs.profile import profile
from qprof.runs.request import Request


def compared(url: str, *calls: str, plans: tuple[str, ...] = (), **more: Any) -> Report:
    """Return the comparison of calls on a library, each plan timed once."""
    return compare(Request(calls=calls, database=url, **more), plans, 1, lambda _: None)


def profiled(url: str, *calls: str, **more: Any) -> Report:
    """Return the profile of calls on a library."""
    return profile(Request(calls=calls, database=url, **more), lambda _: None)


def plan_of(comparison: Comparison, name: str) -> PlanReport:
    """Return one row of a comparison."""
    (found,) = [each for each in comparison.plans if each.plan == name]
    return found
