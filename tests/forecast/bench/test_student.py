"""Student's t against the printed tables."""

import pytest

from qprof.forecast.bench.fit import quantile, within

TABLE = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 10: 2.228, 30: 2.042}
"""Two-sided, 95 %, as in any textbook."""


@pytest.mark.parametrize("freedom", TABLE)
def test_the_quantile_is_that_of_the_tables(freedom: int) -> None:
    """To the three digits that they print."""
    assert round(quantile(freedom), 3) == TABLE[freedom]


@pytest.mark.parametrize("freedom", [1, 2, 3, 8, 25])
@pytest.mark.parametrize("chance", [0.5, 0.9, 0.99])
def test_the_quantile_is_the_inverse_of_the_chance(freedom: int, chance: float) -> None:
    """Odd and even degrees of freedom have series of their own."""
    assert within(quantile(freedom, chance), freedom) == pytest.approx(chance, abs=1e-9)
