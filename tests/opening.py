"""A plain function over a session, opened for a run as a user's call is, and run."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from qprof.domain.plans import Plan
from qprof.measure.experiments.discover import Discovery
from qprof.measure.experiments.experiment import Observation, Opening, Result
from qprof.measure.experiments.runner import Runner
from qprof.targets.code import Source, TargetCall
from qprof.targets.code.makers import Maker


def on(engine: Engine, call: Callable[[Session], Any] | TargetCall) -> Opening:
    """Return what opens `call` with sessions of `engine`, without a guard."""
    target = call if isinstance(call, TargetCall) else TargetCall("call", taking_a_session(call))
    return lambda: target.open(Source(own=engine))


def taking_a_session(call: Callable[[Session], Any]) -> Maker:
    """Return a function of one session, however `call` names its parameter."""

    def given(session: Session) -> Any:
        return call(session)

    return Maker(given)


def discover(opening: Opening) -> Discovery:
    """Run a call once, and return what it loads."""
    return Runner(opening, asks=False).discover()


def measure(
    opening: Opening,
    plan: Plan,
    found: Discovery,
    *,
    read: bool = True,
    tally: bool = False,
    options: bool = False,
) -> Result:
    """Run a call once under `plan`, and return its executions and its objects."""
    observe: list[Observation] = ["objects", "tally"] if tally else ["objects"]
    observe += ["options"] if options else []
    return Runner(opening, asks=False).run(
        found.experiment(plan, "a test asks", *observe, touched=read)
    )
