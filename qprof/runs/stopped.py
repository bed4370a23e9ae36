"""A call that was stopped at a limit: what it would have cost, as far as that is predicted."""

from collections import Counter
from dataclasses import replace
from functools import partial

from qprof.domain.limits import Limits
from qprof.domain.plans import AS_WRITTEN, BALANCED, Plan
from qprof.domain.trace import Call, Execution, Join, Tally, total
from qprof.forecast.predict.plans import Foresight, foresee
from qprof.measure.experiments.experiment import LimitReached
from qprof.targets.code import Source, TargetCall

_APART = "selectin"
_UNTRIED = "the call was stopped, and is not run again"
_AT_LEAST = "Its figures are what had come until then: at least."


def stopped_call(call: TargetCall, stop: LimitReached, source: Source, limits: Limits) -> Call:
    """Return the call with predicted figures; where nothing predicts them, with what had come."""
    joins = _widest(stop.executions).joins if stop.executions else ()
    if not any(join.to_many for join in joins):
        return _at_least(call, stop)
    try:
        ahead = foresee(partial(call.open, source), _alone(joins), limits)
    except Exception:
        # The call may raise, too, or be stopped, where it is run to be predicted.
        return _at_least(call, stop)
    return _predicted(call, stop, ahead) or _at_least(call, stop)


def _widest(executions: tuple[Execution, ...]) -> Execution:
    """Return the statement that was stopped, as far as that shows: with most joins, then rows."""
    return max(executions, key=lambda each: (len(each.joins), each.rows))


def _at_least(call: TargetCall, stop: LimitReached) -> Call:
    note = f"{stop} {_AT_LEAST}"
    return Call(
        call.name,
        call.shown,
        stop.executions,
        None,
        notes=(note,),
        exactness="at least",
        untried=_UNTRIED,
    )


def _alone(joins: tuple[Join, ...]) -> tuple[Plan, ...]:
    """Return a plan for each joined collection that nothing hangs on: it is joined, others not."""
    many = [join.path for join in joins if join.to_many]
    leaves = [path for path in many if not any(each.startswith(f"{path}.") for each in many)]
    return tuple(
        Plan(
            f"{leaf} alone",
            {path: "joined" if f"{leaf}.".startswith(f"{path}.") else _APART for path in many},
        )
        for leaf in leaves
    )


def _predicted(call: TargetCall, stop: LimitReached, ahead: Foresight) -> Call | None:
    """Return the call as predicted; where its rows are too many to be told, as what they exceed."""
    written, needed = ahead.of(AS_WRITTEN), ahead.of(BALANCED)
    joined = _widest(stop.executions)
    others = [each for each in stop.executions if each is not joined]
    tally = _tally(joined.joins, ahead)
    if written.cost is not None:
        rest = written.cost - total(each.cost for each in others)
        cells = rest.cells if written.cells_known else rest.rows * joined.columns
        columns = cells // rest.rows if rest.rows else joined.columns
        joined = replace(joined, count=1, rows=rest.rows, columns=columns, cells=cells)
        note = f"{stop} Its figures are predicted ({written.exactness}), and not its times."
    elif tally is not None:
        note = f"{stop} {_AT_LEAST} As written, {written.reason}."
    else:
        return None
    return Call(
        name=call.name,
        arguments=call.shown,
        executions=(*others, replace(joined, tally=tally)),
        wall=None,
        paths=ahead.paths,
        needed=needed.cost if needed.cells_known else None,
        notes=(note,),
        exactness="predicted" if written.cost is not None else "at least",
        untried=_UNTRIED,
    )


def _tally(joins: tuple[Join, ...], ahead: Foresight) -> Tally | None:
    """Return what the rows of the joined SELECT would hold; None where that is not predicted."""
    apart: Counter[str] = Counter()
    for select in ahead.selects.get(_APART, ()):
        apart[select.path] += select.rows
    alone = {
        name.removesuffix(" alone"): next(each.rows for each in selects if not each.path)
        for name, selects in ahead.selects.items()
        if name.endswith(" alone")
    }
    many = [join.path for join in joins if join.to_many]
    if "" not in apart or not alone or not apart.keys() >= {*many}:
        return None
    return Tally(
        roots=apart[""],
        pairs={path: apart[path] for path in many},
        alone=alone,
        worst=ahead.worst[0] if ahead.worst else None,
        largest=tuple(ahead.worst),
        apart=ahead.of(BALANCED).cost,
    )
