"""Student's t: how far a mean of few values may be off."""

from math import atan, cos, pi, sin, sqrt

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
