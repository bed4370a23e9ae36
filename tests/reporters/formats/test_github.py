"""Workflow commands, read back by the rules of GitHub's runner."""

import re
from dataclasses import replace

import pytest

from qprof.domain.report import Report
from qprof.reporters import Canvas
from qprof.reporters.escape import plain, prose
from qprof.reporters.formats.github import render
from tests.reporters.samples import EXPLOSION, GATE, HOSTILE, NASTY, PROFILE, SAMPLES

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.+)")


def unescaped(text: str, codes: str) -> str:
    """Return what the runner makes of a value: it decodes these codes, and % at the very end."""
    for code in codes.split():
        text = text.replace(code, chr(int(code[1:], 16)))
    return text


def read(report: Report) -> list[tuple[str, dict[str, str], str]]:
    """Return level, properties and text of each command."""
    lines = [line for line in render(report, Canvas()).split("\n") if line.startswith("::")]
    found = [COMMAND.fullmatch(line) for line in lines]
    assert all(found), lines
    return [
        (
            each[1],
            {
                name: unescaped(value, "%0D %0A %3A %2C %25")
                for name, _, value in (pair.partition("=") for pair in each[2].split(","))
            },
            unescaped(each[3], "%0D %0A %25"),
        )
        for each in found
        if each
    ]


@pytest.mark.parametrize("report", SAMPLES.values(), ids=SAMPLES)
def test_every_line_is_a_command_or_ours(report: Report) -> None:
    """No text of others starts a line, nor a command."""
    for line in render(report, Canvas()).splitlines():
        assert line.startswith(("::error ", "::warning ", "::notice ", "qprof: "))


def test_an_annotation_is_at_its_line() -> None:
    """With the fix below the message."""
    (first, *_) = [each for each in read(PROFILE) if "QP101" in each[1]["title"]]
    level, properties, text = first
    assert level == "error"
    assert properties == {
        "file": "qprof/seeding/library/artists.py",
        "line": "40",
        "title": "QP101 cartesian-explosion in artists.search",
    }
    assert text.splitlines()[1].startswith("Fix: .options(")


def test_broken_limits_come_first_and_acknowledged_ones_not_at_all() -> None:
    """With the levels of the gate."""
    found = [(level, properties["title"]) for level, properties, _ in read(GATE)]
    assert found == [
        ("error", "QP001 broken-limit in artists.search"),
        ("error", "QP101 cartesian-explosion in artists.search"),
        ("warning", "QP001 broken-limit in artists.search"),
        ("notice", "qprof"),
    ]


def test_the_worst_ten_are_shown_and_the_rest_counted() -> None:
    """GitHub drops the eleventh without a word."""
    many = replace(PROFILE, findings=(EXPLOSION,) * 25, unmeasured=())
    assert len(read(many)) == 10
    assert "qprof: 15 more errors not annotated" in render(many, Canvas())
    assert "more" not in render(PROFILE, Canvas())


def test_hostile_text_arrives_whole() -> None:
    """Percent signs, colons, commas and line breaks are the runner's own marks."""
    found = read(HOSTILE)
    (explosion,) = [each for each in found if "QP101" in each[1]["title"]]
    assert explosion[1]["file"] == plain(NASTY)
    assert explosion[1]["title"].endswith(f" in {plain(NASTY)}")
    assert explosion[2].startswith(prose(NASTY))
