"""JUnit XML: a test suite with one test case for each call, as CI servers read it.

The elements and attributes are those of the schema of Jenkins' xUnit plugin, junit-10.xsd, which
has no `error`, and neither place nor properties for a test case. No time is written.
"""

import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from qprof.domain.report import CallReport, Report
from qprof.domain.trace import Unmeasured
from qprof.reporters.canvas import Canvas
from qprof.reporters.escape import plain, prose
from qprof.reporters.figures import counted
from qprof.reporters.problems import Problem, by_call, problems

Element = ElementTree.Element

_NOT_XML = re.compile("[\ufffe\uffff]")
"""What XML cannot hold, beside what `plain` makes visible."""


def render(report: Report, canvas: Canvas) -> str:
    """Return a suite for each call, its counts as properties, and its failures in one element.

    An error that is not acknowledged fails; all else that was found is the test case's output. A
    call that raised fails, one that was left out is skipped.
    """
    root = Element("testsuites", name="qprof")
    root.extend(_suites(report))
    for counts in ("tests", "failures", "errors"):
        root.set(counts, str(sum(int(suite.get(counts, "0")) for suite in root)))
    ElementTree.indent(root)
    text = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", ElementTree.tostring(root, "unicode"))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _suites(report: Report) -> Iterator[Element]:
    found = by_call(problems(report))
    calls = {call.name: call for call in reversed(report.calls)}
    predicted = [each.call for each in report.predictions]
    grown = [each.call for each in report.growths]
    names = [*(call.name for call in report.calls), *predicted, *grown, *found]
    for name in dict.fromkeys(names):
        yield _call(name, calls.get(name), found.get(name, []))
    for missed in report.unmeasured:
        yield _unmeasured(missed)


def _call(name: str, call: CallReport | None, found: Sequence[Problem]) -> Element:
    failed = [each for each in found if each.fails]
    told = [each for each in found if not each.fails]
    parts = []
    if failed:
        more = f" ({counted(len(failed) - 1, 'more failure')})" if failed[1:] else ""
        head = f"{failed[0].title}: {prose(failed[0].message)}{more}"
        parts.append(_outcome("failure", failed[0].name, head, _lines(failed)))
    lines = [*([prose(call.verdict)] if call and call.verdict.strip() else []), *_lines(told)]
    if lines:
        parts.append(_text("system-out", lines))
    return _suite(name, parts, _figures(call) if call else {})


def _unmeasured(missed: Unmeasured) -> Element:
    tag, kind = ("failure", "not-measured") if missed.raised else ("skipped", "left-out")
    reason = prose(missed.reason)
    return _suite(missed.call, [_outcome(tag, kind, reason, [reason])], {})


def _suite(name: str, parts: Sequence[Element], figures: dict[str, str]) -> Element:
    shown = plain(name)
    suite = Element("testsuite", name=shown, tests="1", errors="0")
    for count, tag in (("failures", "failure"), ("skipped", "skipped")):
        suite.set(count, str(sum(part.tag == tag for part in parts)))
    if figures:
        properties = ElementTree.SubElement(suite, "properties")
        for key, value in figures.items():
            ElementTree.SubElement(properties, "property", name=key, value=value)
    case = ElementTree.SubElement(suite, "testcase", name=shown, classname="qprof")
    case.extend(parts)
    return suite


def _figures(call: CallReport) -> dict[str, str]:
    """Return the counts, which are the same in every run, as a program reads them."""
    counts = {"queries": call.queries, "rows": call.rows, "cells": call.cells}
    if call.needed is not None:
        counts |= {f"needed-{key}": value for key, value in vars(call.needed).items()}
    return {key: str(value) for key, value in counts.items()}


def _outcome(tag: str, kind: str, message: str, lines: Sequence[str]) -> Element:
    element = _text(tag, lines)
    element.set("type", plain(kind))
    element.set("message", plain(message))
    return element


def _text(tag: str, lines: Sequence[str]) -> Element:
    element = Element(tag)
    element.text = "\n".join(lines)
    return element


def _lines(found: Sequence[Problem]) -> list[str]:
    return [line for each in found for line in _problem(each)]


def _problem(problem: Problem) -> Iterator[str]:
    where = ""
    if problem.site is not None:
        where = f" at {problem.site.place} in {problem.site.function}"
    yield plain(f"{problem.level} {problem.title}{where}")
    if problem.message.strip():
        yield f"  {prose(problem.message)}"
    for number, line in enumerate(problem.fix.strip("\n").split("\n") if problem.fix else []):
        yield f"  {'     ' if number else 'fix: '}{plain(line)}"
    if problem.acknowledged is not None:
        yield f"  accepted: {prose(problem.acknowledged)}"
