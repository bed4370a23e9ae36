"""The two models: known growth is recovered, and intervals hold the truth as often as they say."""

from math import exp
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qprof.forecast.bench.fit import Affine, Power, affine, choose, power

SIZES = st.lists(
    st.floats(0.25, 64).map(lambda size: round(size, 2)), min_size=3, max_size=8, unique=True
).filter(lambda sizes: max(sizes) > 2 * min(sizes))
EXPONENT = st.floats(-1, 3)
FACTOR = st.floats(0.01, 1e6)


@given(SIZES, EXPONENT, FACTOR)
def test_a_power_without_scatter_is_found_to_the_last_digits(
    sizes: list[float], exponent: float, factor: float
) -> None:
    """Exponent, factor, next to no margin, and the figure at four times the largest size."""
    found = power(sizes, [factor * size**exponent for size in sizes])
    assert found.exponent == pytest.approx(exponent, abs=1e-6)
    assert found.margin == pytest.approx(0, abs=1e-4)
    there = 4 * max(sizes)
    assert found.at(there).value == pytest.approx(factor * there**exponent, rel=1e-4)


@given(SIZES, st.floats(0, 1e5), st.floats(1, 1e5))
def test_a_fixed_and_a_growing_part_are_told_apart(
    sizes: list[float], fixed: float, slope: float
) -> None:
    """Both are found, and with them any other size."""
    found = affine(sizes, [fixed + slope * size for size in sizes])
    if found is None:  # A fixed part of 0 may come out as less than nothing by a rounding.
        assert fixed < 1e-6 * slope * max(sizes)
        return
    there = 4 * max(sizes)
    assert found.at(there).value == pytest.approx(fixed + slope * there, rel=1e-6)


@given(SIZES, EXPONENT, st.data())
def test_the_exponent_is_off_by_no_more_than_scatter_can_make_it(
    sizes: list[float], exponent: float, data: st.DataObject
) -> None:
    """By least squares it is off by at most the length of the scatter over that of the sizes."""
    scatter = [data.draw(st.floats(-0.2, 0.2)) for _ in sizes]
    figures = [size**exponent * exp(off) for size, off in zip(sizes, scatter, strict=True)]
    found = power(sizes, figures)
    bound = (sum(off * off for off in scatter) / found.line.breadth) ** 0.5
    assert abs(found.exponent - exponent) <= bound + 1e-9


@pytest.mark.parametrize("sizes", [[1, 2, 4], [1, 2, 4, 8, 16]])
@pytest.mark.parametrize("exponent", [0.0, 1.0, 1.7])
def test_the_intervals_hold_the_truth_in_95_of_100_cases(
    sizes: list[float], exponent: float
) -> None:
    """Of the exponent, and of a new figure; 1,000 draws of scatter, the same each time."""
    chance, times = Random(7), 1000
    held = new = 0
    for _ in range(times):
        figures = [90 * size**exponent * exp(chance.gauss(0, 0.1)) for size in sizes]
        found = power(sizes, figures)
        held += abs(found.exponent - exponent) <= (found.margin or 0)
        there = found.at(32)
        truth = 90 * 32**exponent * exp(chance.gauss(0, 0.1))
        new += (there.low or 0) <= truth <= (there.high or 0)
    assert 0.93 < held / times < 0.97
    assert 0.93 < new / times < 0.97


def test_two_sizes_give_an_exponent_and_no_margin() -> None:
    """Any power goes through two points."""
    found = power([1, 2], [10, 40])
    assert found.exponent == pytest.approx(2)
    assert found.margin is None
    assert (found.at(4).low, found.at(4).high) == (None, None)


def test_two_sizes_extrapolate_to_between_what_the_models_say() -> None:
    """A power and a straight line through the same two points part from there on."""
    found = choose([1, 2], [10, 15]).at(8)
    assert found.low == pytest.approx(10 * 8 ** (0.58496), rel=1e-4)
    assert found.high == pytest.approx(45)


def test_a_bent_figure_is_a_power_and_a_straight_one_is_not() -> None:
    """The evidence is in the squares that each model leaves."""
    sizes = [1.0, 2.0, 4.0, 8.0, 16.0]
    bent = choose(sizes, [7 * size**1.5 for size in sizes])
    straight = choose(sizes, [700 + 7 * size for size in sizes])
    assert (type(bent.best), bent.rival) == (Power, None)
    assert (type(straight.best), straight.rival) == (Affine, None)


def test_what_two_models_fit_alike_lies_between_them() -> None:
    """The odds are said, and the interval is that of both."""
    found = choose([1, 2, 4], [83, 165, 330])
    assert found.rival is not None
    assert found.odds < 20
    both = [each.at(8) for each in (found.best, found.rival)]
    assert found.at(8).low == min(each.low for each in both if each.low is not None)
    assert found.at(8).high == max(each.high for each in both if each.high is not None)


def test_no_figure_is_expected_to_be_below_zero() -> None:
    """Scatter is wide here; counts and times are not negative."""
    found = choose([1, 2, 4], [100, 300, 150]).at(8)
    assert found.low is not None
    assert found.low >= 0
