import re
import unicodedata
from dataclasses import replace

import pytest

from qprof.domain.report import Report
from qprof.domain.trace import Cost
from qprof.reporters import Canvas
from qprof.reporters.formats.table import render
from tests.reporters.samples import COMPARE, HUGE, PROFILE, SAMPLES, call

COLOUR = re.compile(r"\x1b\[[\d;]*m")


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


def test_colour_marks_the_verdict_the_recommended_plan_and_the_code() -> None:
    """Sparing: the verdict, one row, the rules, the place, the code, and what is dim."""
    coloured = render(COMPARE, Canvas(colour=True)).splitlines()
    marked = [COLOUR.sub("", line).split()[0] for line in coloured if "\x1b" in line]
    assert marked[0] == "Use"
    assert ">" in marked


def test_a_wide_canvas_shows_the_spread_of_the_repeats() -> None:
    """140 columns have room for what 80 leave out."""
    assert "89 … 115" in render(COMPARE, Canvas(140))
    assert "89 … 115" not in render(COMPARE, Canvas(60))


def test_wide_figures_lose_no_digit() -> None:
    """Figures stay exact; a name gives way."""
    vast = [call(name, Cost(1, HUGE, HUGE), Cost(1, 1, 1), 1.0) for name in ("a" * 60, "b")]
    text = render(Report(PROFILE.environment, tuple(vast)), Canvas(every=True))
    assert text.count("1,000,000,000,000") == 2


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
    assert "Largest parent" not in render(quiet, Canvas())
