"""How many children a parent has: whole numbers, each with its chance."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import erf, log, sqrt


@dataclass(frozen=True)
class Distribution:
    """The values that may be drawn, ascending, and the running total of their chances, up to 1."""

    values: tuple[int, ...]
    cumulative: tuple[float, ...]

    @property
    def most(self) -> int:
        """The largest value that can be drawn."""
        return self.values[-1]

    @property
    def mean(self) -> float:
        """The value to expect."""
        chances = (after - before for before, after in self._steps())
        return sum(value * chance for value, chance in zip(self.values, chances, strict=True))

    def times(self, factor: float) -> Distribution:
        """Give every parent that has any `factor` times as many, rounded, and at least 1.

        Those who have none stay without, so that the share of them is kept.
        """
        chances: dict[int, float] = {}
        for value, (before, after) in zip(self.values, self._steps(), strict=True):
            many = max(1, int(value * factor + 0.5)) if value else 0
            chances[many] = chances.get(many, 0.0) + after - before
        return weighted(chances)

    def _steps(self) -> list[tuple[float, float]]:
        return list(zip((0.0, *self.cumulative), self.cumulative, strict=False))

    def at(self, quantiles: Iterable[float]) -> list[int]:
        """Read the value at each of the quantiles, which are in [0, 1); larger gives larger.

        Quantiles spread evenly give a sample that is true to the tail at any size, so that a small
        library has its giants whatever the seed.
        """
        values, cumulative = self.values, self.cumulative
        last = len(values) - 1
        return [values[min(bisect_right(cumulative, each), last)] for each in quantiles]


def constant(value: int) -> Distribution:
    """Give every parent the same number."""
    return Distribution((value,), (1.0,))


def weighted(weights: Mapping[int, float], none: float = 0.0) -> Distribution:
    """Values by weight, for all but the share `none` of the parents, who have zero."""
    total = sum(weights.values())
    chances = {value: (1 - none) * weight / total for value, weight in weights.items()}
    if none:
        chances[0] = chances.get(0, 0.0) + none
    values = tuple(sorted(chances))
    cumulative = list(accumulate(chances[value] for value in values))
    return Distribution(values, (*cumulative[:-1], 1.0))


def zipf(exponent: float, least: int, most: int) -> dict[int, float]:
    """Weights of a power law, `value ** -exponent`: few giants, many dwarfs."""
    return {value: float(value) ** -exponent for value in range(least, most + 1)}


def uniform(least: int, most: int) -> dict[int, float]:
    """Weigh every value the same."""
    return dict.fromkeys(range(least, most + 1), 1.0)


def normal(mean: float, sd: float, least: int, most: int) -> dict[int, float]:
    """Weights of a bell; what lies outside the bounds counts at the bounds."""
    return _clipped(lambda edge: _bell((edge - mean) / sd), least, most)


def lognormal(median: float, sigma: float, least: int, most: int) -> dict[int, float]:
    """Weights of a bell over the logarithm; what lies outside the bounds counts at the bounds."""
    return _clipped(
        lambda edge: _bell(log(edge / median) / sigma) if edge > 0 else 0.0, least, most
    )


def _bell(deviations: float) -> float:
    return (1 + erf(deviations / sqrt(2))) / 2


def _clipped(below: Callable[[float], float], least: int, most: int) -> dict[int, float]:
    """Weigh each whole number, from the share that lies below a point."""
    edges = [0.0, *(below(value + 0.5) for value in range(least, most)), 1.0]
    return {value: edges[i + 1] - edges[i] for i, value in enumerate(range(least, most + 1))}
