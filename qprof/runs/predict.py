"""What every plan of a call would fetch, without running its product."""

from collections.abc import Sequence

from qprof.domain.errors import MeasureError
from qprof.domain.interrupts import STOPPED
from qprof.domain.plans import AS_WRITTEN
from qprof.domain.report import PlanPrediction, Prediction, Report, RowsPerRoot
from qprof.domain.trace import Unmeasured
from qprof.forecast.predict.plans import Foresight, Predicted, foresee
from qprof.runs import progress
from qprof.runs.preparing import Prepared, environment, prepared, tell_left_out
from qprof.runs.profile import left_out, told
from qprof.runs.request import Request
from qprof.runs.seeding import Tell
from qprof.targets.code import TargetCall


def predict(request: Request, tell: Tell) -> Report:
    """Predict each call of `request` under every plan.

    Raises QprofError for what cannot be found, MeasureError if no call could be run, or if every
    plan of every call is unknown.
    """
    with prepared(request, tell) as ready:
        seen, failed, interrupted = _foreseen(ready)
        tell_left_out(failed, tell)
        if not seen:
            raise MeasureError(failed[0].reason)
        _refuse_nothing(seen)
        engine = next((each.engine for _, each in seen if each.engine is not None), None)
        return Report(
            environment=environment(ready.source, engine),
            calls=(),
            predictions=tuple(prediction(call.name, each) for call, each in seen),
            unmeasured=(*ready.left_out, *failed),
            interrupted=interrupted,
        )


def _refuse_nothing(seen: Sequence[tuple[TargetCall, Foresight]]) -> None:
    """Raise MeasureError if nothing is known: a prediction of nothing is never a pass."""
    if any(plan.cost is not None for _, each in seen for plan in each.plans):
        return
    call, first = seen[0]
    more = f" Neither could {len(seen) - 1:,} more." if len(seen) > 1 else ""
    raise MeasureError(
        f"{call.name}: nothing could be predicted: {first.of(AS_WRITTEN).reason}.{more}"
    )


def _foreseen(
    ready: Prepared,
) -> tuple[list[tuple[TargetCall, Foresight]], list[Unmeasured], bool]:
    """Return what is foreseen of each call, the calls that raised, and whether Ctrl-C came.

    Raises KeyboardInterrupt if it came before anything was foreseen.
    """
    seen: list[tuple[TargetCall, Foresight]] = []
    failed: list[Unmeasured] = []
    interrupted = False
    for call in progress.each(ready.calls, lambda each: each.name):
        try:
            found = foresight(call, ready) if not interrupted else _stopped(call)
        except KeyboardInterrupt:
            if not seen:
                raise
            interrupted, found = True, _stopped(call)
        if isinstance(found, Foresight):
            seen.append((call, found))
        else:
            failed.append(found)
    return seen, failed, interrupted


def _stopped(call: TargetCall) -> Unmeasured:
    return Unmeasured(call.name, f"{call.name}: {STOPPED}", raised=True)


def foresight(call: TargetCall, ready: Prepared) -> Foresight | Unmeasured:
    """Return what is foreseen of one call, or why nothing is."""
    source = ready.source
    try:
        with told(call, source):
            return foresee(lambda: call.open(source), limits=ready.limits)
    except MeasureError as error:
        return left_out(call, error, named=ready.named)


def prediction(name: str, seen: Foresight) -> Prediction:
    """Return what a report shows of a call that was foreseen."""
    worst = tuple(each.shown for each in seen.worst)
    return Prediction(
        call=name,
        plans=tuple(map(_plan, seen.plans)),
        worst_root=worst[0] if worst else None,
        worst_roots=worst,
        rows_per_root=_spread(seen.shown, seen.spread),
    )


def _plan(plan: Predicted) -> PlanPrediction:
    cost = plan.cost
    if cost is None:
        return PlanPrediction(plan.plan, None, None, None, plan.exactness, plan.reason)
    cells = cost.cells if plan.cells_known else None
    return PlanPrediction(plan.plan, cost.queries, cost.rows, cells, plan.exactness)


def _spread(plan: str, figures: Sequence[int] | None) -> RowsPerRoot | None:
    return RowsPerRoot(plan, *figures) if figures else None
