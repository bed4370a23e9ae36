"""Exact whatever the style: queries, rows and cells are those that SQLite saw."""

import pytest
from sqlalchemy.orm import Session

from qprof.measure.capture import record
from tests.measure.capture.models import Book
from tests.measure.capture.seen import loads, totals
from tests.measure.capture.styles import CORE, STYLES


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("tally", [False, True], ids=["plain", "tally"])
@pytest.mark.filterwarnings("ignore:.*legacy:sqlalchemy.exc.SAWarning")
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.LegacyAPIWarning")
def test_counts_are_those_of_the_oracle(engine, oracle, style, tally):
    """However a statement is sent and its result is consumed, nothing is lost or made up."""
    with record(tally=tally) as recording:
        STYLES[style](engine)
    assert totals(recording) == oracle.totals()
    assert oracle.queries > 0


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.LegacyAPIWarning")
def test_a_style_asks_the_same_unwatched(engine, oracle, style):
    """Recording changes neither what is sent nor what is fetched."""
    STYLES[style](engine)
    unwatched = oracle.totals()
    oracle.reset()
    with record():
        STYLES[style](engine)
    assert oracle.totals() == unwatched


def test_the_identity_map_costs_nothing(engine, oracle):
    """A get that the session answers itself is no query."""
    with Session(engine) as session:
        book = session.get(Book, 1)
        with record() as recording:
            assert session.get(Book, 1) is book
    assert loads(recording) == []
    assert oracle.queries == 1


def test_missed_raw_connection(engine, oracle):
    """Miss: `engine.raw_connection()` hands out the driver's own cursor, which is not counted."""
    with record() as recording:
        connection = engine.raw_connection()
        cursor = connection.cursor()
        assert len(cursor.execute("SELECT id FROM book").fetchall()) == 40
        connection.close()
    assert totals(recording) == (0, 0, 0)
    assert oracle.totals() == (1, 40, 40)


def test_missed_driver_connection(engine, oracle):
    """Miss: the same holds for a cursor of `connection.connection`, for the same reason."""
    with record() as recording, engine.connect() as connection:
        cursor = connection.connection.cursor()
        cursor.execute("SELECT id FROM book").fetchall()
        cursor.close()
    assert totals(recording) == (0, 0, 0)
    assert oracle.rows == 40


def test_missed_cursor_of_a_result(engine, oracle):
    """Miss: of `result.cursor`, the driver's own, the execution is counted, but no row."""
    with record() as recording, engine.connect() as connection:
        result = connection.exec_driver_sql("SELECT id FROM book")
        assert len(result.cursor.fetchall()) == 40
        result.close()
    assert totals(recording) == (1, 0, 0)
    assert oracle.totals() == (1, 40, 40)


def test_a_result_still_open_is_counted_so_far(engine, oracle):
    """`executions` may be asked at any time, and again after more rows were taken."""
    with record() as recording, engine.connect() as connection:
        rows = iter(connection.execute(CORE))
        next(rows), next(rows)
        assert totals(recording) == oracle.totals() == (1, 2, 4)
        next(rows)
        assert totals(recording) == oracle.totals() == (1, 3, 6)
        assert totals(recording) == (1, 3, 6)
        assert len(list(rows)) == 37
        assert totals(recording) == oracle.totals() == (1, 40, 80)


def test_empty_recording(engine, oracle):
    """Nothing sent gives no execution."""
    with record() as recording:
        pass
    assert recording.executions() == ()


def test_times_are_measured(engine):
    """Executing and fetching take time; rows taken one by one have no fetch time."""
    with record() as recording, engine.connect() as connection:
        connection.execute(CORE).all()
        list(connection.execute(CORE.where(CORE.selected_columns.id > 0)))
    whole, single = recording.executions()
    assert whole.execute > 0
    assert whole.fetch is not None
    assert whole.fetch > 0
    assert single.fetch is None
