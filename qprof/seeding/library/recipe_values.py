"""Reading one value of a recipe: its type and its bounds, or a sentence that says what is wrong.

A reader takes a plain TOML value and answers what the recipe keeps. It raises `ValueError` with
the end of a sentence whose beginning (which recipe, which key) the caller knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from qprof.seeding.library import distributions
from qprof.seeding.library.distributions import Distribution

MOST_CHILDREN = 100_000
_SHAPES: dict[str, tuple[str, ...]] = {
    "zipf": ("min", "max", "none"),
    "normal": ("sd", "min", "max", "none"),
    "lognormal": ("sigma", "min", "max", "none"),
    "uniform": ("none",),
    "counts": ("none",),
}
_MOST_COUNTS = 10_000
_MOST_PARENTS = 1_000_000_000
_PAIRS = "write [[1, 30], [2, 5]] for 30 parents with one and 5 with two"
_EXAMPLE = "3, {uniform = [1, 5]} or {zipf = 2.5, min = 1, max = 40}"


def nearest(name: str, valid: tuple[str, ...] | list[str]) -> str:
    """Say what to type in place of an unknown name: the most alike, else all of them."""
    alike = get_close_matches(name, valid, n=1)
    return f'did you mean "{alike[0]}"?' if alike else f"use one of: {', '.join(valid)}"


def text(value: object) -> str:
    """Any text."""
    if isinstance(value, str):
        return value
    raise ValueError(f'must be a text in quotes, not {shown(value)}; write for example "my data"')


def whole(least: int, most: int) -> Callable[[object], int]:
    """Make a reader of whole numbers from `least` to `most`."""

    def read(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        raise ValueError(
            f"must be a whole number from {least:,} to {most:,}, not {shown(value)}; "
            f"write for example {max(least, min(20, most))}"
        )

    return read


def number(least: float, most: float) -> Callable[[object], float]:
    """Make a reader of numbers from `least` to `most`."""

    def read(value: Any) -> float:
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        if numeric and least <= value <= most:  # NaN is within no bounds
            return float(value)
        raise ValueError(
            f"must be a number from {least:g} to {most:g}, not {shown(value)}; "
            f"write for example {(least + min(most, 1)) / 2:g}"
        )

    return read


def distribution(value: object) -> Distribution:
    """How many children a parent has: a whole number, or a table that names a shape."""
    if not isinstance(value, Mapping):
        return distributions.constant(_children(value, f"write for example {_EXAMPLE}"))
    shape = _shape_of(value)
    unknown = [key for key in value if key != shape and key not in _SHAPES[shape]]
    if unknown:
        advice = nearest(unknown[0], list(_SHAPES[shape]))
        raise ValueError(f'has no part "{unknown[0]}" in a {shape} table; {advice}')
    none = _part(value, "none", 0.0, number(0, 1))
    return distributions.weighted(_weights(shape, value), none)


def _weights(shape: str, table: Mapping[str, object]) -> dict[int, float]:
    if shape == "uniform":
        return _uniform(table)
    return _counts(table) if shape == "counts" else _curve(shape, table)


def _shape_of(table: Mapping[str, object]) -> str:
    named = [shape for shape in _SHAPES if shape in table]
    if len(named) == 1:
        return named[0]
    found = " and ".join(named) if named else "none"
    shapes = ", ".join(_SHAPES)
    raise ValueError(f"must name one shape of {shapes}, and names {found}; write {_EXAMPLE}")


def _uniform(table: Mapping[str, object]) -> dict[int, float]:
    bounds = table["uniform"]
    if not isinstance(bounds, list) or len(bounds) != 2:
        raise ValueError(f"must give uniform two bounds, not {shown(bounds)}; write [1, 5]")
    least, most = (_children(each, "write for example [1, 5]") for each in bounds)
    _ascending(least, most)
    return distributions.uniform(least, most)


def _counts(table: Mapping[str, object]) -> dict[int, float]:
    """Weigh each number of children by how many parents were counted with it."""
    pairs = table["counts"]
    if not isinstance(pairs, list) or not 1 <= len(pairs) <= _MOST_COUNTS:
        raise ValueError(f"must give counts a list of pairs, not {shown(pairs)}; {_PAIRS}")
    weights: dict[int, float] = {}
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2:
            raise ValueError(f"must give counts pairs, not {shown(pair)}; {_PAIRS}")
        value = _children(pair[0], _PAIRS)
        weights[value] = weights.get(value, 0.0) + whole(1, _MOST_PARENTS)(pair[1])
    return weights


def _curve(shape: str, table: Mapping[str, object]) -> dict[int, float]:
    """Weigh by a shape that has a parameter or two, a least and a most."""
    lowest = 1 if shape == "zipf" else 0
    least = _part(table, "min", 1, whole(lowest, MOST_CHILDREN))
    most = _part(table, "max", None, whole(lowest, MOST_CHILDREN))
    _ascending(least, most)
    if shape == "zipf":
        return distributions.zipf(_part(table, shape, None, number(0, 20)), least, most)
    positive = number(0.001, MOST_CHILDREN)
    if shape == "normal":
        mean = _part(table, shape, None, number(-MOST_CHILDREN, MOST_CHILDREN))
        return distributions.normal(mean, _part(table, "sd", None, positive), least, most)
    median, sigma = _part(table, shape, None, positive), _part(table, "sigma", None, positive)
    return distributions.lognormal(median, sigma, least, most)


def _part(
    table: Mapping[str, object], key: str, default: Any, read: Callable[[object], object]
) -> Any:
    if key not in table and default is not None:
        return default
    if key not in table:
        raise ValueError(f'needs "{key}" beside the shape; write for example {_EXAMPLE}')
    try:
        return read(table[key])
    except ValueError as problem:
        raise ValueError(f'has a part "{key}" that {problem}') from None


def _children(value: object, advice: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_CHILDREN:
        return value
    bounds = f"a whole number from 0 to {MOST_CHILDREN:,}, or a table that names a shape"
    raise ValueError(f"must be {bounds}, not {shown(value)}; {advice}")


def _ascending(least: int, most: int) -> None:
    if least > most:
        raise ValueError(f"has bounds that end at {most} before they start at {least}; swap them")


def shown(value: object) -> str:
    """Write a value as the recipe would, cut to a length that a sentence can hold."""
    shown = str(value).lower() if isinstance(value, bool) else repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
