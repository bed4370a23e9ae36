"""N from N times M: the exponents of one figure over roots and over children, held together."""

from collections.abc import Iterator, Mapping, Sequence

from qprof.domain.report import Fit, Growth

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
