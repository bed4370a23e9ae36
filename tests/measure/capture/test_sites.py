"""The call site: file, line and function of the user's own code, sync and async."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from qprof.domain.trace import Site
from qprof.measure.capture import record, sites, stacks
from qprof.measure.capture.sites import call_site_of
from qprof.seeding.library.models import Base as LibraryBase
from qprof.seeding.library.repositories import Repositories
from tests.measure.capture.models import Author
from tests.measure.capture.seen import only

HERE = Path(__file__).relative_to(Path.cwd()).as_posix()


def line_of(function, marker):
    """Return the number of the line in `function` that has `marker` on it."""
    lines, start = inspect.getsourcelines(function)
    return start + next(i for i, line in enumerate(lines) if line.rstrip().endswith(marker))


def fetch_names(session):
    """Ask from a helper."""
    return session.scalars(select(Author.name)).all()  # helper


def test_a_site_is_the_line_that_asked(session):
    """File, line and function are exact."""
    with record() as recording:
        session.scalars(select(Author.name)).all()  # here
    function = test_a_site_is_the_line_that_asked
    assert only(recording).site == Site(HERE, line_of(function, "# here"), function.__name__)


def test_a_helper_is_the_site_not_its_caller(session):
    """The innermost frame of the user's code counts."""
    with record() as recording:
        fetch_names(session)
    assert only(recording).site == Site(HERE, line_of(fetch_names, "# helper"), "fetch_names")


@stacks.own_read
def read_books(authors):
    """Read for qprof, from a file that counts as qprof's."""
    return [author.books for author in authors]


def test_what_qprof_reads_has_no_line_of_the_user_s(session, monkeypatch):
    """A main program that runs qprof is not what sends it, nor is an installed library around."""
    authors = session.scalars(select(Author)).all()
    monkeypatch.setitem(stacks._verdicts, __file__, 2)
    monkeypatch.setattr(sites, "_last", {})
    with record() as recording:
        read_books(authors)
    assert sum(each.count for each in recording.executions()) == len(authors) > 0
    assert {each.site for each in recording.executions()} == {None}


def test_a_lazy_load_has_the_line_that_touched_it(session):
    """SQLAlchemy's own frames are looked through."""
    with record() as recording:
        for author in session.scalars(select(Author)):
            author.books  # noqa: B018  # touch
    function = test_a_lazy_load_has_the_line_that_touched_it
    assert recording.executions()[1].site == Site(
        HERE, line_of(function, "# touch"), function.__name__
    )


def test_a_lambda_and_a_comprehension_are_sites(session):
    """Nameless functions have a line, too."""
    ask = lambda: session.scalars(select(Author.id)).all()  # noqa: E731  # lambda
    with record() as recording:
        ask()
    function = test_a_lambda_and_a_comprehension_are_sites
    assert only(recording).site == Site(HERE, line_of(function, "# lambda"), "<lambda>")


def test_async_code_is_found_across_the_greenlet(house):
    """The coroutine that awaits is the site, through any number of awaits."""

    async def ask(session):
        return (await session.scalars(select(Author.id))).all()  # await

    async def main():
        engine = create_async_engine(house.replace("sqlite:", "sqlite+aiosqlite:"))
        async with AsyncSession(engine) as session:
            with record() as recording:
                await ask(session)
        await engine.dispose()
        return recording

    function = test_async_code_is_found_across_the_greenlet
    assert only(asyncio.run(main())).site == Site(HERE, line_of(function, "# await"), "ask")


async def _ask_names(session):
    return (await session.scalars(select(Author.name))).all()  # names


def test_the_same_sql_is_found_wherever_it_is_awaited(house):
    """A remembered place is left again: for another line, another coroutine, a sync helper."""

    async def main():
        engine = create_async_engine(house.replace("sqlite:", "sqlite+aiosqlite:"))
        async with AsyncSession(engine) as session:
            with record() as recording:
                for _ in range(2):
                    (await session.scalars(select(Author.name))).all()  # one
                    (await session.scalars(select(Author.name))).all()  # two
                    await _ask_names(session)
                    await session.run_sync(fetch_names)
        await engine.dispose()
        return [each.site.line for each in recording.sent]

    here = test_the_same_sql_is_found_wherever_it_is_awaited
    lines = [line_of(here, "# one"), line_of(here, "# two")]
    lines += [line_of(_ask_names, "# names"), line_of(fetch_names, "# helper")]
    assert asyncio.run(main()) == lines * 2


def test_run_sync_has_the_line_inside(house):
    """Sync code inside the greenlet is nearer than the coroutine around it."""

    async def main():
        engine = create_async_engine(house.replace("sqlite:", "sqlite+aiosqlite:"))
        async with AsyncSession(engine) as session:
            with record() as recording:
                await session.run_sync(fetch_names)
        await engine.dispose()
        return recording

    assert only(asyncio.run(main())).site == Site(
        HERE, line_of(fetch_names, "# helper"), "fetch_names"
    )


def test_the_built_in_library_is_users_code(session):
    """The sample app inside of qprof is looked at like any other."""
    LibraryBase.metadata.create_all(session.connection())
    with record() as recording:
        Repositories(session).artists.search()
    site = only(recording).site
    assert site.file == "qprof/seeding/library/repositories/artists.py"
    assert site.function == "search"


PROGRAM = """
    import asyncio
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine
    from qprof.measure.capture import record

    async def main():
        engine = create_async_engine("sqlite+aiosqlite://")
        async with engine.connect() as connection:
            with record() as recording:
                await connection.execute(text("SELECT 1"))
        await engine.dispose()
        print(recording.executions()[0].site)

    asyncio.run(main())
"""


def test_code_without_a_file_has_no_site_of_its_own():
    """`python -c` around async code gives a library's frame, and comes to an end."""
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "asyncio" in done.stdout


@pytest.mark.parametrize(
    ("file", "verdict"),
    [
        ("/home/me/app/repositories.py", 0),
        ("app.py", 0),
        (str(Path(sites.__file__).parents[2] / "seeding" / "library" / "models.py"), 0),
        (str(Path(pytest.__file__)), 1),
        (inspect.getfile(asyncio), 1),
        (str(Path(sys.executable).parent / "qprof"), 1),
        (str(Path(sqlalchemy.__file__).parent.with_name("sqlalchemy_utils") / "a.py"), 1),
        (sqlalchemy.__file__, 2),
        (sites.__file__, 2),
        (str(Path(sites.__file__).parents[2] / "domain" / "trace.py"), 2),
        ("<string>", 2),
        ("<frozen runpy>", 2),
    ],
)
def test_whose_file_it_is(file, verdict):
    """A file is the user's (0), an installed library's or script's (1), or ours (2)."""
    assert stacks.judge(file) == verdict


def test_an_installed_library_is_better_than_nothing(session, tmp_path, monkeypatch):
    """Where no frame is the user's, the innermost of a library is shown."""
    monkeypatch.setattr(sites, "_last", {})  # no place is remembered from an earlier test
    monkeypatch.setattr(sites, "verdict", lambda file: 1 if "test_sites" in file else 2)
    with record() as recording:
        fetch_names(session)
    assert only(recording).site.function == "fetch_names"


def test_no_frame_at_all_is_no_site(session, monkeypatch):
    """Code that nobody can point at has no site, and is counted."""
    monkeypatch.setattr(sites, "_last", {})
    monkeypatch.setattr(sites, "verdict", lambda file: 2)
    with record() as recording:
        fetch_names(session)
    assert only(recording).site is None
    assert only(recording).rows == 12


def test_an_error_names_the_users_line(house):
    """The innermost frame of the user's code in a traceback."""
    engine = create_engine(house)
    place = ""
    with engine.connect() as connection:
        try:
            connection.execute(text("SELECT nothing FROM nowhere"))  # wrong
        except OperationalError as error:
            place = call_site_of(error)
    engine.dispose()
    function = test_an_error_names_the_users_line
    assert place == f"{HERE}:{line_of(function, '# wrong')} in {function.__name__}"


def test_an_error_without_a_place():
    """An exception that was never raised has none."""
    assert call_site_of(ValueError()) == "outside of any file of yours"
