"""A call under every plan, with proof that the objects are the same."""

from collections.abc import Sequence

from qprof.errors import QprofError
from qprof.judge import judge
from qprof.report import Report
from qprof.runs.measuring import run_plans
from qprof.runs.profile import refuse_nothing, see_call
from qprof.runs.request import Request, chosen_calls, opened
from qprof.runs.sample import Tell
from qprof.strategies.catalog import PLANS, Plan, mixed_plan, named_plan, parse_mix
from qprof.trace import Path, Trace


def compare(request: Request, further: Sequence[str], repeats: int, tell: Tell) -> Report:
    """Run each call of `request` under the named plans and those of `further`, and judge them.

    Raises QprofError for a plan that is wrong or names a path that the call does not load.
    """
    if repeats < 1:
        raise QprofError(f"--repeat is {repeats}; at least 1 run is needed to time a plan.")
    mixes = [text for text in further if text not in PLANS]
    for text in mixes:
        parse_mix(text)
    calls = chosen_calls(request, tell)
    with opened(request, tell) as (engine, environment):
        seen = [see_call(call, engine) for call in calls]
        trace = Trace(environment, tuple(each.call for each in seen))
        refuse_nothing(trace, calls)
        plans = [_plans(each.call.name, each.call.paths, mixes) for each in seen]
        runs = tuple(
            run_plans(call, engine, each, wanted, repeats)
            for call, each, wanted in zip(calls, seen, plans, strict=True)
        )
    whole = Trace(environment, trace.calls, runs)
    return judge(whole, request.thresholds, request.rules)


def _plans(call: str, paths: Sequence[Path], mixes: Sequence[str]) -> list[Plan]:
    named = [named_plan(name, paths) for name in PLANS]
    return named + [mixed_plan(text, call, paths) for text in mixes]
