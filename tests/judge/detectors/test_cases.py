"""Each rule against its own cases: what it must find, and what it must leave alone."""

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

from qprof.domain.report import LEVELS, Finding
from qprof.judge.detectors import DETECTORS, Detector, findings
from qprof.judge.rules.thresholds import Thresholds
from tests.judge.detectors.traces import call_from

FOLDER = Path(__file__).parents[2] / "cases"


def cases_of(detector: Detector) -> list[dict[str, Any]]:
    file = FOLDER / f"{detector.id}.yml"
    return yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else []


CASES = [
    pytest.param(detector, case, id=f"{detector.id}: {case['name']}")
    for detector in DETECTORS
    for case in cases_of(detector)
]


def inspect(detector: Detector, case: dict[str, Any]) -> list[Finding]:
    thresholds = Thresholds(**case.get("thresholds", {}))
    calls = [call_from(each) for each in case.get("calls", [case.get("call")])]
    return list(findings(calls, thresholds, [detector]))


@pytest.mark.parametrize(("detector", "case"), CASES)
def test_finds_what_the_case_says(detector: Detector, case: dict[str, Any]) -> None:
    found = inspect(detector, case)
    assert len(found) == len(case["finds"])
    for finding, expected in zip(found, case["finds"], strict=True):
        assert (finding.rule, finding.name) == (detector.id, detector.name)
        assert finding.level == expected["level"]
        assert list(finding.paths) == expected["paths"]
        for words in expected["says"]:
            assert words in finding.message
        assert finding.fix == expected.get("fix", finding.fix)
        figures = expected.get("evidence", {})
        assert {key: finding.evidence[key] for key in figures} == figures
        if "at" in expected:
            assert finding.location is not None
            assert f"{finding.location.file}:{finding.location.line}" == expected["at"]


@pytest.mark.parametrize(("detector", "case"), CASES)
def test_each_finding_is_fit_to_show(detector: Detector, case: dict[str, Any]) -> None:
    for finding in inspect(detector, case):
        assert LEVELS.index(finding.level) <= LEVELS.index(detector.level)
        assert finding.message.endswith(".")
        assert "  " not in finding.message
        assert not finding.message.startswith(finding.call)
        assert len(finding.fingerprint) == 16
        if finding.fix.startswith(".options("):
            ast.parse(f"statement{finding.fix}", mode="eval")
        else:
            assert finding.fix.endswith(".")


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.id)
def test_each_rule_has_a_case_to_find_and_one_to_leave_alone(detector: Detector) -> None:
    finds = [bool(case["finds"]) for case in cases_of(detector)]
    assert set(finds) == {True, False}, f"write both kinds into tests/cases/{detector.id}.yml"


def test_no_case_file_without_a_rule() -> None:
    assert {file.stem for file in FOLDER.glob("*.yml")} == {each.id for each in DETECTORS}
