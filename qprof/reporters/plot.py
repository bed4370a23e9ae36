"""One count over size in plain characters, both axes logarithmic."""

from collections.abc import Iterator, Sequence
from math import log
from string import ascii_lowercase

from qprof.domain.report import Growth
from qprof.reporters.figures import count
from qprof.reporters.grids import paragraph
from qprof.reporters.growing import figure

_HEIGHT = 12
_COUNTS = ("rows", "cells", "queries")
_WIDEST = 100

Point = tuple[float, float, str]
"""Size, count, mark."""


def plot(growth: Growth, width: int) -> list[str]:
    """Return the count in which the plans differ most, as lines of at most `width` characters.

    A plan's letter marks what was measured, the capital what is extrapolated, `*` where several
    meet. Nothing is drawn for fewer than two sizes, or where nothing grows.
    """
    metric = _telling(growth)
    points = list(_points(growth, metric))
    values = [value for _, value, _ in points]
    if len({size for size, _, _ in points}) < 2 or len(set(values)) < 2:
        return []
    labels = [count(round(each)) for each in (max(values), min(values))]
    margin = max(map(len, labels))
    grid = _grid(points, min(width, _WIDEST) - margin - 3)
    left = [labels[0], *[""] * (_HEIGHT - 2), labels[1]]
    body = [f"{label:>{margin}} |{''.join(row)}" for label, row in zip(left, grid, strict=True)]
    foot = f"{'':>{margin}} +{'-' * len(grid[0])}"
    ticks = _ticks(sorted({size for size, _, _ in points}), len(grid[0]))
    lines = [f"{metric} over size, both axes logarithmic", *body, foot, f"{'':>{margin}}  {ticks}"]
    return [*(line.rstrip() for line in lines), *paragraph(_key(growth), width, "", "  ")]


def _telling(growth: Growth) -> str:
    """Return the count whose largest and least over the plans are furthest apart at the end."""
    ends = [plan.sizes[-1] for plan in growth.plans if plan.sizes]
    if not ends:
        return _COUNTS[0]
    return max(_COUNTS, key=lambda metric: _factor([figure(each, metric) for each in ends]))


def _factor(values: Sequence[int]) -> float:
    return max(values) / min(values) if min(values) > 0 else 0.0


def _points(growth: Growth, metric: str) -> Iterator[Point]:
    for letter, plan in zip(ascii_lowercase, growth.plans, strict=False):
        yield from ((each.size, max(1, figure(each, metric)), letter) for each in plan.sizes)
        for fit in plan.fits:
            if fit.metric == metric and fit.estimate is not None and growth.to is not None:
                yield growth.to, max(1.0, fit.estimate.value), letter.upper()


def _grid(points: Sequence[Point], width: int) -> list[list[str]]:
    grid = [[" "] * width for _ in range(_HEIGHT)]
    sizes, values = [each[0] for each in points], [each[1] for each in points]
    for size, value, mark in points:
        across = _place(size, sizes, width)
        row = grid[_HEIGHT - 1 - _place(value, values, _HEIGHT)]
        row[across] = mark if row[across] in (" ", mark) else "*"
    return grid


def _place(value: float, among: Sequence[float], length: int) -> int:
    low, high = log(min(among)), log(max(among))
    return round((log(value) - low) / (high - low) * (length - 1)) if high > low else 0


def _ticks(sizes: Sequence[float], width: int) -> str:
    """Return the sizes below their places, as many as do not touch; the last ends at the edge."""
    row = [" "] * width
    for size in (*sizes[:1], *sizes[:0:-1]):
        text = f"{size:.3g}"
        start = min(_place(size, sizes, width), width - len(text))
        if not "".join(row[max(0, start - 1) : start + len(text) + 1]).strip():
            row[start : start + len(text)] = text
    return "".join(row)


def _key(growth: Growth) -> str:
    names = [
        f"{letter} {plan.plan}" for letter, plan in zip(ascii_lowercase, growth.plans, strict=False)
    ]
    capitals = "capitals are extrapolated; " if growth.to is not None else ""
    return f"{', '.join(names)}; {capitals}* stands for several."
