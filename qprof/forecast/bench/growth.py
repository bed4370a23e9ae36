"""What was measured at several sizes to a `Growth`: the fits, and sentences on them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from qprof.domain.report import Growth, PlanGrowth, SizeReport
from qprof.domain.trace import CallSizes, PlanSizes, SizeRun
from qprof.forecast.bench.estimating import METRICS, fit_of
from qprof.forecast.bench.products import paired, product_sentences


def growths(
    measured: Sequence[CallSizes], to: Mapping[str, float], named: str | None = None
) -> tuple[Growth, ...]:
    """Return how each call grows along each axis; extrapolated to its size in `to`, if any.

    `named` is the recipe that those sizes were read off.
    """
    found = [_growth(each, to.get(each.axis), named) for each in measured]
    said: dict[int, tuple[str, ...]] = {}
    for roots, children in paired(found):
        said[id(children)] = tuple(product_sentences(roots, children))
    return tuple(replace(each, conclusions=said.get(id(each), ())) for each in found)


def _growth(measured: CallSizes, to: float | None, named: str | None) -> Growth:
    plans = tuple(_plan(each, to) for each in measured.plans)
    largest = max((each.size for plan in plans for each in plan.sizes), default=None)
    return Growth(
        call=measured.call,
        arguments=measured.arguments,
        axis=measured.axis,
        plans=plans,
        to=to,
        named=named,
        beyond=to / largest if to is not None and largest else None,
        conclusions=(),
    )


def _plan(plan: PlanSizes, to: float | None) -> PlanGrowth:
    fits = [fit_of(each, plan.runs, to, plan.apart) for each in METRICS] if plan.runs else []
    return PlanGrowth(plan.plan, tuple(map(_size, plan.runs)), tuple(fits), plan.reason)


def _size(run: SizeRun) -> SizeReport:
    return SizeReport(
        run.size,
        run.cost.queries,
        run.cost.rows,
        run.cost.cells,
        run.seconds,
        run.spread,
        run.repeats,
    )
