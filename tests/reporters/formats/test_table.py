import re
import unicodedata
from dataclasses import replace

import pytest

from qprof.domain.report import Report
from qprof.domain.trace import Cost
from qprof.reporters import Canvas
from qprof.reporters.formats.table import render
from tests.reporters.samples import COMPARE, HUGE, PROFILE, SAMPLES, SEARCH_CALL, call

COLOUR = re.compile(r"\x1b\[\d+m")


@pytest.mark.parametrize("report", SAMPLES.values(), ids=SAMPLES)
@pytest.mark.parametrize("width", [80, 100, 140])
def test_no_line_is_longer_than_the_canvas(report: Report, width: int) -> None:
    """Whatever the names and figures, 80 columns hold."""
    lines = render(report, Canvas(width)).splitlines()
    assert not [line for line in lines if len(line) > width or line != line.rstrip()]


@pytest.mark.parametrize("report", SAMPLES.values(), ids=SAMPLES)
def test_a_pipe_gets_no_control_codes(report: Report) -> None:
    """Neither ours nor those in names, messages and paths, and nothing that hides."""
    text = render(report, Canvas()).replace("\n", "")
    assert not [char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs")]


@pytest.mark.parametrize("report", SAMPLES.values(), ids=SAMPLES)
def test_colour_changes_nothing_but_colour(report: Report) -> None:
    """Without its codes, the coloured text is the plain one."""
    assert COLOUR.sub("", render(report, Canvas(colour=True))) == render(report, Canvas())


def test_colour_marks_the_levels_and_the_recommended_plan() -> None:
    """Sparing: the level words and one row."""
    coloured = render(COMPARE, Canvas(colour=True)).splitlines()
    marked = [COLOUR.sub("", line).split()[0] for line in coloured if "\x1b" in line]
    assert marked == ["error", "warning", "note", "error:", ">"]


def test_a_wide_canvas_shows_the_spread_of_the_repeats() -> None:
    """140 columns have room for what 80 leave out."""
    assert "89.4 to 115.1" in render(COMPARE, Canvas(140))
    assert "89.4 to 115.1" not in render(COMPARE, Canvas(80))


def test_wide_figures_drop_the_ratios_before_they_lose_a_digit() -> None:
    """Figures stay exact; the ratios can be worked out again."""
    vast = call("artists.search", Cost(1, HUGE, HUGE), Cost(1, 1, 1), 1.0)
    text = render(Report(PROFILE.environment, (vast,)), Canvas())
    head = next(line for line in text.splitlines() if line.startswith("call"))
    assert head.split() == ["call", "queries", "rows", "needed", "cells", "ms"]
    assert text.count("1,000,000,000,000") == 2


def test_the_calls_table_is_left_out_where_every_call_is_compared() -> None:
    """The first plan of a comparison says the same."""
    assert "\ncall " not in render(COMPARE, Canvas()).partition("Over budget")[0]
    both = replace(COMPARE, calls=PROFILE.calls)
    assert "\ncall " in render(both, Canvas()).partition("Over budget")[0]


def test_a_comparison_of_an_unknown_call_has_no_ratios() -> None:
    """Its name alone heads it, and the missing denominator is said."""
    text = render(replace(COMPARE, calls=()), Canvas())
    assert "\nartists.search\n  plan" in text
    assert "What the objects need is not known, so no" in text


def test_a_plan_that_was_only_predicted_says_so() -> None:
    """A figure that nobody measured is not shown as measured."""
    (comparison,) = COMPARE.comparisons
    joined = replace(comparison.plans[1], status="predicted", seconds=None, identical=None)
    changed = replace(comparison, plans=(joined,))
    text = render(replace(COMPARE, comparisons=(changed,)), Canvas())
    assert "predicted, not run: too many rows." in text


def test_a_prediction_without_a_worst_root_says_nothing_of_it() -> None:
    """Unknown is silence here: the figures stand alone."""
    (prediction,) = COMPARE.predictions
    quiet = replace(COMPARE, predictions=(replace(prediction, worst_root=None),))
    assert "Worst root: Artist" not in render(quiet, Canvas())


def test_a_verdict_that_does_not_name_its_call_gets_the_name() -> None:
    """The line must be understood alone."""
    nameless = replace(SEARCH_CALL, verdict="4.52 times the rows.")
    text = render(replace(PROFILE, calls=(nameless,)), Canvas())
    assert "\nartists.search: 4.52 times the rows.\n" in text
