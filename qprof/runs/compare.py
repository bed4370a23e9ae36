"""A call under every plan, with proof that the objects are the same."""

from collections.abc import Sequence
from dataclasses import replace

from qprof.errors import QprofError
from qprof.judge import judge
from qprof.report import Report
from qprof.runs.measuring import Seen, run_plans
from qprof.runs.preparing import prepared
from qprof.runs.profile import look, told
from qprof.runs.request import Request
from qprof.runs.sample import Tell
from qprof.strategies.catalog import PLANS, Plan, mixed_plan, named_plan, parse_mix
from qprof.target import Source, TargetCall
from qprof.trace import Path, PlanRuns


def compare(request: Request, further: Sequence[str], repeats: int, tell: Tell) -> Report:
    """Run each call of `request` under the named plans and those of `further`, and judge them.

    Raises QprofError for a plan that is wrong or names a path that the call does not load.
    """
    if repeats < 1:
        raise QprofError(f"--repeat is {repeats}; at least 1 run is needed to time a plan.")
    mixes = [text for text in further if text not in PLANS]
    for text in mixes:
        parse_mix(text)
    with prepared(request, tell) as ready:
        looked = look(ready)
        trace = looked.trace(ready.source)
        plans = [_plans(each.call.name, each.call.paths, mixes) for _, each in looked.seen]
        runs = tuple(
            _compared(call, seen, wanted, repeats, ready.source)
            for (call, seen), wanted in zip(looked.seen, plans, strict=True)
        )
    return judge(replace(trace, comparisons=runs), request.thresholds, request.rules)


def _compared(
    call: TargetCall, seen: Seen, plans: Sequence[Plan], repeats: int, source: Source
) -> PlanRuns:
    with told(call, source):
        return run_plans(lambda: call.open(source), seen, plans, repeats)


def _plans(call: str, paths: Sequence[Path], mixes: Sequence[str]) -> list[Plan]:
    named = [named_plan(name, paths) for name in PLANS]
    return named + [mixed_plan(text, call, paths) for text in mixes]
