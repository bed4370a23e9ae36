"""How a figure grows with size: two models, each with what it says of sizes not measured.

Arithmetic on the standard library alone. Sizes and figures are above zero. Draper and Smith,
Applied Regression Analysis, chapters 1 and 9, have the formulas of (weighted) least squares and its
intervals; those here are of 95 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan, cos, exp, inf, log, pi, sin, sqrt

CONFIDENCE = 0.95
"""How often an interval of ours is to hold the truth, were the scatter that of a bell curve."""


def within(t: float, freedom: int) -> float:
    """Return the chance that |T| is below `t`; `freedom` is a whole number, at least 1.

    The finite series of Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3, 26.7.4.
    """
    angle = atan(t / sqrt(freedom))
    odd = freedom % 2
    term, series = (cos(angle) if odd else 1.0), 0.0
    for step in range(1 + odd, freedom, 2):
        series += term
        term *= step / (step + 1) * cos(angle) ** 2
    return 2 / pi * (angle + sin(angle) * series) if odd else sin(angle) * series


def quantile(freedom: int, chance: float = CONFIDENCE) -> float:
    """Return the t that |T| stays below with that chance; found by halving, to 12 digits."""
    low, high = 0.0, 1.0
    while within(high, freedom) < chance:
        high *= 2
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if within(middle, freedom) < chance else (low, middle)
    return high


CLEARLY = 20.0
"""How many times likelier a model has to make the figures to be chosen over another: from there on,
Kass and Raftery (Bayes Factors, 1995) call the evidence strong."""
_ROUNDING = 1e-20
"""Squared relative deviations below this are those of floating point."""


@dataclass(frozen=True)
class Range:
    """A value, and between what it lies; both None where two sizes leave no room to tell."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class FittedLine:
    """The straight line through weighted points that leaves the least squares."""

    intercept: float
    slope: float
    squares: float
    """What it leaves: the sum over points of weight times squared deviation."""
    points: int
    weight: float
    centre: float
    breadth: float
    """The weighted sum of squared distances from the centre."""

    def at(self, x: float) -> float:
        """Return the height there."""
        return self.intercept + self.slope * x

    def slope_margin(self) -> float | None:
        """Return how far the slope may be off; None for fewer than three points."""
        return self._margin(1 / self.breadth)

    def margin(self, x: float, weight: float) -> float | None:
        """Return how far a new point of that weight may be off the line at `x`."""
        return self._margin(1 / weight + 1 / self.weight + (x - self.centre) ** 2 / self.breadth)

    def _margin(self, variance: float) -> float | None:
        freedom = self.points - 2
        if freedom < 1:
            return None
        return quantile(freedom) * sqrt(self.squares / freedom * variance)


def line(xs: Sequence[float], ys: Sequence[float], weights: Sequence[float]) -> FittedLine:
    """Return the line through two or more points, of which two have different `xs`."""
    weight = sum(weights)
    centre = sum(w * x for w, x in zip(weights, xs, strict=True)) / weight
    height = sum(w * y for w, y in zip(weights, ys, strict=True)) / weight
    points = [(w, x - centre, y - height) for w, x, y in zip(weights, xs, ys, strict=True)]
    breadth = sum(w * x * x for w, x, _ in points)
    slope = sum(w * x * y for w, x, y in points) / breadth
    squares = sum(w * (y - slope * x) ** 2 for w, x, y in points)
    return FittedLine(height - slope * centre, slope, squares, len(xs), weight, centre, breadth)


@dataclass(frozen=True)
class Power:
    """`factor * size ** exponent`: a straight line over logarithms."""

    line: FittedLine
    name: str = "power"

    @property
    def exponent(self) -> float:
        """1 where the figure grows as the size does, 2 where it grows with its square."""
        return self.line.slope

    @property
    def margin(self) -> float | None:
        """How far the exponent may be off; None for two sizes, through which every power goes."""
        return self.line.slope_margin()

    def at(self, size: float) -> Range:
        """Return what is to be expected at a size."""
        there = self.line.at(log(size))
        margin = self.line.margin(log(size), 1.0)
        if margin is None:
            return Range(exp(there))
        return Range(exp(there), exp(there - margin), exp(min(there + margin, 700.0)))


@dataclass(frozen=True)
class Affine:
    """`fixed + slope * size`: a part that does not grow, and one that does."""

    line: FittedLine
    name: str = "affine"

    def at(self, size: float) -> Range:
        """Return what is to be expected at a size."""
        there = self.line.at(size)
        margin = self.line.margin(size, there**-2)
        if margin is None:
            return Range(there)
        return Range(there, max(0.0, there - margin), there + margin)


Model = Power | Affine


def power(sizes: Sequence[float], figures: Sequence[float]) -> Power:
    """Return the power law of two or more different sizes."""
    ones = [1.0] * len(sizes)
    return Power(line([log(each) for each in sizes], [log(each) for each in figures], ones))


def affine(sizes: Sequence[float], figures: Sequence[float]) -> Affine | None:
    """Return the fixed and growing parts; None where one of them would be below zero.

    Deviations are weighed relative to the figure, as those of logarithms are, so that what the two
    models leave can be compared.
    """
    found = line(sizes, figures, [each**-2 for each in figures])
    return Affine(found) if found.intercept >= 0 and found.slope >= 0 else None


@dataclass(frozen=True)
class Choice:
    """The model that the figures speak for, and another one that they do not rule out."""

    best: Model
    rival: Model | None
    odds: float
    """How many times likelier the best makes the figures than the other model; 1 without one."""

    def at(self, size: float) -> Range:
        """Return what the best expects, between what either expects."""
        own = self.best.at(size)
        if self.rival is None:
            return own
        other = self.rival.at(size)
        lows = [each for each in (own.low, other.low, other.value, own.value) if each is not None]
        highs = [
            each for each in (own.high, other.high, own.value, other.value) if each is not None
        ]
        return Range(own.value, min(lows), max(highs))


def choose(sizes: Sequence[float], figures: Sequence[float]) -> Choice:
    """Return the model that makes the figures likeliest; both have two parameters to fit."""
    first, second = power(sizes, figures), affine(sizes, figures)
    if second is None:
        return Choice(first, None, 1.0)
    better = second.line.squares < first.line.squares
    best, other = (second, first) if better else (first, second)
    odds = _odds(best.line.squares, other.line.squares, len(sizes))
    return Choice(best, None if odds >= CLEARLY else other, odds)


def _odds(least: float, more: float, points: int) -> float:
    """Return how much likelier: (more / least) ** ((points - 2) / 2).

    The ratio of the marginal likelihoods where scatter is unknown, and so are both parameters. The
    plain ratio of likelihoods, with the power points / 2, is too sure of itself for three points.
    """
    if more <= _ROUNDING or points < 3:
        return 1.0
    return inf if least <= _ROUNDING else (more / least) ** ((points - 2) / 2)
