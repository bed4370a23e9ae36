"""`--qprof` and `--qprof-report`: what all tests came to, in one process or in several."""

import subprocess
import sys
from typing import Any

import pytest

from tests.pytest_plugin.conftest import Project

TESTS = """
def test_bug(session): search(session)

@pytest.mark.parametrize("number", [1, 2, 3])
def test_fix(session, number): get_all(session)

@pytest.mark.qprof(queries=2)
def test_lazy(session): one_by_one(session)

def test_nothing(): pass
"""


def totals(report: dict[str, Any]) -> tuple[int, int, int]:
    queries, rows, cells = (
        sum(call[name] for call in report["calls"]) for name in ("queries", "rows", "cells")
    )
    return queries, rows, cells


def test_the_summary_has_the_most_expensive_tests_first(project: Project) -> None:
    """With totals, and each defect once, within 80 columns."""
    result = project.run(TESTS, "--qprof", "--qprof-top", "2")
    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*= qprof =*",
            "call *queries *rows *needed *×rows *cells *×cells",
            "test_shop.py::test_bug *1 *1,000 *260 *3.85 *6,000 *11.54",
            "test_shop.py::test_f* *3 *260 *260 *1.00 *520 *1.00",
            "and 3 tests more; --qprof-top N shows more",
            "error QP101 cartesian-explosion  shop.py:* in search *",
            "error QP201 n-plus-one  shop.py:* in one_by_one (Artist.albums)",
            "5 tests sent 21 queries, fetched 1,840 rows and 7,680 cells; 2 findings.",
        ]
    )
    _, _, text = result.stdout.str().partition("= qprof =")
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_the_report_has_what_the_database_was_asked_for(
    options: tuple[str, ...], project: Project
) -> None:
    """The same in one process and in two, by the project's own cursors; breaches included."""
    project.run(TESTS, "--qprof-report", "report.json", *options)
    report = project.report()
    assert report["schema"] == "qprof.report/1"
    assert totals(report) == project.counted() == (21, 1840, 7680)
    assert [call["name"] for call in report["calls"]] == sorted(
        call["name"] for call in report["calls"]
    )
    assert [(each["call"], each["metric"]) for each in report["breaches"]] == [
        ("test_shop.py::test_lazy", "queries")
    ]


def test_what_was_written_can_be_shown(project: Project) -> None:
    """`qprof report` reads it."""
    project.run(TESTS, "--qprof-report", "report.json")
    done = subprocess.run(
        [sys.executable, "-m", "qprof", "report", "report.json"],
        cwd=project.pytester.path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "test_shop.py::test_bug" in done.stdout
    assert "Over the limit" in done.stdout


def test_quiet_is_one_line_and_quieter_none(project: Project) -> None:
    """-q leaves the totals."""
    result = project.run(TESTS, "--qprof", "-q")
    result.stdout.fnmatch_lines(["5 tests sent 21 queries*"])
    assert "QP101" not in result.stdout.str()
    assert "5 tests sent" not in project.run(TESTS, "--qprof", "-qq").stdout.str()


def test_a_session_that_saw_nothing_says_so(project: Project) -> None:
    """And writes no report that could be taken for a clean one."""
    result = project.run("def test_it(): pass", "--qprof", "--qprof-report", "report.json")
    result.stdout.fnmatch_lines(
        [
            "No test sent a statement through SQLAlchemy, so nothing was measured.",
            "qprof: nothing was measured, and report.json was not written.",
        ]
    )
    assert not (project.pytester.path / "report.json").exists()


def test_a_test_that_does_not_ask_gets_no_listener(project: Project) -> None:
    """Nor does a session without the options import SQLAlchemy for the plugin's sake."""
    tests = """
from qprof.measure.capture import listeners_installed

def test_without(session): assert not listeners_installed()

@pytest.mark.qprof(queries=0)
def test_with(): assert listeners_installed()
"""
    project.run(tests).assert_outcomes(passed=2)
    (project.pytester.path / "conftest.py").unlink()
    project.pytester.makepyfile(
        test_bare="import sys\ndef test_it(): assert 'sqlalchemy' not in sys.modules\n"
    )
    bare = project.pytester.runpytest_subprocess("-p", "no:anyio", "test_bare.py")
    bare.assert_outcomes(passed=1)


def test_qprof_run_sees_what_marked_tests_send(project: Project) -> None:
    """The recording of the whole process counts it too, once, and attributes it as ever."""
    head = "import pytest\nfrom shop import *\n"
    project.pytester.makepyfile(test_shop=head + TESTS)
    tests = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--qprof", "test_shop.py"]
    subprocess.run(
        [sys.executable, "-m", "qprof", "run", "-f", "json=run.json", "--", *tests],
        cwd=project.pytester.path,
        capture_output=True,
        check=False,
    )
    calls = {call["name"]: call for call in project.report("run.json")["calls"]}
    assert (calls["shop.search"]["queries"], calls["shop.search"]["rows"]) == (1, 1000)
    assert (calls["shop.get_all"]["queries"], calls["shop.get_all"]["rows"]) == (9, 780)
    assert (calls["shop.one_by_one"]["queries"], calls["shop.one_by_one"]["rows"]) == (11, 60)
