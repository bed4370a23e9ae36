"""`@pytest.mark.qprof(…)`: which tests fail, and with what words."""

import pytest

from tests.pytest_plugin.conftest import Project

BUG = "def test_it(session):\n    search(session)\n"
FIX = "def test_it(session):\n    get_all(session)\n"
LAZY = "def test_it(session):\n    one_by_one(session)\n"


def marked(limits: str, test: str) -> str:
    return f"@pytest.mark.qprof({limits})\n{test}"


@pytest.mark.parametrize(
    ("limits", "test", "passes"),
    [
        ("amplification=1.5", BUG, False),
        ("amplification=1.5", FIX, True),
        ("rows=260, cells=520, queries=3, amplification=1, queries_amplification=1", FIX, True),
        ("rows=259", FIX, False),
        ("cells=519", FIX, False),
        ("queries=2", FIX, False),
        ("rows=1000, cells=6000, queries=1", BUG, True),
        ("rows_amplification=3.85", BUG, True),
        ("rows_amplification=3.84", BUG, False),
        ("cells_amplification=11.53", BUG, False),
        ("amplification=1", LAZY, True),
        ("queries_amplification=5.5", LAZY, True),
        ("queries_amplification=5.4", LAZY, False),
    ],
)
def test_limits_are_the_most_that_is_allowed(
    limits: str, test: str, passes: bool, project: Project
) -> None:
    """The bug fails and its fix does not, by figures that were worked out by hand."""
    project.run(marked(limits, test)).assert_outcomes(passed=passes, failed=not passes)


def test_the_failure_shows_the_call_the_figures_and_the_fix(project: Project) -> None:
    """In 80 columns, and without a line of the plugin's own."""
    result = project.run(marked("amplification=1.5, rows=500", BUG))
    _, _, text = result.stdout.str().partition(" FAILURES ")
    result.stdout.fnmatch_lines(
        [
            "*qprof: rows 3.85×, limit 1.50×; cells 11.54×, limit 1.50×; 1,000 rows, limit*",
            "over *limit *measured *fetched *needed",
            "×rows *1.50 *3.85 *1,000 *260",
            "rows *500 *1,000 *1,000 *260",
            "FROM artist, 2 joins *root *1 *1,000 *6,000 *shop.py:*",
            "error[[]QP101[]]: Artist.albums and Artist.tracks multiply each other",
            "  --> shop.py:*",
            "   = fix (not tried: what is recorded is not run again):",
            "     .options(selectinload(Artist.albums), selectinload(Artist.tracks))",
        ]
    )
    assert "Traceback" not in text
    assert "pytest_plugin" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_marked_test_that_sends_nothing_fails(project: Project) -> None:
    """Nothing seen is no pass, unless it was asked for."""
    tests = marked("rows=9", "def test_it(): pass\n") + marked(
        "queries=0", "def test_none(): pass\n"
    )
    result = project.run(tests)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["The test sent no statement through SQLAlchemy, so there is*"])


def test_an_unknown_amplification_is_no_pass(project: Project) -> None:
    """The rows repeat by a JOIN of the statement's own, so nobody can tell what is needed."""
    test = """
def test_it(session):
    joined = select(Artist).join(Artist.albums).options(joinedload(Artist.tracks))
    session.scalars(joined).unique().all()
"""
    result = project.run(marked("amplification=99", test))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["Needed is unknown: rows repeat*", "*limit rows and cells*"])


def test_what_fixtures_send_is_not_the_tests(project: Project) -> None:
    """The fixture of the class and the test's own send far more than one query."""
    tests = """
@pytest.mark.qprof(queries=1, rows=1)
class TestIt:
    @pytest.fixture(scope="class", autouse=True)
    def shared(self, engine):
        with Session(engine) as session:
            get_all(session)
            yield
            get_all(session)

    def test_it(self, session):
        session.scalar(select(func.count(Artist.id)))
"""
    project.run(tests).assert_outcomes(passed=1)


def test_the_closest_marker_wins_key_by_key(project: Project) -> None:
    """The test's rows are looser than the module's; the class's queries are stricter."""
    tests = """
pytestmark = pytest.mark.qprof(rows=1, queries=9)

@pytest.mark.qprof(queries=2)
class TestIt:
    @pytest.mark.qprof(rows=260)
    def test_queries(self, session): get_all(session)

    @pytest.mark.qprof(queries=3)
    def test_rows(self, session): get_all(session)

    @pytest.mark.qprof(queries=3, rows=260)
    def test_both(self, session): get_all(session)
"""
    result = project.run(tests)
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["qprof: 3 queries, limit 2.", "qprof: 260 rows, limit 1."])


def test_a_test_that_fails_by_itself_keeps_its_failure(project: Project) -> None:
    """The limits come as a section."""
    result = project.run(marked("rows=9", FIX + "    assert 1 == 2\n"))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["> *assert 1 == 2", "*qprof: over its limits, too*", "qprof: 260 rows, limit 9."]
    )


def test_skips_and_expected_failures_stay_what_they_are(project: Project) -> None:
    """A test that is skipped half-way has sent nothing, and that is right."""
    tests = (
        marked("rows=9", "def test_skip(): pytest.skip()\n")
        + "@pytest.mark.xfail(strict=True)\n"
        + marked("rows=9", FIX)
    )
    project.run(tests).assert_outcomes(skipped=1, xfailed=1)


def test_the_chunks_of_a_selectin_are_one_query(project: Project) -> None:
    """501 artists: 1 query, and 2 chunks for each of two collections. That is no N+1."""
    test = """
@pytest.fixture(scope="session")
def engine():
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(Artist(name="a") for _ in range(501))
        session.commit()
    return engine

@pytest.mark.qprof(queries=3, queries_amplification=1)
def test_it(session, qprof):
    get_all(session)
    assert qprof.queries == 5
"""
    project.run(test).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ("row=9", "Unknown limit 'row' in the qprof marker of test_shop.py::test_it. Did you mean"),
        ("rows=-1", "has rows=-1; it has to be a number from zero on, such as rows=100."),
        ("rows='9'", "has rows='9'; it has to be a number"),
        ("amplification=True", "has amplification=True; it has to be a number"),
        ("9", "has 9 without a name; write what it limits, such as rows=9."),
    ],
)
def test_a_wrong_marker_is_a_usage_error(limits: str, sentence: str, project: Project) -> None:
    """One sentence, before any test runs; under xdist it is the test's error."""
    result = project.run(marked(limits, FIX))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert sentence in result.stderr.str()
    assert "Traceback" not in result.stderr.str() + result.stdout.str()
    apart = project.run(marked(limits, FIX), "-n", "1", "--color=no")
    apart.assert_outcomes(errors=1)
    assert sentence in " ".join(apart.stdout.str().split())
    assert "Traceback" not in apart.stdout.str()


def test_a_test_whose_function_was_not_recorded_fails(project: Project) -> None:
    """As where another plugin runs something else in its place."""
    conftest = project.pytester.path / "conftest.py"
    hook = "\n\n@pytest.hookimpl(tryfirst=True)\ndef pytest_pyfunc_call(): return True\n"
    conftest.write_text(conftest.read_text() + hook)
    result = project.run(marked("rows=9", FIX))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["qprof could not record this test: *"])


GROWING = """
def more(session, number):
    session.add_all([Artist(name="x", albums=[Album()]) for _ in range(number)])

@pytest.mark.qprof(flat=more)
def test_flat(session): get_all(session)

@pytest.mark.qprof(flat=more, queries=3)
def test_lazy(session): one_by_one(session)

@pytest.mark.qprof(flat=lambda session, number: more(session, number))
class TestAll:
    def test_method(self, session): search(session)

@pytest.mark.asyncio
@pytest.mark.qprof(flat=more)
async def test_async(session): one_by_one(session)

def test_fixture(session, qprof):
    assert qprof.flat(get_all, session, over=more).growth["queries"] == "constant"
"""


def test_flat_runs_the_test_with_more_and_more_data(project: Project) -> None:
    """The factory asks for fixtures by name; what grows is said with its fix."""
    result = project.run(GROWING)
    result.assert_outcomes(passed=3, failed=2)
    text = result.stdout.str()
    assert text.count("queries are linear: 1 more for each, at most batched.") == 2
    assert "selectinload(Artist.albums)" in text


def test_flat_that_is_no_factory_is_a_usage_error(project: Project) -> None:
    """Before any test runs."""
    result = project.run("@pytest.mark.qprof(flat=True)\ndef test_it(session): pass")
    result.stderr.fnmatch_lines(["*has flat=True; it has to be a function*"])
