from dataclasses import replace
from itertools import pairwise

import pytest

from qprof.domain.report import Growth
from qprof.reporters.plot import plot
from tests.reporters.samples import AS_WRITTEN_GROWTH, BALANCED_GROWTH, GROWTH, size

BOTH, CHILDREN, *_ = GROWTH.growths


def marks(lines: list[str]) -> list[tuple[int, int, str]]:
    """Return the column, row and mark of every point, the row counted from the bottom."""
    rows = [line.partition("|")[2] for line in lines if "|" in line]
    return sorted(
        (column, len(rows) - row, mark)
        for row, text in enumerate(rows)
        for column, mark in enumerate(text)
        if mark != " "
    )


@pytest.mark.parametrize("width", [60, 80, 140])
def test_a_plot_is_plain_and_fits(width: int) -> None:
    """ASCII alone, and no wider than the canvas."""
    lines = plot(BOTH, width)
    assert all(line.isascii() and len(line) <= width for line in lines)
    assert len(max(lines, key=len)) > min(width, 100) - 4


def test_a_power_is_a_straight_line() -> None:
    """Both axes are logarithmic: equal steps across are equal steps up."""
    sizes = tuple(size(of, 1, 10 * of * of, 0.1) for of in (1, 2, 4, 8))
    lines = plot(replace(BOTH, plans=(replace(AS_WRITTEN_GROWTH, sizes=sizes, fits=()),)), 80)
    found = marks(lines)
    steps = {later[0] - earlier[0] for earlier, later in pairwise(found)}
    heights = [row for _, row, _ in found]
    assert max(steps) - min(steps) <= 1
    assert heights == [1, 5, 8, 12]


def test_what_was_extrapolated_is_a_capital_at_the_edge() -> None:
    """The letters are explained below."""
    lines = plot(CHILDREN, 80)
    last = marks(lines)[-1]
    assert last[2] == "A"
    assert "a as-written; capitals are extrapolated" in lines[-1]


def test_the_count_that_tells_the_plans_apart_is_drawn() -> None:
    """Rows, where one plan has most of them; queries, where another sends thousands."""
    few = replace(BALANCED_GROWTH, sizes=(size(1, 6, 10, 0.1), size(2, 8, 20, 0.1)))
    assert plot(replace(BOTH, plans=(AS_WRITTEN_GROWTH, few)), 80)[0].startswith("rows over")
    many = replace(few, sizes=(size(1, 10**6, 15_000, 0.1), size(2, 10**7, 24_000, 0.1)))
    assert plot(replace(BOTH, plans=(AS_WRITTEN_GROWTH, many)), 80)[0].startswith("queries over")


def test_points_that_meet_are_one_star() -> None:
    """Neither hides the other."""
    twice = replace(BOTH, plans=(AS_WRITTEN_GROWTH, replace(AS_WRITTEN_GROWTH, plan="joined")))
    assert {mark for _, _, mark in marks(plot(twice, 80))} == {"*"}


@pytest.mark.parametrize("plans", [(), (replace(AS_WRITTEN_GROWTH, sizes=(), fits=()),)])
def test_nothing_to_draw_draws_nothing(plans: tuple[()]) -> None:
    """As after a Ctrl-C."""
    assert plot(replace(BOTH, plans=plans), 80) == []


def test_what_does_not_grow_is_not_drawn() -> None:
    """A flat line says less than the table."""
    flat = tuple(size(of, 1, 10, 0.1) for of in (1, 2, 4))
    still: Growth = replace(BOTH, plans=(replace(AS_WRITTEN_GROWTH, sizes=flat, fits=()),))
    assert plot(still, 80) == []
