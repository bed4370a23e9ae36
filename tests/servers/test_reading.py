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
    "call", ["adds", "deletes", "drops", "past_the_session", "makes_a_temporary_table", "locks"]
)
def test_a_call_that_writes_is_refused_by_the_server(tiny, call):
    """One sentence that names the call; the database is what it was."""
    before = dump(tiny)
    with pytest.raises(MeasureError) as caught:
        run_call(tiny, call)
    assert str(caught.value).startswith(f"{call} writes to the database, and qprof only reads: ")
    assert "\n" not in str(caught.value)
    assert dump(tiny) == before


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
