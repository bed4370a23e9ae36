"""What a growth comes to in one line, on hand-made figures."""

from dataclasses import replace

import pytest

from qprof.domain.report import Estimate, Fit, Growth, PlanGrowth, SizeReport
from qprof.reporters.canvas import Canvas
from qprof.reporters.formats.table import render
from qprof.reporters.growing import glance_columns, remarks
from qprof.reporters.growth_verdict import gravity, headline, is_constant, verdict
from tests.reporters.samples import EMPTY

Counts = tuple[int, int, int]
"""Queries, rows, cells."""


def plan(name: str, kinds: tuple[str | None, ...], *sizes: Counts) -> PlanGrowth:
    """Return a plan whose queries, rows and cells grow by these kinds."""
    reports = tuple(
        SizeReport(2.0**number, *counts, 0.1, None, 1) for number, counts in enumerate(sizes)
    )
    fits = [
        Fit(metric, "power", "f", 2.0 if kind == "worse" else 1.0, None, None, None, kind)
        for metric, kind in zip(("queries", "rows", "cells"), kinds, strict=True)
    ]
    return PlanGrowth(name, reports, tuple(fits), None)


def growth(*plans: PlanGrowth, call: str = "artists.search") -> Growth:
    """Return the growth of a call along the library."""
    return Growth(call, {}, "library", plans, None, None, None, ())


LINEAR = ("constant", "linear", "linear")
WRITTEN = plan("as-written", LINEAR, (1, 100, 2000), (1, 200, 4000), (1, 400, 8800))
BALANCED = plan(
    "balanced", ("batched", "linear", "linear"), (2, 50, 200), (4, 99, 400), (6, 198, 800)
)
STILL = plan("as-written", ("constant",) * 3, (1, 5, 10), (1, 5, 10))


def test_the_dearer_plan_is_named_with_its_factor_over_the_sizes() -> None:
    """20 cells for 2, and 8,800 for 800 at the end: 10 to 11 times, whoever stands first."""
    said = (
        "as-written needs 10 to 11\N{MULTIPLICATION SIGN} the cells of balanced; both grow linearly"
    )
    assert verdict(growth(WRITTEN, BALANCED)) == said
    assert verdict(growth(BALANCED, WRITTEN)) == said


def test_a_few_queries_more_are_no_verdict() -> None:
    """A batch for every 500 parents is six times the queries of a join, and no reason to worry."""
    same = replace(
        BALANCED,
        sizes=tuple(
            replace(each, queries=other.queries)
            for each, other in zip(WRITTEN.sizes, BALANCED.sizes, strict=True)
        ),
    )
    assert "queries" not in verdict(growth(WRITTEN, same))


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        (("constant", "worse", "worse"), "as-written: rows and cells grow quadratically"),
        (("linear", "linear", "linear"), "as-written: cells, rows and queries grow linearly"),
        (("batched", "constant", "constant"), "as-written: queries grow by 1 for every 500"),
        (("constant", None, None), "as-written: how rows and cells grow is unclear"),
    ],
)
def test_one_plan_says_its_worst_counts(kinds: tuple[str | None, ...], said: str) -> None:
    """Constant counts are not told beside others."""
    words = verdict(growth(plan("as-written", kinds, (1, 1, 1), (2, 2, 2))))
    assert sorted(words.replace(",", "").split()) == sorted(said.replace(",", "").split())


def test_growth_above_linear_goes_first() -> None:
    """It is worse than any factor between the plans, and it is the first line of many calls."""
    square = plan("as-written", ("constant", "worse", "worse"), (1, 10, 100), (1, 40, 400))
    assert verdict(growth(square, BALANCED)).startswith("as-written: rows and cells grow quad")
    calm, bad = growth(WRITTEN), growth(square, call="artists.get_all")
    assert headline([calm, bad]) == "1 of 2 calls grows faster than linearly"
    assert sorted([calm, bad], key=gravity)[0] is bad


def test_calls_that_do_not_grow_are_counted_among_many() -> None:
    """Six calls, of which five are constant: one table, and a line for the rest."""
    many = [growth(WRITTEN), *(growth(STILL, call=f"c{number}") for number in range(5))]
    assert is_constant(many[1])
    shown = render(replace(EMPTY, growths=tuple(many)), Canvas(options=True))
    assert "5 calls do not grow (`--all`)" in shown
    assert "c3" not in shown
    assert "c3" in render(replace(EMPTY, growths=tuple(many)), Canvas(every=True))


def test_an_interval_of_ten_times_the_value_is_no_forecast() -> None:
    """Neither the value nor a bound of twelve digits is printed; what was measured is."""
    guess = Estimate(270.0, 0.0, 613_172_277.0, 349.0, -0.2)
    fits = tuple(replace(each, estimate=guess) for each in WRITTEN.fits)
    found = replace(growth(replace(WRITTEN, fits=fits)), to=8.0)
    cells = {each.title: each.cells for each in glance_columns(found)}
    assert set(cells["at 8"]) == {"", "uncertain"}
    assert "349" in cells["measured"]


def test_what_the_sizes_cannot_tell_is_said_once_for_all_figures() -> None:
    """One sentence for each reason, with the figures that it is of."""
    fits = tuple(replace(each, note="two sizes") for each in WRITTEN.fits)
    said = list(remarks(growth(replace(WRITTEN, fits=fits))))
    assert said == ["as-written queries, as-written rows, as-written cells: two sizes"]
