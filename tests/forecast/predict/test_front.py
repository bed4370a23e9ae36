"""Which plans are worth running, by counts alone."""

from hypothesis import given
from hypothesis import strategies as st

from qprof.domain.trace import Cost
from qprof.forecast.predict.worth_running import beats, front

FIGURE = st.integers(min_value=1, max_value=6)
COSTS = st.dictionaries(
    st.integers(0, 30).map(str), st.builds(Cost, FIGURE, FIGURE, FIGURE), min_size=1
)
WEIGHT = st.integers(min_value=0, max_value=9)


@given(COSTS, WEIGHT, WEIGHT, WEIGHT)
def test_whatever_a_query_a_row_and_a_cell_cost_the_cheapest_is_kept(
    costs: dict[str, Cost], query: int, row: int, cell: int
) -> None:
    """By each weighing, one of the kept is as cheap as the cheapest of all."""

    def price(name: str) -> int:
        cost = costs[name]
        return query * cost.queries + row * cost.rows + cell * cost.cells

    kept = front(costs, list(costs), 99).kept
    assert min(map(price, kept)) == min(map(price, costs))


@given(COSTS, st.integers(1, 4))
def test_every_plan_is_accounted_for(costs: dict[str, Cost], most: int) -> None:
    found = front(costs, list(costs), most)
    assert len(found.kept) + found.equal + found.beaten + found.cut == len(costs)
    assert len(found.kept) <= most


def test_of_equal_ones_the_first_stands_for_all() -> None:
    """A named plan comes first, and is not wanted here: nothing is run for it."""
    costs = {"balanced": Cost(2, 5, 5), "a": Cost(2, 5, 5), "b": Cost(1, 9, 9), "c": Cost(1, 9, 9)}
    found = front(costs, ["a", "b", "c"], 9)
    assert (found.kept, found.equal, found.beaten) == (("b",), 2, 0)


def test_too_many_are_cut_to_the_most_telling() -> None:
    """The fewest cells and the fewest queries are kept, then the least product."""
    costs = {
        "fewest": Cost(1, 99, 900),
        "good": Cost(2, 10, 20),
        "dear": Cost(3, 9, 19),
        "leanest": Cost(900, 9, 1),
    }
    found = front(costs, list(costs), 3)
    assert (found.kept, found.cut) == (("fewest", "good", "leanest"), 1)


def test_an_equal_plan_does_not_beat() -> None:
    assert not beats(Cost(1, 1, 1), Cost(1, 1, 1))
    assert beats(Cost(1, 1, 1), Cost(1, 1, 2))
