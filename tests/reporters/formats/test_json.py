import json
from dataclasses import replace

import pytest

from qprof.domain.jsonvalue import from_json
from qprof.domain.report import Report
from qprof.domain.trace import Cost
from qprof.reporters import Canvas
from qprof.reporters.formats.json import render
from tests.reporters.samples import EMPTY, PROFILE, SAMPLES, call


@pytest.mark.parametrize("report", SAMPLES.values(), ids=SAMPLES)
def test_a_report_survives_json(report: Report) -> None:
    """What is written can be read back, equal."""
    assert from_json(Report, json.loads(render(report, Canvas()))) == report


def test_the_schema_comes_first() -> None:
    """A reader knows what it holds before it reads on."""
    assert next(iter(json.loads(render(PROFILE, Canvas())))) == "schema"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_json_cannot_hold_is_null(value: float) -> None:
    """NaN and Infinity are not JSON."""
    odd = call("artists.near", Cost(1, 1, 1), None, 0.0, distance=value)
    text = render(replace(EMPTY, calls=(odd,)), Canvas())
    assert json.loads(text)["calls"][0]["arguments"] == {"distance": None}


def test_half_a_surrogate_pair_can_be_written_and_read_back() -> None:
    """File names that are not UTF-8 reach Python this way."""
    report = replace(EMPTY, calls=(call("files.named", Cost(1, 1, 1), None, path="caf\udce9 é"),))
    text = render(report, Canvas()).encode("utf-8").decode("utf-8")
    assert "é" in text
    assert from_json(Report, json.loads(text)) == report
