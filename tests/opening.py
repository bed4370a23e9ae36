"""A plain function over a session, opened for a run as a user's call is."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from qprof.measure.experiments.replay import Opening
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
