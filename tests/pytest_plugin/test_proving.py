"""`--qprof-prove`: a bug is put into the code under test, and each budget has to notice."""

import pytest

from tests.pytest_plugin.conftest import Project

TESTS = """
def read(session): return [each.albums for each in get_all(session)]

@pytest.mark.qprof(queries=3, cells=600)
def test_tight(session): read(session)

@pytest.mark.qprof(queries=1_000, rows=100_000)
def test_loose(session): read(session)

@pytest.mark.qprof(queries=20, rows=260)
def test_no_lazy_load_is_seen(session): read(session)

@pytest.mark.qprof(queries=1)
def test_flat(session): session.scalars(select(Artist)).all()

def test_without(session): get_all(session)

@pytest.mark.qprof(queries=3, rows=1_000)
def test_one_object(session):
    found = session.scalars(select(Artist).options(selectinload(Artist.albums)).limit(1)).all()
    assert [len(each.albums) for each in found] == [5]

@pytest.mark.qprof(queries=3, rows=260)
def test_fails_by_itself(session):
    assert "albums" in get_all(session)[0].__dict__
"""


@pytest.mark.parametrize("more", [(), ("-n", "1")])
def test_a_budget_that_cannot_fail_is_named(project: Project, more: tuple[str, ...]) -> None:
    """It fails the session; what the bug costs is said beside what the test costs without."""
    result = project.run(TESTS, "--qprof-prove", *more)
    result.assert_outcomes(passed=7)
    said = " ".join(result.stdout.str().split())
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    loose = "test_shop.py::test_loose: the budget lets"
    assert f"{loose} joined collections pass: 1 query, 1,000 rows and 6,000 cells, in" in said
    assert f"{loose} lazy loading pass: 11 queries, 60 rows and 120 cells, in place of 3" in said
    assert "test_no_lazy_load_is_seen: the budget lets lazy loading pass" in said
    assert "test_fails_by_itself fails by itself with lazy loading." in said
    assert "2 budgets noticed what was put in; 2 budgets did not." in said
    assert "1 test in which a bug costs no more" in said
    assert "Not proven: 1 test with nothing to load another way." in said
    assert "Not proven: 1 test without a budget." in said


def test_the_baseline_notices_both_bugs(project: Project) -> None:
    """Its entries are exact, so each is a budget, and the session passes."""
    tests = "def test_all(session): assert [each.albums for each in get_all(session)]"
    project.run(tests, "--qprof-update")
    result = project.run(tests, "--qprof", "--qprof-prove")
    assert result.ret == pytest.ExitCode.OK
    assert "1 budget noticed what was put in; 0 budgets did not." in result.stdout.str()
