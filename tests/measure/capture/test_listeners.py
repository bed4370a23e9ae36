"""Instruments leave nothing behind, and disturb neither errors nor the user's own listeners."""

from __future__ import annotations

import sqlite3
import traceback

import pytest
from sqlalchemy import Engine, create_engine, event, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from qprof.measure.capture import listeners_installed, record
from tests.measure.capture.models import Author, Book, Tag
from tests.measure.capture.seen import loads, totals
from tests.measure.capture.styles import CORE, NEW_TAGS

ONE = text("SELECT 1")


def test_listeners_are_there_only_while_recording(engine):
    """Before and after a recording, the Engine class has no hook of ours."""
    assert not listeners_installed()
    with record():
        assert listeners_installed()
    assert not listeners_installed()


def test_an_exception_of_the_user_passes_through(engine):
    """The same object leaves the block, and the listeners are gone."""
    error = ValueError("mine")

    def use():
        with record(), engine.connect() as connection:
            connection.execute(ONE)
            raise error

    with pytest.raises(ValueError, match="mine") as caught:
        use()
    assert caught.value is error
    assert not listeners_installed()


def test_a_failing_statement_counts_and_raises_the_same(engine, oracle):
    """SQLAlchemy's own error arrives, with the driver's as its cause, and one query is counted."""
    with engine.connect() as connection:
        with pytest.raises(OperationalError) as unwatched:
            connection.execute(text("SELECT x FROM nowhere"))
        oracle.reset()
        with record() as recording, pytest.raises(OperationalError) as watched:
            connection.execute(text("SELECT x FROM nowhere"))
        assert str(watched.value) == str(unwatched.value)
        assert isinstance(watched.value.__cause__, sqlite3.OperationalError)
        assert totals(recording) == oracle.totals() == (1, 0, 0)
        assert connection.execute(ONE).scalar() == 1


def _failing_engine(error: BaseException) -> Engine:
    class Cursor(sqlite3.Cursor):
        def fetchone(self):
            raise error

        def fetchmany(self, *args, **kwargs):
            raise error

        fetchall = fetchmany
        __next__ = fetchone

    class Connection(sqlite3.Connection):
        def cursor(self, factory=Cursor):
            return super().cursor(factory)

    return create_engine("sqlite://", connect_args={"factory": Connection}, _initialize=False)


@pytest.mark.parametrize("tally", [False, True])
@pytest.mark.parametrize(
    "fetch",
    [lambda r: r.all(), lambda r: r.fetchone(), lambda r: r.fetchmany(2), list],
    ids=["all", "fetchone", "fetchmany", "iterate"],
)
def test_an_error_in_the_middle_of_a_fetch(fetch, tally):
    """What the driver raises while fetching is raised unchanged, wrapped by SQLAlchemy alone."""
    error = sqlite3.OperationalError("disk gone")
    engine = _failing_engine(error)
    with record(tally=tally) as recording, engine.connect() as connection:
        with pytest.raises(OperationalError) as caught:
            fetch(connection.execute(text("SELECT 1")))
        assert caught.value.__cause__ is error
    assert totals(recording) == (1, 0, 0)
    engine.dispose()


def test_an_integrity_error_of_executemany(engine, oracle):
    """A batch that fails is one query, and the connection can be used on."""
    twice = [{"id": 900, "word": "a"}, {"id": 900, "word": "b"}]
    with record() as recording, engine.connect() as connection:
        with pytest.raises(IntegrityError) as caught:
            connection.execute(insert(Tag), twice)
        assert isinstance(caught.value.__cause__, sqlite3.IntegrityError)
        connection.rollback()
        assert connection.execute(ONE).scalar() == 1
    assert totals(recording) == oracle.totals() == (2, 1, 1)


def test_the_traceback_leads_to_the_users_line(engine):
    """The user's frame is in the traceback, as it is without us."""
    with record(), engine.connect() as connection, pytest.raises(OperationalError) as caught:
        connection.execute(text("SELECT x FROM nowhere"))
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert names[0] == "test_the_traceback_leads_to_the_users_line"


def test_handle_error_still_fires(engine):
    """The user's error handler is asked, once."""
    seen = []
    event.listen(engine, "handle_error", lambda context: seen.append(context.statement))
    with record(), engine.connect() as connection, pytest.raises(OperationalError):
        connection.execute(text("SELECT x FROM nowhere"))
    assert seen == ["SELECT x FROM nowhere"]


def test_cursor_events_still_fire(engine, oracle):
    """The user's before_ and after_cursor_execute see each statement, once."""
    seen = []

    @event.listens_for(engine, "before_cursor_execute")
    def before(connection, cursor, statement, parameters, context, many):
        seen.append(("before", statement))

    @event.listens_for(engine, "after_cursor_execute")
    def after(connection, cursor, statement, parameters, context, many):
        seen.append(("after", statement, cursor.description[0][0]))

    with record() as recording, engine.connect() as connection:
        connection.execute(text("SELECT 1 AS one")).all()
    assert seen == [("before", "SELECT 1 AS one"), ("after", "SELECT 1 AS one", "one")]
    assert totals(recording) == oracle.totals()


def test_a_changed_statement_is_run_as_changed(engine, oracle):
    """`before_cursor_execute` may rewrite the SQL; shape and figures stay those of the SELECT."""

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def comment(connection, cursor, statement, parameters, context, many):
        return f"{statement} /* mine */", parameters

    with record() as recording, Session(engine) as session:
        session.scalars(select(Author)).all()
        session.execute(insert(Tag), NEW_TAGS[:3])
    assert totals(recording) == oracle.totals() == (2, 12, 36)
    assert recording.executions()[0].entities


@pytest.mark.parametrize("handles", [True, None], ids=["returns True", "returns None"])
@pytest.mark.parametrize("scope", ["engine", "class"])
@pytest.mark.parametrize("when", ["before", "during"])
def test_a_do_execute_listener_of_the_user_works_on(engine, oracle, when, scope, handles):
    """It is called once for each statement, whoever runs it, and the counts stay exact."""
    seen = []

    def own(cursor, statement, parameters, context):
        seen.append(statement)
        if handles:
            cursor.execute(statement, parameters)
        return handles

    target = engine if scope == "engine" else Engine
    if when == "before":
        event.listen(target, "do_execute", own)
    with record() as recording, engine.connect() as connection:
        if when == "during":
            event.listen(target, "do_execute", own)
        assert len(connection.execute(CORE).all()) == 40
        assert len(list(connection.execute(CORE))) == 40
    event.remove(target, "do_execute", own)
    assert len(seen) == 2
    assert totals(recording) == oracle.totals() == (2, 80, 160)


@pytest.mark.parametrize("name", ["do_executemany", "do_execute_no_params"])
def test_its_siblings_work_on_too(engine, oracle, name):
    """The same holds for batches, and for SQL without parameters."""
    seen = []
    event.listen(engine, name, lambda *arguments: seen.append(arguments[1]))
    with record() as recording, engine.connect() as connection:
        connection.execute(insert(Tag), NEW_TAGS[:5])
        bare = connection.execution_options(no_parameters=True)
        bare.exec_driver_sql("SELECT 1").all()
    assert len(seen) == 1
    assert totals(recording) == oracle.totals() == (2, 1, 1)


def test_an_error_of_a_listener_of_the_user(engine):
    """What the user's listener raises arrives, and nothing stays behind."""

    @event.listens_for(engine, "do_execute")
    def own(cursor, statement, parameters, context):
        raise KeyError(statement)

    with record() as recording, engine.connect() as connection, pytest.raises(KeyError):
        connection.execute(ONE)
    assert len(recording.sent) == 1


@pytest.mark.parametrize("when", ["before", "during"])
def test_engines_of_any_age_are_seen(house, when):
    """Old engines and new ones, without being told of them."""
    early = create_engine(house)
    with record() as recording:
        engine = early if when == "before" else create_engine(house)
        with engine.connect() as connection:
            connection.execute(ONE).all()
    assert totals(recording) == (1, 1, 1)
    early.dispose()
    engine.dispose()


def test_two_engines_share_a_recording(engine, house):
    """A recording is of a stretch of code, not of an engine."""
    other = create_engine(house)
    with record() as recording, engine.connect() as first, other.connect() as second:
        first.execute(ONE).all()
        second.execute(ONE).all()
    assert totals(recording) == (2, 2, 2)
    other.dispose()


def test_engines_with_options_are_seen(engine):
    """`Engine.execution_options` makes a copy that shares the dialect."""
    with record() as recording, engine.execution_options(logging_token="x").connect() as connection:
        connection.execute(ONE).all()
    assert totals(recording) == (1, 1, 1)


@pytest.mark.parametrize("take", [lambda r: r.all(), list, lambda r: r.fetchmany(50)])
def test_a_result_outlives_its_recording(engine, take):
    """A result that is still open can be read on; what it gives then belongs to nobody."""
    with engine.connect() as connection:
        with record() as recording:
            result = connection.execute(CORE)
            assert len(result.fetchmany(3)) == 3
        assert totals(recording)[1] == 3
        assert len(take(result)) == 37
        assert connection.execute(ONE).scalar() == 1


def test_the_inner_of_two_recordings_counts(engine):
    """Nested, each statement belongs to the innermost recording, and the outer one goes on."""
    with record() as outer, engine.connect() as connection:
        connection.execute(ONE).all()
        with record() as inner:
            connection.execute(ONE).all()
            connection.execute(ONE).all()
        assert listeners_installed()
        connection.execute(ONE).all()
    assert (totals(outer)[0], totals(inner)[0]) == (2, 2)


def test_nested_recordings_survive_an_error(engine):
    """An error in the inner one leaves the outer one counting."""
    with record() as outer, engine.connect() as connection:
        with pytest.raises(ZeroDivisionError), record():
            1 / 0  # noqa: B018
        connection.execute(ONE).all()
    assert totals(outer) == (1, 1, 1)


def test_recordings_one_after_the_other(engine):
    """The second starts at nothing."""
    found = []
    for _ in range(2):
        with record() as recording, Session(engine) as session:
            session.scalars(select(Book)).all()
        found.append((loads(recording), totals(recording)))
    assert found[0] == found[1]


def test_origin_is_given_to_each_execution(engine):
    """Whoever groups executions can say to what each belongs."""
    with record() as recording, engine.connect() as connection:
        recording.origin = "a"
        connection.execute(ONE).all()
        recording.origin = "b"
        connection.execute(ONE).all()
    assert [sent.origin for sent in recording.sent] == ["a", "b"]
