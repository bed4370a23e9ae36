"""JUnit XML, read by a strict parser, and held to the elements of Jenkins' junit-10.xsd."""

from dataclasses import replace
from xml.etree import ElementTree

import junitparser
import pytest

from qprof.domain.report import Report
from qprof.reporters import Canvas
from qprof.reporters.escape import plain
from qprof.reporters.formats.junit import render
from tests.reporters.samples import COMPARE, EMPTY, GATE, HOSTILE, NASTY, PROFILE, SAMPLES

MAY_HOLD = {
    "testsuites": ({"testsuite"}, {"name", "tests", "failures", "errors"}, set()),
    "testsuite": (
        {"properties", "testcase"},
        {"name", "tests", "failures", "errors", "skipped"},
        {"name", "tests", "failures", "errors"},
    ),
    "properties": ({"property"}, set(), set()),
    "property": (set(), {"name", "value"}, {"name", "value"}),
    "testcase": ({"failure", "skipped", "system-out"}, {"name", "classname"}, {"name"}),
    "failure": (set(), {"type", "message"}, set()),
    "skipped": (set(), {"type", "message"}, set()),
    "system-out": (set(), set(), set()),
}
"""Children, attributes, and attributes that must be there; a part of what the XSD lets pass."""


def read(report: Report) -> junitparser.JUnitXml:
    """Return the document as another program reads it."""
    return junitparser.JUnitXml.fromstring(render(report, Canvas()).encode())


def cases(report: Report) -> dict[str, junitparser.TestCase]:
    """Return the first test case of each name."""
    found = [case for suite in read(report) for case in suite]
    return {str(case.name): case for case in reversed(found)}


@pytest.mark.parametrize("report", SAMPLES.values(), ids=SAMPLES)
def test_it_holds_what_the_schema_lets_pass_and_counts_right(report: Report) -> None:
    """Every element, every attribute, and each suite's own counts."""
    root = ElementTree.fromstring(render(report, Canvas()))
    for element in root.iter():
        children, known, needed = MAY_HOLD[element.tag]
        assert {child.tag for child in element} <= children
        assert needed <= set(element.keys()) <= known
    for scope in (root, *root):
        assert int(scope.get("tests", "")) == len(list(scope.iter("testcase")))
        assert int(scope.get("failures", "")) == len(list(scope.iter("failure")))
    assert all(len(case.findall("failure")) <= 1 for case in root.iter("testcase"))


def test_errors_fail_and_all_else_is_output() -> None:
    """The text is in the body: GitLab shows no attribute."""
    found = cases(PROFILE)
    (failure,) = found["artists.search"].result
    assert isinstance(failure, junitparser.Failure)
    assert "QP101 cartesian-explosion at qprof/seeding/library/artists.py:40" in failure.text
    assert "fix: .options(selectinload(Artist.tracks)" in failure.text
    assert "QP301" not in failure.text
    assert "warning QP301 unused-eager-load" in found["artists.search"].system_out
    assert found["tracks.count"].is_passed
    assert isinstance(found["artists.rename"].result[0], junitparser.Failure)
    assert found["artists.get"].is_skipped


def test_a_broken_limit_fails_unless_it_warns_or_is_acknowledged() -> None:
    """Several failures are in one element: most readers show the first alone."""
    found = cases(GATE)
    (failure,) = found["artists.search"].result
    assert "QP001 broken-limit" in failure.text
    assert "QP101" in failure.text
    assert failure.message.endswith("(1 more failure)")
    assert found["tracks.count"].is_passed
    assert "accepted: The count moved into SQL" in found["tracks.count"].system_out


def test_the_counts_of_a_call_are_properties() -> None:
    """As a program reads them, and no times."""
    suite = next(each for each in read(COMPARE) if each.name == "artists.search")
    figures = {each.name: each.value for each in suite.properties()}
    assert figures["rows"] == "41230"
    assert figures["needed-rows"] == "9120"
    assert not any("ms" in name or "second" in name for name in figures)


def test_hostile_text_arrives_as_it_is_shown_elsewhere() -> None:
    """Quotes, ]]>, and control characters, which no escape carries through XML."""
    assert plain(NASTY) in cases(HOSTILE)
    odd = replace(EMPTY, breaches=(replace(GATE.breaches[0], message="\ufffe\uffff\x00\udce9"),))
    (failure,) = cases(odd)["artists.search"].result
    assert r"\x00\udce9" in failure.text
