"""What a call returned, as values that can be compared."""

from collections import namedtuple
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, joinedload, selectinload

from qprof.measure.experiments.difference import difference
from qprof.measure.experiments.graph import Entity, Incomparable, snapshot, top_entities
from tests.measure.experiments.models import Author, Award, Book
from tests.measure.experiments.oracle import counting


@dataclass
class Card:
    author: Author
    books: int


class Plain:
    def __init__(self, author: Author) -> None:
        self.author = author


class Slotted:
    __slots__ = ("author",)


Pair = namedtuple("Pair", "author number")


def authors(session: Session) -> list[Author]:
    statement = select(Author).options(selectinload(Author.books)).order_by(Author.id)
    return list(session.scalars(statement))


SHAPES: dict[str, Any] = {
    "one": lambda found: found[0],
    "list": list,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "dict": lambda found: {each.name: each for each in found},
    "keys": lambda found: {each: each.name for each in found},
    "pairs as keys": lambda found: {(each, 1): each.name for each in found},
    "dataclass": lambda found: [Card(each, len(each.books)) for each in found],
    "object": lambda found: [Plain(each) for each in found],
    "namedtuple": lambda found: [Pair(each, 1) for each in found],
    "nested": lambda found: {"page": 1, "items": [(each, [each.books]) for each in found]},
    "none": lambda found: None,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_value_from_two_sessions_is_equal(shape: str, shop: Engine) -> None:
    """Objects of different sessions stand for the same rows, in whatever they are wrapped."""
    with Session(shop) as one, Session(shop) as two:
        first, second = (snapshot(SHAPES[shape](authors(each))) for each in (one, two))
    assert difference(first, second, ordered=True) is None


@pytest.mark.parametrize("shape", [each for each in SHAPES if each not in ("one", "none")])
def test_every_object_in_a_value_is_found(shape: str, shop: Engine) -> None:
    """What a graph compares is also what reading the objects must reach."""
    with Session(shop) as session:
        found = {each.id for each in top_entities(SHAPES[shape](authors(session)))}
    assert {1, 2, 3, 4} <= found


@pytest.mark.parametrize("shape", ["list", "dict", "dataclass", "nested"])
def test_another_value_is_different(shape: str, shop: Engine) -> None:
    """Fewer objects in a container are seen."""
    with Session(shop) as session:
        found = authors(session)
        first, second = snapshot(SHAPES[shape](found)), snapshot(SHAPES[shape](found[1:]))
    assert difference(first, second, ordered=True) is not None


def test_a_row_is_compared_by_its_columns(shop: Engine) -> None:
    """Rows with entities and values are lists of both."""
    with Session(shop) as session:
        rows = session.execute(select(Author, Author.name).order_by(Author.id)).all()
        value = snapshot(rows).value
    assert value[0] == [Entity("Author", (1,)), "a1"]


def test_a_snapshot_sends_nothing(shop: Engine) -> None:
    """Only what is loaded is looked at."""
    with Session(shop) as session:
        found = session.scalars(select(Author)).all()
        with counting(shop) as counted:
            snapshot(found)
    assert counted.queries == 0


def test_only_loaded_relationships_are_held(shop: Engine) -> None:
    """Books were loaded, awards were not."""
    with Session(shop) as session:
        graph = snapshot(authors(session))
    assert set(graph.nodes[Entity("Author", (1,))].related) == {"books"}


def test_the_graph_goes_as_deep_as_it_was_loaded(shop: Engine) -> None:
    """Tags of books of authors are nodes like the roots."""
    statement = select(Author).options(joinedload(Author.books).joinedload(Book.tags))
    with Session(shop) as session:
        graph = snapshot(session.scalars(statement).unique().all())
    assert {each.name for each in graph.nodes} == {"Author", "Book", "Tag"}


def test_a_commit_is_seen(shop: Engine) -> None:
    """Objects that were expired cannot be judged, and say so."""
    with Session(shop) as session:
        found = authors(session)
        session.expire_all()
        assert snapshot(found).expired


def test_unsaved_objects_are_told_apart(shop: Engine) -> None:
    """Objects without a key are entities of their own."""
    assert len(snapshot([Award(name="a"), Award(name="b")]).nodes) == 2


@pytest.mark.parametrize("value", [object(), lambda: None, iter([1]), Author, memoryview])
def test_what_cannot_be_compared_is_said(value: Any) -> None:
    """An object without members to look at is no value."""
    with pytest.raises(Incomparable, match=r"it returns .* objects"):
        snapshot(value)


def test_slots_are_members_too() -> None:
    """One that was never set holds None."""
    assert snapshot(Slotted()).value == ("Slotted", {"author": None})


def test_a_value_that_holds_itself_is_refused() -> None:
    """A circle of plain objects would have no end."""
    own: list[Any] = []
    own.append(own)
    with pytest.raises(Incomparable, match="holds itself"):
        snapshot(own)


def test_a_very_deep_value_is_refused() -> None:
    """51 lists in each other are no result of a repository."""
    deep: list[Any] = []
    for _ in range(60):
        deep = [deep]
    with pytest.raises(Incomparable, match="nested more than 50"):
        snapshot(deep)


def test_an_object_that_holds_its_session_ends_at_once(shop: Engine) -> None:
    """A session leads into all of SQLAlchemy, and is no part of the value."""

    class Repository:
        def __init__(self, session: Session) -> None:
            self.session = session

    with Session(shop) as session:
        graph = snapshot(Repository(session))
    assert graph.value[1] == {"session": "<Session>"}
    assert graph.handles == {"Session"}
