"""Fits as people read them, and what the sizes cannot tell."""

from collections.abc import Sequence
from math import exp

from qprof.forecast.bench.fit import Choice, Model, Power, power

CLOSE = 2.0
"""The largest size has to be so many times the smallest for an exponent to be told at all."""


def formula_text(model: Model, unit: float) -> str:
    """Return "6,720 + 8,772 × size", figures multiplied by `unit`."""
    if isinstance(model, Power):
        return f"{_short(exp(model.line.intercept) * unit)} × size^{model.exponent:.2f}"
    fixed, slope = model.line.intercept * unit, model.line.slope * unit
    return f"{_short(fixed)} + {_short(slope)} × size"


def note(sizes: Sequence[float], figures: Sequence[float], choice: Choice) -> str | None:
    """Return what the sizes cannot tell; None where they can."""
    if max(sizes) < CLOSE * min(sizes):
        return f"sizes within ×{max(sizes) / min(sizes):.2g} of each other are too close to tell"
    if len(sizes) < 3:
        return "two sizes leave no room to tell how far it may be off"
    margin = power(sizes, figures).margin or 0.0
    if margin > 1 or (choice.rival is not None and margin > 0.5):
        return "too few sizes, or too much scatter, to tell the exponent"
    return None


def _short(value: float) -> str:
    """Return four digits: "6,720", "93.13", "0.004"."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
