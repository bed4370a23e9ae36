from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qprof.seeding.library import distributions as d
from qprof.seeding.library.recipe_values import distribution

bounds = st.tuples(st.integers(1, 200), st.integers(0, 200)).map(lambda b: (b[0], sum(b)))
quantiles = st.lists(st.floats(0, 1), min_size=1, max_size=50)
shapes = st.one_of(
    bounds.map(lambda b: {"uniform": list(b)}),
    st.tuples(bounds, st.floats(0, 20)).map(
        lambda x: {"zipf": x[1], "min": x[0][0], "max": x[0][1]}
    ),
    st.tuples(bounds, st.floats(-300, 300), st.floats(0.01, 100)).map(
        lambda x: {"normal": x[1], "sd": x[2], "min": x[0][0], "max": x[0][1]}
    ),
    st.tuples(bounds, st.floats(0.01, 300), st.floats(0.01, 10)).map(
        lambda x: {"lognormal": x[1], "sigma": x[2], "min": x[0][0], "max": x[0][1]}
    ),
)


@given(shapes, quantiles)
def test_values_keep_to_their_bounds(shape, points):
    """No shape ever draws beyond its least and its most."""
    least, most = shape.get("uniform") or (shape["min"], shape["max"])
    assert all(least <= value <= most for value in distribution(shape).at(points))


@given(shapes, quantiles)
def test_larger_quantiles_give_larger_values(shape, points):
    """Values rise with their quantiles, which is what makes large artists large twice."""
    values = distribution(shape).at(sorted(points))
    assert values == sorted(values)


@given(shapes, st.floats(0, 1))
def test_none_is_the_share_of_zeros(shape, share):
    """`none` takes its share of the parents, to within the slices of the sample."""
    drawn = distribution({**shape, "none": share}).at((i + 0.5) / 1000 for i in range(1000))
    assert abs(drawn.count(0) / 1000 - share) <= 0.0011


@given(shapes)
def test_mean_is_the_mean_of_an_even_sample(shape):
    """The mean that sizes are planned with is the mean that is drawn."""
    made = distribution(shape)
    drawn = made.at((i + 0.5) / 5000 for i in range(5000))
    assert sum(drawn) / 5000 == pytest.approx(made.mean, rel=0.02, abs=0.05)


def test_a_constant_is_always_itself():
    """A plain number leaves nothing to chance."""
    assert d.constant(3).at([0.0, 0.5, 1.0]) == [3, 3, 3]


def test_a_power_law_has_the_figures_of_the_notes():
    """Exponent 2.45 up to 40 gives the mean of 1.74 albums that was measured for it."""
    made = d.weighted(d.zipf(2.45, 1, 40))
    assert made.mean == pytest.approx(1.74, abs=0.05)
    assert made.at([0.5, 0.9]) == [1, 3]


def test_an_outlying_bell_counts_at_its_bounds():
    """What lies beyond the bounds is clipped to them, not thrown away."""
    assert d.weighted(d.normal(100, 1, 1, 5)).at([0.01, 0.99]) == [5, 5]
