"""The `qprof` fixture: blocks, the whole test, and every way in which a test may run."""

import pytest

from tests.pytest_plugin.conftest import Project

ASYNC = """
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

async def sent(qprof):
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        await session.run_sync(fill)
    async with AsyncSession(engine) as session:
        with qprof.record() as seen:
            await session.run_sync(search)
    await engine.dispose()
    return seen
"""


def test_a_block_has_the_figures_of_what_it_encloses(project: Project) -> None:
    """And the test has those of all its blocks, nested ones once."""
    tests = """
def test_it(session, qprof):
    with qprof.record() as outer:
        get_all(session)
        with qprof.record() as inner:
            search(session)
    assert (inner.queries, inner.rows, inner.cells) == (1, 1000, 6000)
    assert (outer.queries, outer.rows, outer.cells) == (4, 1260, 6520)
    assert (inner.needed.queries, inner.needed.rows, inner.needed.cells) == (3, 260, 520)
    assert round(inner.amplification.rows, 2) == 3.85
    assert [each.rule for each in inner.findings] == ["QP101"]
    assert qprof.rows == outer.rows
    inner.assert_within(rows=1000)
    with pytest.raises(pytest.fail.Exception, match="1,000 rows, limit 999"):
        inner.assert_within(rows=999)
    with pytest.raises(pytest.fail.Exception, match="Did you mean 'rows'"):
        inner.assert_within(row=1)
"""
    project.run(tests).assert_outcomes(passed=1)
    assert project.counted() == (4, 1260, 6520)


def test_a_block_that_saw_nothing_is_not_within_limits(project: Project) -> None:
    """Whatever the limit is."""
    tests = """
def test_it(qprof):
    with qprof.record() as seen:
        pass
    seen.assert_within(rows=9)
"""
    project.run(tests).assert_outcomes(failed=1)


def test_threads_of_a_test_are_counted_in_its_open_block(project: Project) -> None:
    """They inherit no context, and the innermost block that is open takes them."""
    tests = """
from threading import Thread

def work(engine):
    with Session(engine) as session:
        get_all(session)

def run(engine, at_once=True):
    threads = [Thread(target=work, args=(engine,)) for _ in range(3)]
    [each.start() for each in threads if at_once]
    for each in threads:  # one that ended leaves its ident to the next
        at_once or each.start()
        each.join()

@pytest.mark.qprof(queries=18)
def test_it(engine, qprof):
    run(engine)
    with qprof.record() as seen:
        run(engine, at_once=False)
    assert seen.rows == 3 * 260
    assert qprof.rows == 6 * 260
    assert seen.amplification.rows == 1
"""
    project.run(tests).assert_outcomes(passed=1)
    assert project.counted() == (18, 6 * 260, 6 * 520)


def test_setup_and_teardown_of_unittest_are_not_the_tests(project: Project) -> None:
    """Of plain test cases as of async ones; a failure is pytest's, too."""
    tests = """
import unittest

class Base_:
    @pytest.fixture(autouse=True)
    def _engine(self, engine, qprof):
        self.session, self.qprof = Session(engine), qprof

    def setUp(self): get_all(self.session)
    def tearDown(self): self.session.close()

@pytest.mark.qprof(rows=1000)
class TestPlain(Base_, unittest.TestCase):
    def test_within(self): search(self.session)
    def test_over(self):
        search(self.session)
        get_all(self.session)

@pytest.mark.qprof(rows=1000)
class TestAsync(Base_, unittest.IsolatedAsyncioTestCase):
    async def test_within(self): search(self.session)
    async def test_over(self):
        search(self.session)
        get_all(self.session)
"""
    result = project.run(tests)
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(["qprof: 1,260 rows, limit 1,000."])


@pytest.mark.parametrize("mode", ["strict", "auto"])
def test_pytest_asyncio(mode: str, project: Project) -> None:
    """A test's statements are sent in its own task, in a context of its own."""
    mark = "@pytest.mark.asyncio\n" if mode == "strict" else ""
    tests = f"""{ASYNC}
{mark}@pytest.mark.qprof(amplification=1.5)
async def test_over(qprof):
    assert (await sent(qprof)).rows == 1000

{mark}@pytest.mark.qprof(rows=1260)
async def test_within(qprof):
    await sent(qprof)
"""
    result = project.run(tests, f"--asyncio-mode={mode}")
    result.assert_outcomes(passed=1, failed=1)


def test_anyio(project: Project) -> None:
    """On asyncio, the only loop that SQLAlchemy's async sessions run on."""
    tests = f"""{ASYNC}
@pytest.fixture
def anyio_backend(): return "asyncio"

@pytest.mark.anyio
@pytest.mark.qprof(rows_amplification=1.5)
async def test_over(qprof):
    assert (await sent(qprof)).rows == 1000
"""
    project.run(tests).assert_outcomes(failed=1)


def test_tasks_that_run_at_once_keep_their_blocks_apart(project: Project) -> None:
    """Two blocks are open beside each other; the test has both."""
    tests = f"""{ASYNC}
import asyncio

@pytest.mark.asyncio
async def test_it(qprof):
    first, second = await asyncio.gather(sent(qprof), sent(qprof))
    assert first.rows == second.rows == 1000
    assert qprof.rows >= 2000
"""
    project.run(tests).assert_outcomes(passed=1)


def test_a_fixture_may_record_too(project: Project) -> None:
    """But the figures of the test itself are not there before its call."""
    tests = """
@pytest.fixture
def filled(session, qprof):
    with qprof.record() as seen:
        get_all(session)
    assert seen.rows == 260
    with pytest.raises(pytest.fail.Exception, match="has not begun"):
        qprof.rows
    return seen

def test_it(filled, qprof):
    assert qprof.rows == 0
"""
    project.run(tests).assert_outcomes(passed=1)
