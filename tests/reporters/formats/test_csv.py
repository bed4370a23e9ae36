import csv
import io
from dataclasses import replace

import pytest

from qprof.domain.report import Report
from qprof.domain.trace import Cost
from qprof.reporters import Canvas
from qprof.reporters.formats.csv import COLUMNS, render
from tests.reporters.samples import EMPTY, GROWTH, NASTY, SAMPLES, call


def read(report: Report) -> list[dict[str, str]]:
    """Return the table as another program reads it."""
    return list(csv.DictReader(io.StringIO(render(report, Canvas()))))


@pytest.mark.parametrize("report", SAMPLES.values(), ids=SAMPLES)
def test_every_line_has_every_column_and_a_number(report: Report) -> None:
    """Tidy: one figure on a line, whatever the names hold."""
    lines = render(report, Canvas()).splitlines()
    assert lines[0] == ",".join(COLUMNS)
    rows = read(report)
    assert len(rows) == len(lines) - 1
    assert all(None not in row and None not in row.values() for row in rows)
    assert all(float(row["value"]) >= 0 for row in rows)


def test_a_growth_is_in_it_measured_and_extrapolated() -> None:
    """With the bounds, and what was found where it was checked."""
    (growth, *_) = GROWTH.growths
    rows = [
        (row["size"], row["value"], row["kind"])
        for row in read(replace(GROWTH, growths=(growth,)))
        if (row["plan"], row["metric"]) == ("as-written", "rows")
    ]
    assert rows == [
        ("1", "15464", "measured"),
        ("2", "24274", "measured"),
        ("4", "41819", "measured"),
        ("8", "76991", "extrapolated"),
        ("8", "75713", "low"),
        ("8", "78269", "high"),
        ("8", "78439", "measured"),
    ]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_a_name_is_no_formula_of_a_spreadsheet(name: str) -> None:
    """Names come from other people's code."""
    rows = read(replace(EMPTY, calls=(call(name, Cost(1, 1, 1), None),)))
    assert {row["call"] for row in rows} == {f"'{name}"}


def test_a_name_stays_on_its_line() -> None:
    """Line breaks and control codes are shown, not sent."""
    text = render(replace(EMPTY, calls=(call(NASTY, Cost(1, 1, 1), None),)), Canvas())
    assert len(text.splitlines()) == 5
    assert "\x1b" not in text
