"""Kinds of growth, told from counts of known formulas."""

from collections.abc import Callable, Sequence
from math import ceil, isqrt, log, log2

import pytest

from qprof.forecast.bench.growth_kind import growth_kind, is_clear

Formula = Callable[[int], int]


def kind(formula: Formula, sizes: Sequence[int]) -> str:
    """Double the sizes as `flat` does, where they do not tell."""
    found = list(sizes)
    while len(found) < 5 and not is_clear([formula(size) for size in found]):
        found.append(2 * found[-1])
    return growth_kind(found, [formula(size) for size in found])


SHAPES: dict[str, tuple[Formula, str]] = {
    "constant": (lambda n: 3, "constant"),
    "page of 10": (lambda n: min(n, 10), "constant"),
    "shrinking": (lambda n: 10_000 - n, "constant"),
    "one each": (lambda n: 1 + n, "linear"),
    "three each": (lambda n: 7 + 3 * n, "linear"),
    "every second": (lambda n: n // 2, "linear"),
    "every third": (lambda n: n // 3, "linear"),
    "square": (lambda n: n * n, "worse"),
    "product beside a fixed part": (lambda n: 40 + n * (n + 5), "worse"),
    "cube": (lambda n: n**3, "worse"),
    "binary search": (lambda n: n.bit_length(), "sublinear"),
    "levels of a tree": (lambda n: 2 + ceil(log2(n)), "sublinear"),
    "three for each e-fold": (lambda n: 3 * int(log(n)), "sublinear"),
    "square root": (isqrt, "sublinear"),
}


@pytest.mark.parametrize("sizes", [(5, 10, 20), (400, 800, 1600), (100, 1000, 3000)], ids=str)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_kind_is_told_from_three_sizes(shape: str, sizes: Sequence[int]) -> None:
    """Whatever does not depend on the size."""
    formula, expected = SHAPES[shape]
    assert kind(formula, sizes) == expected


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [((5, 10, 20), "constant"), ((400, 800, 1600), "batched"), ((100, 1000, 3000), "batched")],
    ids=str,
)
def test_one_for_each_500_is_no_growth_of_one_for_each(sizes: Sequence[int], expected: str) -> None:
    """Below the first step nothing grows."""
    assert kind(lambda n: 1 + ceil(n / 500), sizes) == expected


@pytest.mark.parametrize(
    ("counts", "expected"), [((4, 4), "constant"), ((4, 9), "linear"), ((4, 17), "worse")]
)
def test_two_sizes_tell_less(counts: Sequence[int], expected: str) -> None:
    """No fixed part can be told apart: up to in proportion is linear."""
    assert growth_kind((5, 20), counts) == expected
