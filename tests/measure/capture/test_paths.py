"""Which relationship a secondary SELECT loads, and by which strategy."""

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import (
    aliased,
    immediateload,
    joinedload,
    lazyload,
    selectin_polymorphic,
    selectinload,
    subqueryload,
)

from qprof.measure.capture import record
from tests.measure.capture.models import (
    Author,
    Book,
    Editor,
    House,
    Loan,
    Person,
    Review,
    Tag,
    book_tags,
)
from tests.measure.capture.seen import loads, only


def by(load, *attributes):
    """Return the option that loads a chain of attributes by one strategy."""
    option = load(attributes[0])
    for attribute in attributes[1:]:
        option = getattr(option, load.__name__)(attribute)
    return option


@pytest.mark.parametrize(
    ("load", "strategy", "counts"),
    [
        (selectinload, "selectin", (1, 1)),
        (subqueryload, "subquery", (1, 1)),
        (immediateload, "immediate", (12, 40)),
        (lazyload, "lazy", (12, 40)),
    ],
)
def test_a_chain_is_named_from_its_root(session, load, strategy, counts):
    """Every hop of a path is named, whatever strategy loads it."""
    statement = select(Author).options(by(load, Author.books, Book.tags))
    with record() as recording:
        for author in session.scalars(statement):
            assert all(book.tags is not None for book in author.books)
    root, books, tags = recording.executions()
    full = strategy != "lazy"
    assert (root.strategy, root.path, root.hops, root.count) == ("root", None, (), 1)
    assert (books.strategy, books.path, books.count) == (strategy, "Author.books", counts[0])
    assert (tags.strategy, tags.count) == (strategy, counts[1])
    assert tags.path == "Author.books.tags" or not full
    assert tags.hops[-1] == "Book.tags"
    assert books.to_many
    assert tags.to_many


def test_a_lazy_load_without_options_is_named_from_its_parent(session):
    """No option travelled with the parent, so that its own class is all there is to go by."""
    with record() as recording:
        for author in session.scalars(select(Author)):
            assert all(book.tags is not None for book in author.books)
    assert loads(recording) == [
        ("root", None, 1),
        ("lazy", "Author.books", 12),
        ("lazy", "Book.tags", 40),
    ]


@pytest.mark.parametrize("load", [selectinload, subqueryload, immediateload])
def test_a_to_one_path_is_told_apart(session, load):
    """`to_many` speaks of the last hop."""
    statement = select(Book).options(by(load, Book.house, House.offices))
    with record() as recording:
        session.scalars(statement).all()
    _, house, offices = recording.executions()
    assert (house.path, house.hops, house.to_many) == ("Book.house", ("Book.house",), False)
    assert (offices.path, offices.to_many) == ("Book.house.offices", True)


def test_a_joined_path_below_a_secondary_load_hangs_on_it(session):
    """A join's name starts at the root of the call, not at the statement that renders it."""
    statement = select(Author).options(selectinload(Author.books).joinedload(Book.tags))
    with record() as recording:
        session.scalars(statement).all()
    _, books = recording.executions()
    assert (books.strategy, books.path) == ("selectin", "Author.books")
    assert [join.path for join in books.joins] == ["Author.books.tags"]
    assert books.joins[0].hops == ("Author.books", "Book.tags")
    assert books.joins[0].parent == "Author.books"


def test_an_aliased_root_keeps_its_name(session):
    """Aliases are no part of a path."""
    author = aliased(Author, name="someone")
    with record() as recording:
        session.scalars(select(author).options(selectinload(author.books))).all()
    assert loads(recording)[1] == ("selectin", "Author.books", 1)


def test_a_self_reference_recurses(session):
    """The same relationship may be loaded level by level."""
    statement = select(Author).options(selectinload(Author.pupils).selectinload(Author.pupils))
    with record() as recording:
        session.scalars(statement).all()
    assert loads(recording) == [
        ("root", None, 1),
        ("selectin", "Author.pupils", 1),
        ("selectin", "Author.pupils.pupils", 1),
    ]


def test_of_type_names_the_subclass_hop(session):
    """A hop is named after the class that declares the relationship."""
    option = selectinload(House.staff.of_type(Editor)).selectinload(Editor.notes)
    with record() as recording:
        session.scalars(select(House).options(option)).all()
    assert [each.hops for each in recording.executions()] == [
        (),
        ("House.staff",),
        ("House.staff", "Editor.notes"),
    ]


def test_a_wildcard_is_seen_by_what_it_loads(session):
    """No path has to be spelled out to be named."""
    with record() as recording:
        session.scalars(select(Review).options(selectinload("*"))).all()
    assert loads(recording) == [("root", None, 1), ("selectin", "Review.votes", 1)]


def test_columns_that_come_late_have_no_path(session):
    """A deferred column, an expired row and a subclass's columns belong to no relationship."""
    with record() as recording:
        assert [each.biography for each in session.scalars(select(Author))]
        session.expire_all()
        assert session.get_one(House, 1).name
        session.scalars(select(Person).options(selectin_polymorphic(Person, [Editor]))).all()
    assert {(each.strategy, each.path) for each in recording.executions()} == {("root", None)}
    assert [each.count for each in recording.executions()] == [1, 12, 1, 1, 1]


def test_a_lazy_load_below_a_mapper_default(session):
    """An option may undo what the mapper joins."""
    with record() as recording:
        session.scalars(select(Loan).options(lazyload(Loan.book))).first().book.title  # noqa: B018
    assert loads(recording) == [("root", None, 1), ("lazy", "Loan.book", 1)]


@pytest.mark.parametrize(
    ("statement", "entities"),
    [
        (select(Author), True),
        (select(Author, func.count()).group_by(Author.id), True),
        (select(Author).from_statement(text("SELECT * FROM author")), True),
        (select(Author.id, Author.name), False),
        (select(func.count()).select_from(Author), False),
        (select(book_tags), False),
        (text("SELECT * FROM author"), False),
        (insert(Tag).values(word="x"), False),
        (update(Author).values(name="x"), False),
    ],
    ids=str,
)
def test_entities_says_whether_rows_become_objects(session, statement, entities):
    """Counts, projections, text and DML load no entities."""
    with record() as recording:
        session.execute(statement)
    assert only(recording).entities is entities


@pytest.mark.parametrize("load", [selectinload, subqueryload, immediateload, lazyload])
def test_secondary_loads_bring_entities(session, load):
    """What loads a relationship loads objects."""
    with record() as recording:
        for author in session.scalars(select(Author).options(load(Author.books))):
            assert author.books is not None
    assert all(each.entities for each in recording.executions())


def test_joins_and_loads_share_a_statement(session):
    """A strategy of its own for each branch gives a line for each."""
    options = (joinedload(Author.prizes), subqueryload(Author.books).selectinload(Book.reviews))
    with record() as recording:
        session.scalars(select(Author).options(*options)).unique().all()
    root, books, reviews = recording.executions()
    assert [join.path for join in root.joins] == ["Author.prizes"]
    assert (books.strategy, reviews.strategy) == ("subquery", "selectin")
    assert reviews.path == "Author.books.reviews"


@pytest.mark.parametrize(
    ("first", "second", "third"),
    [
        (subqueryload, selectinload, subqueryload),
        (subqueryload, selectinload, selectinload),
        (subqueryload, subqueryload, selectinload),
        (subqueryload, immediateload, selectinload),
        (selectinload, selectinload, subqueryload),
        (selectinload, immediateload, subqueryload),
    ],
)
def test_strategies_below_each_other_keep_their_names(session, first, second, third):
    """What a load inherits from the one above does not rename it, even on the same relationship."""
    loads_by = (first, second, third)
    option = first(Author.pupils)
    for each in (second, third):
        option = getattr(option, each.__name__)(Author.pupils)
    with record() as recording:
        session.scalars(select(Author).where(Author.id == 1).options(option)).all()
    found = [each.strategy for each in recording.executions()][1:]
    assert found == [each.__name__.removesuffix("load") for each in loads_by]


def test_subqueryload_of_a_subclass(session):
    """of_type changes nothing about the strategy."""
    option = subqueryload(House.staff.of_type(Editor)).subqueryload(Editor.notes)
    with record() as recording:
        session.scalars(select(House).options(option)).all()
    assert [each.strategy for each in recording.executions()] == ["root", "subquery", "subquery"]


def test_missed_start_of_a_subqueryload_below_selectin(session):
    """Miss: below selectin, SQLAlchemy starts the path of a subqueryload anew."""
    option = selectinload(Author.books).subqueryload(Book.reviews)
    with record() as recording:
        session.scalars(select(Author).options(option)).all()
    assert loads(recording)[-1] == ("subquery", "Book.reviews", 1)
