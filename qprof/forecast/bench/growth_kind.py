"""How a count grows, told from two sizes or more: constant, linear, or worse. Arithmetic alone."""

from collections.abc import Callable, Mapping, Sequence
from math import log
from typing import Literal, get_args

from qprof.forecast.bench.fit import line

GrowthKind = Literal["constant", "batched", "sublinear", "linear", "worse"]
"""From the best to the worst.

- constant: it does not grow, or is as high as it gets
- batched: one for each so many, as where a loop asks for 500 ids at a time
- sublinear: each doubling adds less than twice what the last one added, as a logarithm does
- linear: one, or several, for each
- worse: as a square does, or a product of two collections
"""
KINDS: tuple[GrowthKind, ...] = get_args(GrowthKind)
_LINEAR = (0.75, 1.2)
"""Between which powers a growth is linear: n log n has 1.3 from 5 to 20, the square root 0.5."""
_STILL = 0.05
"""Below this power a figure is constant: it grows by less than 4 % where the size doubles."""
_FEW = 1 / 20
"""Below this many for each one more, a linear growth is one of batches: loaders and loops ask for
hundreds at a time."""
_POWERS = (-4.0, 8.0)
_CLEAR = 4
"""Growths below this may be of rounding: half of 5, 10 and 20 is 2, 5 and 10."""
_SHAPES: Mapping[GrowthKind, tuple[Callable[[float], float], ...]] = {
    "sublinear": (log, lambda size: size**0.5),
    "linear": (lambda size: size,),
    "worse": (lambda size: size**2,),
}


def growth_kind(sizes: Sequence[int], counts: Sequence[int]) -> GrowthKind:
    """Return how `counts` grow with `sizes`, which ascend; what does not depend on size is ignored.

    Of two sizes, nothing tells a fixed part from one that grows: up to in proportion is linear.
    """
    if counts[-1] <= min(counts[-2], counts[-3] if len(counts) > 3 else counts[-2]):
        return "constant"
    if len(sizes) == 2:
        return "linear" if counts[1] * sizes[0] <= counts[0] * sizes[1] else "worse"
    kind = _by_power(sizes, counts) if is_clear(counts) else _by_shape(sizes, counts)
    return "batched" if kind == "linear" and rate(sizes, counts) < _FEW else kind


def _by_power(sizes: Sequence[int], counts: Sequence[int]) -> GrowthKind:
    first, middle, last = sizes[-3:]
    exponent = power_of((first, middle, last), counts[-2] - counts[-3], counts[-1] - counts[-2])
    return kind_of_power(max(exponent, _STILL))


def _by_shape(sizes: Sequence[int], counts: Sequence[int]) -> GrowthKind:
    """Return the shape that leaves the least squares: steps hide the power between three sizes."""
    ones = [1.0] * len(sizes)
    left = {
        kind: min(line([shape(x) for x in sizes], counts, ones).squares for shape in shapes)
        for kind, shapes in _SHAPES.items()
    }
    return min(left, key=lambda kind: left[kind])


def power_of(sizes: tuple[int, int, int], before: int, after: int) -> float:
    """Return the p for which a + b * size ** p grows by `before`, then by `after`.

    Found by halving; 0 stands for a logarithm. No growth before gives the greatest power.
    """
    low, high = _POWERS
    if before <= 0:
        return high
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if _ratio(sizes, middle) < after / before else (low, middle)
    return (low + high) / 2


def _ratio(sizes: tuple[int, int, int], power: float) -> float:
    power = power or 1e-9
    first, middle, last = (size**power for size in sizes)
    return float((last - middle) / (middle - first))


def kind_of_power(exponent: float) -> GrowthKind:
    """Return the kind of a figure that grows as that power of size."""
    if exponent < _STILL:
        return "constant"
    if exponent < _LINEAR[0]:
        return "sublinear"
    return "linear" if exponent <= _LINEAR[1] else "worse"


def is_clear(counts: Sequence[int]) -> bool:
    """Return whether the last three counts tell a kind by themselves, without further sizes."""
    before, after = counts[-2] - counts[-3], counts[-1] - counts[-2]
    return (before <= 0 and after <= 0) or min(before, after) >= _CLEAR


def rate(sizes: Sequence[int], counts: Sequence[int]) -> float:
    """Return how many come with each one more, between the last two sizes."""
    return (counts[-1] - counts[-2]) / (sizes[-1] - sizes[-2])
