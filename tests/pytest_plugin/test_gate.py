"""`--qprof`: every test against its entry in the baseline, without any marker."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.pytest_plugin.conftest import Project

BARE = """
def make(session, number):
    for _ in range(number):
        session.add(Artist(name="made"))
    session.flush()

def test_search(session): search(session)

@pytest.mark.parametrize("number", [1, 2])
def test_all(session, number):
    make(session, number)
    assert len(get_all(session)) >= 10

def test_own_statement(session): session.scalars(select(Artist)).all()

class TestAsync:
    @pytest.mark.asyncio
    async def test_async(self, session): get_all(session)

import unittest

class Cases(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _session(self, session): self.session = session
    def test_case(self):
        for number in range(2):
            with self.subTest(number=number):
                search(self.session)
"""
BETTER = "joinedload(Artist.albums), joinedload(Artist.tracks)"
FIXED = "selectinload(Artist.albums), selectinload(Artist.tracks)"


def write(project: Project, old: str, new: str) -> None:
    """Change the code under test."""
    file = project.pytester.path / "shop.py"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def baseline(project: Project) -> dict[str, Any]:
    """Return the entries by test."""
    value = json.loads((project.pytester.path / "qprof-baseline.json").read_text())
    assert value["schema"] == "qprof.baseline/1"
    return {each.pop("test").partition("::")[2]: each for each in value["tests"]["entries"]}


def test_what_got_worse_fails_and_nothing_else(project: Project) -> None:
    """With the figures, the finding, the place and the fix; the update accepts it."""
    write(project, BETTER, FIXED)
    project.run(BARE, "--qprof-update").assert_outcomes(passed=6)
    project.run(BARE, "--qprof").assert_outcomes(passed=6)
    file = project.pytester.path / "shop.py"
    file.write_text(file.read_text().replace(FIXED, BETTER, 1))
    result = project.run_apart(BARE, "--qprof")
    result.assert_outcomes(passed=4, failed=2)
    said = result.stdout.str()
    assert "qprof: 1,000 rows, limit 260; 6,000 cells, limit 520." in said
    assert "error[QP101]: Artist.albums and Artist.tracks multiply each other" in said
    assert ".options(selectinload(Artist.albums), selectinload(Artist.tracks))" in said
    assert "pytest --qprof-update accepts" in said
    project.run_apart(BARE, "--qprof-update").assert_outcomes(passed=6)
    project.run_apart(BARE, "--qprof").assert_outcomes(passed=6)


def test_the_entries_are_of_the_code_under_test(project: Project) -> None:
    """What the test and its helpers send is not in them; each parameter has its own."""
    project.run(BARE, "--qprof-update")
    entries = baseline(project)
    assert set(entries) == {
        "test_search", "test_all[1]", "test_all[2]", "TestAsync::test_async", "Cases::test_case",
    }  # fmt: skip
    search = entries["test_search"]
    assert (search["queries"], search["rows"], search["cells"]) == (1, 1000, 6000)
    assert search["needed"] == [3, 260, 520]
    assert entries["test_all[2]"]["queries"] == 3


def test_a_fix_that_sends_more_queries_passes(project: Project) -> None:
    """Up to what the objects need."""
    project.run(BARE, "--qprof-update")
    write(project, BETTER, FIXED)
    project.run_apart(BARE, "--qprof").assert_outcomes(passed=6)


@pytest.mark.parametrize("options", [("-n", "2"), ("-p", "no:xdist"), ("-k", "search or all")])
def test_runs_give_the_same_file(options: tuple[str, ...], project: Project) -> None:
    """In several processes, again, and for some of the tests: the others stay."""
    project.run(BARE, "--qprof-update")
    file = project.pytester.path / "qprof-baseline.json"
    first = file.read_text()
    project.run(BARE, "--qprof-update", *options)
    assert file.read_text() == first


def test_a_renamed_test_is_known_again(project: Project) -> None:
    """By what it sends; its entry moves with the next update."""
    write(project, BETTER, FIXED)
    project.run("def test_old(session): get_all(session)", "--qprof-update")
    renamed = "def test_new(session):\n    get_all(session)\n    get_all(session)\n"
    result = project.run("def test_new(session): get_all(session)", "--qprof")
    result.stdout.fnmatch_lines(["qprof: 1 test compared with the baseline."])
    project.run(renamed, "--qprof").assert_outcomes(failed=1)
    project.run(renamed, "--qprof-update")
    assert list(baseline(project)) == ["test_new"]


COUNTER = """
from pathlib import Path
def test_it(session):
    file = Path("runs.txt")
    runs = len(file.read_text()) if file.exists() else 0
    file.write_text("x" * (runs + 1))
    for _ in range(runs + 1):
        get_all(session)
"""


def test_what_differs_in_the_same_code_is_left_out(project: Project) -> None:
    """And said; what is stable stays exact."""
    project.run(COUNTER, "--qprof-update")
    project.run(COUNTER, "--qprof").assert_outcomes(failed=1)
    project.run(COUNTER, "--qprof-update")
    assert baseline(project)["test_it"]["varies"] == ["queries", "rows", "cells"]
    result = project.run(COUNTER, "--qprof")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["qprof: 1 test with figures left out, which differ between*"])


def test_the_file_keeps_what_calls_cost(project: Project) -> None:
    """`qprof check` and the tests share it."""
    file = project.pytester.path / "qprof-baseline.json"
    own = (Path(__file__).parent.parent.parent / "qprof-baseline.json").read_text()
    file.write_text(own)
    project.run(BARE, "--qprof-update")
    value = json.loads(file.read_text())
    assert value["entries"] == json.loads(own)["entries"]
    assert len(value["tests"]["entries"]) == 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "*is not JSON*"),
        ('{"schema": "qprof.baseline/1", "tests": {"entries": []}}', "*its section of tests*"),
        (
            '{"schema": "qprof.baseline/1", "tests": {"sqlalchemy": "1.9", "code": "", '
            '"entries": []}}',
            "*is of SQLAlchemy 1.9, and this is*",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_a_usage_error(
    text: str, said: str, project: Project
) -> None:
    """A sentence, and no test runs."""
    (project.pytester.path / "qprof-baseline.json").write_text(text)
    result = project.run(BARE, "--qprof")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([said])


def test_a_named_file_has_to_be_there(project: Project) -> None:
    """A gate that compares with nothing is no gate."""
    result = project.run(BARE, "--qprof", "--qprof-baseline", "other.json")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    project.run(BARE, "--qprof-update", "--qprof-baseline", "other.json")
    assert (project.pytester.path / "other.json").exists()


def test_a_report_of_any_format(project: Project) -> None:
    """Named before the file."""
    project.run(BARE, "--qprof-report", "markdown=report.md")
    assert (project.pytester.path / "report.md").read_text().startswith("## qprof")
