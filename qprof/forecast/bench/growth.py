"""What was measured at several sizes to a `Growth`: fits, N told from N times M, sentences."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from qprof.domain.report import Fit, Growth, PlanGrowth, SizeReport
from qprof.domain.trace import CallSizes, PlanSizes, SizeRun
from qprof.forecast.bench.estimating import fit_of, metrics_of

_NEAR = 0.25
"""How far an exponent may be from a whole number that it is taken for."""
_PRODUCTS: Mapping[tuple[int | None, int | None], str] = {
    (0, 0): "a constant",
    (1, 0): "N: once for each root",
    (0, 1): "M: with the children of a root, however many roots there are",
    (1, 1): "N × M: once for each child of each root",
    (1, 2): "N × M × M: siblings that multiply",
}


def product_sentences(roots: Growth, children: Growth) -> Iterator[str]:
    """Yield, for each plan that was measured along both axes, what its queries and rows follow."""
    others = {plan.plan: plan for plan in children.plans}
    for plan in roots.plans:
        if plan.plan in others:
            for first, second in zip(plan.fits, others[plan.plan].fits, strict=True):
                if first.metric in ("queries", "rows"):
                    yield from _sentence(f"{first.metric} of {plan.plan}", first, second)


def _sentence(what: str, roots: Fit, children: Fit) -> Iterator[str]:
    if roots.exponent is None or children.exponent is None:
        return
    powers = f"roots^{roots.exponent:.2f} × children^{children.exponent:.2f}"
    yield f"{what} grow as {powers}, {_meaning(roots, children)}."


def _meaning(roots: Fit, children: Fit) -> str:
    if any(each.model == "exact" and "ceil(" in each.formula for each in (roots, children)):
        return "in batches, not once for each"
    powers = _whole(roots), _whole(children)
    return _PRODUCTS.get(powers, "which is none of the known products")


def _whole(fit: Fit) -> int | None:
    """Return the whole number that an exponent is taken for; None where that cannot be told."""
    exponent = fit.exponent or 0.0
    near = round(exponent)
    sure = fit.margin is not None and fit.margin < 1
    return near if sure and abs(exponent - near) <= _NEAR else None


def paired(growths: Sequence[Growth]) -> Iterator[tuple[Growth, Growth]]:
    """Yield the growths of each call along roots and along children."""
    for roots in growths:
        for children in growths:
            if (roots.axis, children.axis) == ("roots", "children") and roots.call == children.call:
                yield roots, children


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
    metrics = metrics_of(plan.runs) if plan.runs else ()
    fits = [fit_of(each, plan.runs, to, plan.apart) for each in metrics]
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
        run.bytes,
    )
