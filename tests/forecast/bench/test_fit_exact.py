"""Whole-number sequences are recognised exactly, or not at all."""

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qprof.forecast.bench.fit_exact import Formula, Term, formula_of, terms_of

COUNTS = st.lists(st.integers(1, 5000), min_size=3, max_size=6, unique=True).map(sorted)
FACTOR = st.integers(1, 50)


def base(counts: list[int]) -> list[Fraction]:
    """Return the counts as the formulas take them."""
    return [Fraction(each) for each in counts]


@given(COUNTS, FACTOR)
def test_once_for_each_parent_is_recognised(counts: list[int], factor: int) -> None:
    """A multiple of N, and of nothing else that was offered."""
    terms = terms_of([factor * each for each in counts], {"Artist": base(counts)})
    assert Term(Fraction(factor), ("Artist",)) in terms


@given(COUNTS, FACTOR)
def test_batches_are_recognised(counts: list[int], factor: int) -> None:
    """N / 500 rounded up; a constant fits as well only while that does not change."""
    values = [factor * ceil(each / 500) for each in counts]
    terms = terms_of(values, {"Artist": base(counts)})
    assert Term(Fraction(factor), ("Artist",), batched=True) in terms
    assert any(not each.bases for each in terms) == (len(set(values)) == 1)


@given(st.integers(0, 10**9), st.integers(2, 6))
def test_a_constant_is_recognised(value: int, sizes: int) -> None:
    """Nothing in it grows, whatever else does."""
    found = formula_of([value] * sizes, {"size": base(list(range(1, sizes + 1)))})
    assert found is not None
    assert found.constant
    assert found.at({"size": 99.0}) == value


@given(COUNTS, COUNTS, FACTOR)
def test_a_product_is_recognised(one: list[int], other: list[int], factor: int) -> None:
    """N times M: the formula gives every figure, and the one at other counts."""
    length = min(len(one), len(other))
    bases = {"Artist": base(one[:length]), "Track": base(other[:length])}
    values = [factor * a * b for a, b in zip(one, other, strict=False)]
    found = formula_of(values, bases)
    assert found is not None
    for a, b, value in zip(one, other, values, strict=False):
        assert found.at({"Artist": a, "Track": b}) == pytest.approx(value)


@given(COUNTS, st.integers(1, 1000), FACTOR)
def test_a_constant_and_a_multiple_are_recognised(
    counts: list[int], fixed: int, factor: int
) -> None:
    """20 + 1,240 × size is what children grow a needed result to."""
    found = formula_of([fixed + factor * each for each in counts], {"size": base(counts)})
    assert found is not None
    assert found.at({"size": 7.0}) == pytest.approx(fixed + factor * 7)


@given(COUNTS, st.integers(2, 4))
def test_a_formula_gives_every_figure_or_is_none(counts: list[int], off: int) -> None:
    """One figure beside the rule, and there is no rule."""
    values = [3 * each for each in counts]
    values[-1] += off
    found = formula_of(values, {"size": base(counts)})
    if found is not None:
        sizes = zip(counts, values, strict=True)
        assert all(found.at({"size": each}) == pytest.approx(value) for each, value in sizes)


def test_two_sizes_prove_no_formula() -> None:
    """A constant and a multiple go through any two figures."""
    assert formula_of([3, 5], {"size": base([1, 2])}) is None


def test_a_formula_reads_as_people_write_it() -> None:
    """Constants first, equal terms together."""
    batch = Term(Fraction(1), ("Artist",), batched=True)
    formula = Formula((Term(Fraction(1)), batch, batch, Term(Fraction(3, 20), ("Track", "Album"))))
    assert str(formula) == "1 + 2 × ceil(Artist/500) + 3 × Track × Album / 20"


def test_a_batch_starts_with_its_first_parent() -> None:
    """500 parents are one batch, 501 are two."""
    term = Term(Fraction(1), ("Artist",), batched=True)
    assert [term.at({"Artist": each}) for each in (1, 500, 500 + 1e-9, 501)] == [1, 1, 1, 2]
