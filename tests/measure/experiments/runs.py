"""A call moved to one strategy, run, and counted by both sides."""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from qprof.domain.plans import AS_WRITTEN, PLANS, Plan, named_plan
from qprof.measure.experiments.difference import difference
from qprof.measure.experiments.discover import Discovery
from qprof.measure.experiments.experiment import Result
from qprof.measure.experiments.graph import Graph, Incomparable
from tests.measure.experiments.oracle import counting, figures
from tests.opening import discover, measure, on

UserCall = Callable[[Session], Any]


def plan_of(strategy: str, found: Discovery) -> Plan:
    """Return the plan that moves every path of `found` which can be moved."""
    if strategy in PLANS:
        return named_plan(strategy, found.paths)
    movable = [path for path in found.paths if path.strategy != "contains_eager"]
    return Plan(strategy, {path.name: strategy for path in movable})


def run(
    call: UserCall, engine: Engine, strategy: str, found: Discovery | None = None, **options: bool
) -> Result:
    """Run `call` with every path under `strategy`; qprof and the oracle count the same."""
    found = found or discover(on(engine, call))
    plan = plan_of(strategy, found)
    with counting(engine) as counted:
        measured = measure(on(engine, call), plan, found, **options)
    assert figures(measured.executions) == counted.figures()
    return measured


@cache
def _as_written(call: UserCall, engine: Engine) -> tuple[Discovery, Graph | Incomparable | None]:
    found = discover(on(engine, call))
    return found, run(call, engine, AS_WRITTEN, found).objects


def differs(call: UserCall, engine: Engine, strategy: str) -> str | None:
    """Return in what the objects under `strategy` differ from those as written."""
    found, written = _as_written(call, engine)
    other = run(call, engine, strategy, found).objects
    assert isinstance(written, Graph)
    assert isinstance(other, Graph)
    return difference(written, other, ordered=found.ordered)


def paths(call: UserCall, engine: Engine) -> dict[str, str]:
    """Return each path that `call` loads with its strategy."""
    return {path.name: path.strategy for path in discover(on(engine, call)).paths}
