"""Measured divided by needed."""

from hypothesis import given
from hypothesis import strategies as st

from qprof.domain.report import Amplification, amplification
from qprof.domain.trace import Cost

COUNTS = st.integers(1, 10**9)
COSTS = st.builds(Cost, COUNTS, COUNTS, COUNTS)


def test_the_worked_example() -> None:
    """Two albums each: 1,800 rows where 1,260 are needed, in 1 query where 4 are."""
    assert amplification(Cost(1, 1800, 0), Cost(4, 1260, 9)) == Amplification(0.25, 1.4286, 0.0)


def test_unknown_needs_have_no_ratio() -> None:
    """Nothing is made up where the balanced plan could not run."""
    assert amplification(Cost(1, 1, 1), None) == Amplification(None, None, None)


def test_needing_nothing_has_no_ratio() -> None:
    """An empty result has rows 0 of 0."""
    assert amplification(Cost(1, 0, 0), Cost(1, 0, 0)) == Amplification(1.0, None, None)


@given(COSTS)
def test_what_is_needed_is_one(cost: Cost) -> None:
    """Measured as needed is ideal."""
    assert amplification(cost, cost) == Amplification(1.0, 1.0, 1.0)


@given(COSTS, COSTS)
def test_each_metric_is_its_own_quotient(measured: Cost, needed: Cost) -> None:
    """Rounded to four places, and nothing else."""
    found = amplification(measured, needed)
    assert abs(found.rows - measured.rows / needed.rows) <= 0.00005 + 1e-9 * found.rows
