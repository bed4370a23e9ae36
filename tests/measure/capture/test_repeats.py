"""What is the same statement, what is a repeat, and in how many chunks selectin asks."""

import pytest
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    Table,
    bindparam,
    create_engine,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy.orm import Session, selectinload, subqueryload

from qprof.domain.trace import Cost
from qprof.measure.capture import record
from qprof.measure.capture.executions import fold
from qprof.measure.capture.sent import Sent, begun
from tests.measure.capture.models import Author, Base, Book, Prize, Tag
from tests.measure.capture.oracle import witnessed_engine
from tests.measure.capture.seen import loads, only, totals


def test_a_repeat_sends_the_same_parameters_again(session):
    """The first time is none; each later one is, with its cost."""
    with record() as recording:
        for author_id in (1, 2, 2, 1, 2):
            session.execute(select(Book.id, Book.title).where(Book.author_id == author_id)).all()
    execution = only(recording)
    assert (execution.count, execution.rows, execution.repeats) == (5, 20, 3)
    assert execution.repeated == Cost(3, 12, 24)


def test_the_same_statement_to_another_database_is_no_repeat():
    """Nor is it one to the first database again, by an engine with options of its own."""
    engines = [create_engine("sqlite://") for _ in range(3)]
    again = engines[0].execution_options(logging_token="again")
    with record() as recording:
        for engine in (*engines, again):
            with engine.connect() as connection:
                connection.execute(select(literal(1))).all()
    execution = only(recording)
    assert (execution.count, execution.repeats, execution.repeated) == (4, 1, Cost(1, 1, 1))


def test_statements_are_told_apart_by_their_line(session):
    """From two lines, a statement has two; its repeat is still seen."""
    with record() as recording:
        session.execute(select(Tag.id)).all()
        session.execute(select(Tag.id)).all()
    first, second = recording.executions()
    assert (first.count, first.repeats) == (1, 0)
    assert (second.count, second.repeats) == (1, 1)


def test_one_text_for_all_lengths_of_an_in_list(session):
    """Expanding IN lists are one statement, and no repeats of each other."""
    with record() as recording:
        for length in (1, 3, 3, 7):
            session.execute(select(Tag.id).where(Tag.id.in_(range(length)))).all()
    assert (only(recording).count, only(recording).repeats) == (4, 1)
    assert "POSTCOMPILE" in only(recording).sql


def test_literals_that_are_rendered_late_are_no_repeats(session):
    """Same statement, same parameters, and yet another text for the database."""
    late = select(Tag.id).where(Tag.id == bindparam("id", type_=Integer, literal_execute=True))
    with record() as recording:
        for tag_id in (1, 2, 2):
            session.execute(late, {"id": tag_id}).all()
    assert (only(recording).count, only(recording).repeats) == (3, 1)


def test_driver_sql_repeats_by_its_text(engine):
    """Values in it are values: the statement is one, and only the same text is a repeat."""
    with record() as recording, engine.connect() as connection:
        for number in (1, 1, 2):
            connection.exec_driver_sql(f"SELECT {number}").all()
    assert [(each.count, each.repeats) for each in recording.executions()] == [(3, 1)]


@pytest.mark.parametrize("parameters", [{"a": 1, "b": [2]}, {"a": 1, "b": {"c": 3}}], ids=str)
def test_parameters_that_have_no_hash(parameters):
    """Lists and dicts, which some drivers take, repeat like everything else."""
    sent = [begun(Sent, "SELECT 1", each) for each in (parameters, dict(parameters), {"a": 2})]
    assert fold(sent)[0].repeats == 1


def test_a_default_that_is_selected_beforehand_is_a_statement_of_its_own(engine, oracle):
    """Its text is its own, not that of the INSERT that needs it."""
    table = Table(
        "counted",
        MetaData(),
        Column("id", Integer, primary_key=True, default=select(literal(7)).scalar_subquery()),
        Column("value", Integer),
        implicit_returning=False,
    )
    with engine.connect() as connection:
        table.create(connection)
        oracle.reset()
        with record() as recording:
            result = connection.execute(insert(table).values(value=1))
            assert result.inserted_primary_key == (7,)
    assert totals(recording) == oracle.totals() == (2, 1, 1)
    default, inserted = recording.executions()
    assert default.sql.startswith("SELECT")
    assert (default.rows, default.strategy) == (1, "root")
    assert (inserted.sql[:6], inserted.rows) == ("INSERT", 0)


def test_text_keeps_its_words(session):
    """A textual statement is shown as it was written."""
    with record() as recording:
        session.execute(text("SELECT id FROM tag WHERE id = :id"), {"id": 1}).all()
    assert only(recording).sql == "SELECT id FROM tag WHERE id = ?"


@pytest.mark.parametrize(
    ("parents", "chunks"), [(0, 0), (1, 1), (499, 1), (500, 1), (501, 2), (1000, 2), (1001, 3)]
)
def test_selectin_asks_for_500_parents_at_a_time(parents, chunks):
    """Chunks are one line with a count, exact at its edges, and no repeats."""
    engine, oracle = witnessed_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        if parents:
            values = [{"id": i, "name": "a"} for i in range(1, parents + 1)]
            session.execute(insert(Author), values)
            session.execute(insert(Prize), [{"author_id": i} for i in range(1, parents + 1)])
        oracle.reset()
        with record() as recording:
            session.scalars(select(Author).options(selectinload(Author.prizes))).all()
    assert (
        loads(recording)
        == [("root", None, 1), ("selectin", "Author.prizes", chunks)][: 1 + bool(chunks)]
    )
    assert totals(recording) == oracle.totals()
    assert sum(each.repeats for each in recording.executions()) == 0
    engine.dispose()


def test_subqueryload_never_chunks():
    """One statement, however many parents."""
    engine, _ = witnessed_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.execute(insert(Author), [{"id": i, "name": "a"} for i in range(1, 1002)])
        with record() as recording:
            session.scalars(select(Author).options(subqueryload(Author.prizes))).all()
    assert loads(recording) == [("root", None, 1), ("subquery", "Author.prizes", 1)]
    engine.dispose()
