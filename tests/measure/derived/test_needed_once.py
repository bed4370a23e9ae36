"""What is not needed twice: columns that come late, repeats with their children, and refreshes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session, joinedload, load_only, selectinload, subqueryload
from sqlalchemy.pool import StaticPool

from tests.measure.capture.load_models import Base, Box, Note, Thing, fill
from tests.measure.capture.oracle import Counts, witnessed_engine
from tests.measure.derived.test_derived import derived, measured

THINGS = selectinload(Box.things)


@pytest.fixture
def boxes() -> Iterator[tuple[Engine, Counts]]:
    """Yield an engine over 20 boxes with a thing each, and what SQLite was asked for."""
    engine, counts = witnessed_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        fill(session, 20)
    yield engine, counts
    engine.dispose()


def read(statement: Any, *names: str) -> Callable[[Session], list[Any]]:
    """Return what reads an attribute of an attribute of each object of `statement`."""

    def work(session: Session) -> list[Any]:
        found = list(session.scalars(statement).unique())
        for name in names:
            found = [getattr(each, name, None) for each in found]
            found = [one for each in found for one in (each if isinstance(each, list) else [each])]
        return [str(each) for each in found]

    return work


def labels(session: Session, *, write: Any = None) -> list[str]:
    """Load all boxes and things twice; with `write`, after a write in between."""
    first = read(select(Box).options(THINGS), "things", "kind")(session)
    if write is not None:
        session.execute(write)
    session.expunge_all()
    return first + read(select(Box).options(THINGS), "things", "kind")(session)


def after_commit(session: Session) -> list[str]:
    """Read what a commit expired."""
    found = list(session.scalars(select(Box)))
    session.commit()
    return [each.label for each in found]


def refreshed(session: Session) -> str:
    """Get one object, and two of its relationships anew."""
    thing = session.get_one(Thing, 2)
    session.refresh(thing, ["notes", "parts"])
    return thing.kind


def populated(session: Session) -> list[str]:
    """Load all boxes and things twice into the same objects."""
    statement = select(Box).options(THINGS)
    session.scalars(statement).all()
    again = session.scalars(statement.execution_options(populate_existing=True)).all()
    return [each.label for each in again]


STORIES = {
    "of roots": (read(select(Box), "story"), (21, 40), (1, 20)),
    "below a selectin": (read(select(Box).options(THINGS), "things", "story"), (22, 60), (2, 40)),
    "below a join": (
        read(select(Box).options(joinedload(Box.things)), "things", "story"),
        (21, 40),
        (2, 40),
    ),
    "left out by load_only": (
        read(select(Box).options(THINGS.load_only(Thing.box_id)), "things", "weight"),
        (22, 60),
        (2, 40),
    ),
    "left out of roots": (read(select(Box).options(load_only(Box.id)), "label"), (21, 40), (1, 20)),
    "of a subclass": (read(select(Thing), "use"), (11, 30), (1, 20)),
    "of a subclass below": (read(select(Box).options(THINGS), "things", "use"), (12, 50), (2, 40)),
    "expired": (after_commit, (21, 40), (1, 20)),
    "again, with a selectin": (labels, (4, 80), (2, 40)),
    "populated again": (populated, (4, 80), (2, 40)),
    "again after a write elsewhere": (
        lambda s: labels(s, write=insert(Note).values(thing_id=1)),
        (5, 80),
        (3, 40),
    ),
    "again after a write to it": (
        lambda s: labels(s, write=insert(Box).values(label="new")),
        (5, 81),
        (5, 81),
    ),
    "again, with a subqueryload": (
        lambda s: [
            read(select(Box).options(subqueryload(Box.things)), "things", "kind")(s)
            for _ in range(2)
        ],
        (4, 80),
        (2, 40),
    ),
    "refreshed": (refreshed, (4, 3), (4, 3)),
}


@pytest.mark.parametrize("name", STORIES)
def test_what_was_loaded_once_is_needed_once(boxes: tuple[Engine, Counts], name: str) -> None:
    """Sent is what SQLite says; needed is the same, whether measured or told by the rows."""
    work, sent, wanted = STORIES[name]
    engine, counts = boxes
    with Session(engine) as session:
        counts.reset()
        work(session)
    assert (counts.queries, counts.rows) == sent
    costs = [derived(work, engine).cost, measured(work, engine)]
    assert [(cost.queries, cost.rows) for cost in costs if cost] == [wanted, wanted]
