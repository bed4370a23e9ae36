from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from qprof.domain.errors import MeasureError
from qprof.runs.profile import profile
from qprof.runs.request import Request
from qprof.targets.database import keep_read_only
from tests.servers.conftest import dump, shown

pytestmark = pytest.mark.server
WRITERS = "tests.servers.writers"


def run_call(url, name):
    return profile(Request([name], target=f"{WRITERS}:{name}", database=shown(url)), lambda _: None)


@pytest.mark.parametrize(
    "call", ["adds", "deletes", "drops", "past_the_session", "makes_a_temporary_table"]
)
def test_a_call_that_writes_is_refused_by_the_server(tiny, call):
    """One sentence that names the call; the database is what it was."""
    before = dump(tiny)
    with pytest.raises(MeasureError) as caught:
        run_call(tiny, call)
    assert str(caught.value).startswith(f"{call} writes to the database, and qprof only reads: ")
    assert "\n" not in str(caught.value)
    assert dump(tiny) == before


@pytest.mark.parametrize("call", ["locks", "locks_by_a_text"])
def test_a_call_that_locks_rows_is_measured_without_the_lock(tiny, call):
    """It does not wait for who holds the rows, which would be who waits for it. That is said."""
    engine = create_engine(tiny)
    with engine.begin() as other:
        other.execute(text("SELECT * FROM genres FOR UPDATE"))
        (found,) = run_call(tiny, call).calls
    engine.dispose()
    assert (found.rows, found.exactness) == (4, "measured")
    assert any("without the lock" in each for each in found.notes)


def test_a_lock_that_the_server_would_not_take_is_an_error_here_too(tiny):
    """PostgreSQL locks no nullable side of an outer join; MariaDB does."""
    if tiny.get_backend_name() == "mariadb":
        assert run_call(tiny, "locks_too_much").calls[0].queries == 1
    else:
        with pytest.raises(MeasureError, match="nullable side of an outer join"):
            run_call(tiny, "locks_too_much")


def test_a_lock_past_sqlalchemy_is_no_write(tiny):
    """PostgreSQL refuses it; PyMySQL sends it without the lock."""
    if tiny.get_backend_name() == "mariadb":
        assert run_call(tiny, "locks_past_sqlalchemy").calls[0].queries == 1
    else:
        with pytest.raises(MeasureError, match="locks_past_sqlalchemy locks rows of the database"):
            run_call(tiny, "locks_past_sqlalchemy")


def test_a_call_that_asks_for_autocommit_writes_nothing(tiny):
    """The driver's connection begins a read-only transaction all the same."""
    before = dump(tiny)
    with pytest.raises(MeasureError, match="and qprof only reads"):
        run_call(tiny, "without_transaction")
    assert dump(tiny) == before


def test_a_call_that_commits_and_goes_on_reading_is_measured(tiny):
    """A commit ends one read-only transaction, and the next one is read-only, too."""
    report = run_call(tiny, "commits")
    assert report.calls[0].rows == 8
    assert report.calls[0].queries == 5


def test_a_connection_stays_read_only_when_it_comes_from_the_pool_again(tiny):
    """What was set for the first use holds for the next ones."""
    engine = keep_read_only(create_engine(tiny, pool_size=1, max_overflow=0))
    for _ in range(3):
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            with pytest.raises(Exception, match=r"(?i)read[- ]only transaction"):
                connection.execute(text("DELETE FROM playlist_tracks"))
    engine.dispose()


def test_the_report_says_which_database_was_read(tiny):
    """The library says on a server, too, how it was made."""
    report = run_call(tiny, "commits")
    assert report.environment.database == shown(tiny)
    assert report.environment.dialect == tiny.get_backend_name()
    assert report.environment.library.recipe == "tiny"
