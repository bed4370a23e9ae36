"""Other tools' false alarms and misses, before every rule of ours."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from qprof.judge.detectors import findings
from qprof.judge.rules.thresholds import Thresholds
from tests.judge.detectors.traces import call_from

FILE = Path(__file__).with_name("elsewhere.yml")
CASES = [
    pytest.param(case, id=case["name"]) for case in yaml.safe_load(FILE.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("case", CASES)
def test_every_rule_says_what_is_so_and_no_more(case: dict[str, Any]) -> None:
    calls = [call_from({"name": "call", **each}) for each in case["calls"]]
    found = findings(calls, Thresholds())
    assert {each.rule: each.level for each in found} == case["finds"]
    assert len(found) == len(case["finds"])
    for figure, value in case.get("figures", {}).items():
        assert found[0].evidence[figure] == value


def test_each_case_says_whose_it_is() -> None:
    assert all(each.values[0]["said"] for each in CASES)
