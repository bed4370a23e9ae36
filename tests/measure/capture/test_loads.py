"""Which executions are one load, and what a SELECT loads; the witness stands below SQLAlchemy."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import (
    Session,
    immediateload,
    joinedload,
    lazyload,
    load_only,
    selectin_polymorphic,
    selectinload,
    subqueryload,
)
from sqlalchemy.pool import StaticPool

from qprof.measure.capture import record
from qprof.measure.orm import load_contexts
from tests.measure.capture.load_models import Base, Box, Note, Thing, Tool, fill
from tests.measure.capture.oracle import Counts, witnessed_engine

Work = Callable[[Session], Any]
THINGS = selectinload(Box.things)
BOXES = select(Box).options(THINGS)


@pytest.fixture(scope="module")
def boxes() -> Iterator[tuple[Engine, Counts]]:
    """Yield an engine over 1,200 boxes, and what SQLite was asked for."""
    engine, counts = witnessed_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        fill(session)
    yield engine, counts
    engine.dispose()


def rows(session: Session, statement: Any) -> list[Any]:
    """Return all objects of a statement, in an empty session."""
    session.expunge_all()
    return list(session.scalars(statement).unique())


def batches(session: Session, size: int) -> list[Any]:
    """Return all boxes, so many at a time."""
    return list(session.scalars(BOXES.execution_options(yield_per=size)))


def on_other_lines(session: Session) -> None:
    """Send a statement on one line, and fetch its rows on another."""
    result = session.scalars(BOXES)
    result.all()


def for_each_parent(session: Session) -> None:
    """Read three collections, each of which loads more along with it."""
    option = lazyload(Box.things).selectinload(Thing.notes)
    assert all(each.things for each in rows(session, select(Box).limit(3).options(option)))


CHUNKED: dict[str, tuple[Work, int, int]] = {
    "a selectin": (lambda s: rows(s, BOXES), 4, 2),
    "a selectin that is fetched elsewhere": (on_other_lines, 4, 2),
    "one full chunk": (lambda s: rows(s, BOXES.limit(500)), 2, 2),
    "pages of one full chunk": (
        lambda s: [rows(s, BOXES.limit(500).offset(at)) for at in (0, 500)],
        4,
        4,
    ),
    "one statement object, sent twice": (lambda s: [rows(s, BOXES), rows(s, BOXES)], 8, 4),
    "a chain": (lambda s: rows(s, select(Box).options(THINGS.selectinload(Thing.notes))), 7, 3),
    "a subqueryload below a selectin": (
        lambda s: rows(s, select(Box).options(THINGS.subqueryload(Thing.notes))),
        7,
        3,
    ),
    "two statements with a subqueryload below": (
        lambda s: [rows(s, select(Box).options(THINGS.subqueryload(Thing.notes))) for _ in "12"],
        14,
        6,
    ),
    "a selectin below a subqueryload": (
        lambda s: rows(s, select(Box).options(subqueryload(Box.things).selectinload(Thing.notes))),
        5,
        3,
    ),
    "to-one": (lambda s: rows(s, select(Thing).options(selectinload(Thing.box))), 4, 2),
    "batches are loads": (
        lambda s: batches(s, 400),
        4,
        4,
    ),
    "batches of two chunks": (lambda s: batches(s, 600), 5, 3),
    "columns of a subclass": (
        lambda s: rows(s, select(Thing).options(selectin_polymorphic(Thing, [Tool]))),
        3,
        2,
    ),
    "columns of a subclass below": (
        lambda s: rows(s, select(Box).options(THINGS.selectin_polymorphic([Tool]))),
        6,
        3,
    ),
    "a selectin for each parent": (for_each_parent, 7, 7),
}


@pytest.mark.parametrize("name", CHUNKED)
def test_chunks_of_one_selectin_are_one_load(boxes: tuple[Engine, Counts], name: str) -> None:
    """Queries are what SQLite was asked for; loads do not grow with the number of parents."""
    work, queries, wanted = CHUNKED[name]
    engine, counts = boxes
    with Session(engine) as session:
        counts.reset()
        with record() as recording:
            work(session)
    executions = recording.executions()
    assert (sum(each.count for each in executions), counts.queries) == (queries, queries)
    assert sum(each.loads for each in executions) == wanted


def test_loads_that_run_at_once_stay_apart(boxes: tuple[Engine, Counts], tmp_path: Any) -> None:
    """Two threads whose chunks alternate: a load each."""
    engine, _ = witnessed_engine(f"sqlite:///{tmp_path / 'boxes.db'}")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        fill(session)

    def read(_: int) -> None:
        with Session(engine) as session:
            rows(session, BOXES)

    with record() as recording, ThreadPoolExecutor(2) as pool:
        list(pool.map(read, range(6)))
    executions = recording.executions()
    assert sum(each.count for each in executions) == 6 * 4
    assert sum(each.loads for each in executions) == 6 * 2
    engine.dispose()


def test_nothing_is_kept_of_a_load_that_ended(boxes: tuple[Engine, Counts]) -> None:
    """Not the statement, and no entry for it."""
    with Session(boxes[0]) as session, record():
        # SQLAlchemy's cache of compiled statements keeps the one that was compiled.
        rows(session, BOXES.limit(2))
        gc.collect()
        before = len(load_contexts._loads)
        for _ in range(20):
            rows(session, BOXES.limit(2))
    gc.collect()
    assert len(load_contexts._loads) <= before


def read_after(options: Any, name: str, *, of: str = "") -> Work:
    """Return what reads a column of three boxes, or of their things."""

    def work(session: Session) -> None:
        for box in rows(session, select(Box).options(*options).limit(3)):
            for each in getattr(box, of) if of else [box]:
                getattr(each, name, None)

    return work


def expired(session: Session) -> None:
    """Read objects after a commit."""
    found = rows(session, select(Box).limit(3))
    session.commit()
    assert [each.label for each in found]


def refreshed(session: Session) -> None:
    """Load objects anew, one by one."""
    for each in rows(session, select(Box).options(selectinload(Box.things)).limit(3)):
        session.refresh(each, ["label"])


BELOW = ("Box.things",)
STORIES = [("columns", 2, "Thing", BELOW, ("story",)), ("columns", 1, "Thing", BELOW, ("story",))]
KINDS: dict[str, tuple[Work, list[tuple[Any, ...]]]] = {
    "entities": (lambda s: rows(s, select(Box)), [("root", 1, "Box")]),
    "by key": (lambda s: [s.get(Box, 1), s.get(Box, 2)], [("root", 2, "Box")]),
    "values": (lambda s: s.scalar(select(func.count()).select_from(Box)), [("values", 1, None)]),
    "values of a column": (lambda s: s.scalars(select(Box.label)).all(), [("values", 1, None)]),
    "text": (lambda s: s.execute(text("SELECT 1")), [("other", 1, None)]),
    "a collection": (
        lambda s: rows(s, BOXES.limit(3)),
        [("root", 1, "Box"), ("collection", 1, "Box")],
    ),
    "one of a collection at a time": (
        lambda s: rows(s, select(Box).options(immediateload(Box.things)).limit(3)),
        [("root", 1, "Box"), ("collection", 3, "Box")],
    ),
    "to-one": (
        lambda s: (
            [each.thing_id for each in rows(s, select(Note).limit(2))]
            and [each.box for each in rows(s, select(Thing).limit(2))]
        ),
        [("root", 1, "Note"), ("root", 1, "Thing"), ("to-one", 2, "Thing")],
    ),
    "a deferred column": (read_after([], "story"), [("root", 1, "Box"), ("columns", 3, "Box")]),
    "a deferred column below a selectin": (
        read_after([THINGS], "story", of="things"),
        [("root", 1, "Box"), ("collection", 1, "Box"), *STORIES],
    ),
    "a deferred column below a join": (
        read_after([joinedload(Box.things)], "story", of="things"),
        [("root", 1, "Box"), *STORIES],
    ),
    "a column that load_only left out": (
        read_after([load_only(Box.id)], "label"),
        [("root", 1, "Box"), ("columns", 3, "Box", (), ("label",))],
    ),
    "a column of a subclass": (
        read_after([THINGS], "use", of="things"),
        [("root", 1, "Box"), ("collection", 1, "Box"), ("columns", 2, "Tool", BELOW, ("use",))],
    ),
    "expired": (expired, [("root", 1, "Box"), ("expired", 3, "Box")]),
    "refreshed": (
        refreshed,
        [("root", 1, "Box"), ("collection", 1, "Box"), ("refresh", 3, "Box")],
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_what_a_select_loads(boxes: tuple[Engine, Counts], name: str) -> None:
    """A SELECT for an object that exists is a load of columns, and never one of a path."""
    work, wanted = KINDS[name]
    engine, counts = boxes
    with Session(engine) as session:
        counts.reset()
        with record() as recording:
            work(session)
    executions = recording.executions()
    facts = [
        (each.kind, each.count, each.entity, each.below, each.attributes) for each in executions
    ]
    assert [fact[: len(each)] for fact, each in zip(facts, wanted, strict=True)] == wanted
    assert all(each.path is None for each in executions if each.kind in ("columns", "expired"))
    assert sum(each.count for each in executions) == counts.queries
