"""Which joins were really rendered, whoever asked for them, and how."""

import pytest
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session, aliased, contains_eager, defaultload, joinedload

from qprof.measure.capture import record
from tests.measure.capture.models import Author, Book, Editor, House, Loan, Review, Tag
from tests.measure.capture.seen import joins, only


def rendered(session, statement):
    """Run `statement` and return its joins by path."""
    with record() as recording:
        session.scalars(statement).unique().all()
    return joins(recording)


def test_each_join_says_what_it_is(session):
    """Siblings and a nested path, with hops and to-many."""
    options = (
        joinedload(Author.books).joinedload(Book.tags),
        joinedload(Author.books).joinedload(Book.house),
        joinedload(Author.prizes),
    )
    found = rendered(session, select(Author).options(*options))
    assert {path: (join.hops, join.to_many) for path, join in found.items()} == {
        "Author.books": (("Author.books",), True),
        "Author.books.tags": (("Author.books", "Book.tags"), True),
        "Author.books.house": (("Author.books", "Book.house"), False),
        "Author.prizes": (("Author.prizes",), True),
    }
    assert {join.strategy for join in found.values()} == {"joined"}


def test_the_default_of_a_mapper_is_a_join(session):
    """No option is needed for a join to be rendered."""
    assert list(rendered(session, select(Loan))) == ["Loan.book"]


def test_a_join_says_whether_the_mapping_asks_for_it(session):
    """An option of the statement's own, also one for all paths, is not the mapping's."""
    statements = {
        "none": select(Loan),
        "its own": select(Loan).options(joinedload(Loan.book)),
        "below": select(Loan).options(defaultload(Loan.book).load_only(Book.title)),
        "wildcard": select(Loan).options(joinedload("*")),
        "written": select(Loan).outerjoin(Loan.book).options(contains_eager(Loan.book)),
    }
    found = {name: rendered(session, each)["Loan.book"] for name, each in statements.items()}
    assert [name for name, join in found.items() if join.mapped] == ["none", "below"]


def test_a_wildcard_is_read_by_its_result(session):
    """A wildcard joins whatever does not lead back."""
    found = rendered(session, select(Review).options(joinedload("*")))
    assert list(found) == ["Review.votes"]


def test_an_aliased_root_has_the_same_joins(session):
    """Aliases are no part of a path."""
    author = aliased(Author)
    statement = select(author).options(joinedload(author.books), joinedload(author.prizes))
    assert set(rendered(session, statement)) == {"Author.books", "Author.prizes"}


def test_a_self_reference_joins_itself(session):
    """Each level is a path of its own."""
    option = joinedload(Author.pupils).joinedload(Author.pupils)
    found = rendered(session, select(Author).options(option))
    assert list(found) == ["Author.pupils", "Author.pupils.pupils"]


def test_of_type_joins_the_subclass(session):
    """A hop is named after the class that declares the relationship."""
    option = joinedload(House.staff.of_type(Editor)).joinedload(Editor.notes)
    found = rendered(session, select(House).options(option))
    assert found["House.staff.notes"].hops == ("House.staff", "Editor.notes")


def test_two_roots_have_joins_of_their_own(session):
    """Each join hangs on its own root."""
    statement = (
        select(Author, Book)
        .join(Author.books)
        .options(joinedload(Author.prizes), joinedload(Book.tags))
    )
    assert set(rendered(session, statement)) == {"Author.prizes", "Book.tags"}


def test_contains_eager_is_told_apart(session):
    """The author of the statement wrote that JOIN, with or without an alias."""
    book = aliased(Book)
    plain = select(Author).join(Author.books).options(contains_eager(Author.books))
    aliased_join = (
        select(Author)
        .join(Author.books.of_type(book))
        .options(contains_eager(Author.books.of_type(book)).joinedload(book.tags))
    )
    assert rendered(session, plain)["Author.books"].strategy == "contains_eager"
    found = rendered(session, aliased_join)
    assert {path: join.strategy for path, join in found.items()} == {
        "Author.books": "contains_eager",
        "Author.books.tags": "joined",
    }


def test_a_join_without_contains_eager_loads_nothing(session):
    """A JOIN for filtering is no loader path."""
    assert rendered(session, select(Author).join(Author.books)) == {}


def test_missed_contains_eager_in_from_statement(session):
    """Miss: of a statement inside `from_statement`, SQLAlchemy keeps no joins to be read."""
    statement = (
        select(Author)
        .from_statement(select(Author, Book).join(Author.books))
        .options(contains_eager(Author.books))
    )
    assert rendered(session, statement) == {}


@pytest.mark.parametrize(
    ("upper", "lower", "kinds"),
    [
        (False, False, ("outer", "outer")),
        (False, True, ("outer", "inner")),
        (False, "unnested", ("outer", "outer")),
        (True, False, ("inner", "outer")),
        (True, True, ("inner", "inner")),
        (True, "unnested", ("inner", "inner")),
        ("unnested", True, ("inner", "inner")),
    ],
)
def test_inner_is_what_was_rendered(session, upper, lower, kinds):
    """`innerjoin` of an option, and what SQLAlchemy makes of it below an outer join."""
    option = joinedload(Book.house, innerjoin=upper).joinedload(House.offices, innerjoin=lower)
    with record() as recording:
        session.scalars(select(Book).options(option)).unique().all()
    found = joins(recording)
    above, below = found["Book.house"], found["Book.house.offices"]
    assert tuple("inner" if join.inner else "outer" for join in (above, below)) == kinds
    assert only(recording).sql.count("LEFT OUTER JOIN") == kinds.count("outer")
    assert (above.under_outer, below.under_outer) == (False, kinds[0] == "outer")


def test_inner_of_a_wildcard(session):
    """`innerjoin` of a wildcard holds for all that it joins."""
    with record() as recording:
        session.scalars(select(Review).options(joinedload("*", innerjoin=True))).unique().all()
    assert joins(recording)["Review.votes"].inner
    assert "LEFT OUTER" not in only(recording).sql


def test_required_is_a_to_one_that_cannot_be_missing(session):
    """All its foreign key columns are NOT NULL; a nullable one and a collection are not."""
    options = (joinedload(Book.author), joinedload(Book.house), joinedload(Book.tags))
    found = rendered(session, select(Book).options(*options))
    assert {path: join.required for path, join in found.items()} == {
        "Book.author": True,
        "Book.house": False,
        "Book.tags": False,
    }


def test_under_outer_reaches_all_the_way_down(session):
    """One outer join above is enough."""
    option = (
        joinedload(Book.house)
        .joinedload(House.staff.of_type(Editor), innerjoin=True)
        .joinedload(Editor.notes, innerjoin=True)
    )
    found = rendered(session, select(Book).options(option))
    assert [join.under_outer for join in found.values()] == [False, True, True]


def test_a_select_that_has_one_class_twice(session):
    """A book's author's books; once the author only, no class comes again."""
    twice = rendered(
        session, select(Book).options(joinedload(Book.author).joinedload(Author.books))
    )
    once = rendered(session, select(Book).options(joinedload(Book.author)))
    assert {join.repeats_class for join in twice.values()} == {True}
    assert {join.repeats_class for join in once.values()} == {False}


@pytest.mark.parametrize(
    ("statement", "wrapped"),
    [
        (select(Author).options(joinedload(Author.books)), False),
        (select(Author).options(joinedload(Author.books)).limit(3), True),
        (select(Author).options(joinedload(Author.books)).offset(3), True),
        (select(Author).options(joinedload(Author.books)).distinct(), True),
        (select(Author).options(joinedload(Author.books)).group_by(Author.id), True),
        (select(Book).options(joinedload(Book.author)).limit(3), False),
        (select(Author).limit(3), False),
    ],
    ids=["plain", "limit", "offset", "distinct", "group by", "to-one", "no join"],
)
def test_wrapped_where_the_root_became_a_subquery(session, statement, wrapped):
    """LIMIT, OFFSET, DISTINCT and GROUP BY wrap a joined collection; LIMIT leaves a to-one be."""
    with record() as recording:
        session.scalars(statement).unique().all()
    assert only(recording).wrapped is wrapped
    assert ("FROM (SELECT" in only(recording).sql) is wrapped


def test_two_recordings_read_the_same_shape(session):
    """What is cached of a compiled statement is as good as new."""
    statement = select(Author).options(joinedload(Author.books))
    assert rendered(session, statement) == rendered(session, statement)


@pytest.mark.filterwarnings("ignore:.*cartesian product:sqlalchemy.exc.SAWarning")
@pytest.mark.parametrize(
    ("statement", "unlinked"),
    [
        (select(Author.id, Book.id).where(Author.id == Book.author_id), ()),
        (select(Author.id, Tag.id), ("author", "tag")),
        (
            select(Author.id, Book.id, Tag.id).where(Author.id == Book.author_id),
            ("author", "tag"),
        ),
        (select(Author.id, select(Tag.id).subquery("words")), ("author", "words")),
        (select(Author.id, aliased(Author, name="other").id), ("author", "other")),
        (select(Author).where(Tag.id == 1), ("author", "tag")),
    ],
    ids=["linked", "two", "three", "subquery", "alias", "filter"],
)
def test_unlinked_names_what_no_condition_ties(session, statement, unlinked):
    """The first FROM element, and each that is not linked to it, by the name that SQL gives it."""
    with record() as recording:
        session.execute(statement).all()
    assert only(recording).unlinked == unlinked


@pytest.mark.filterwarnings("ignore:.*cartesian product:sqlalchemy.exc.SAWarning")
def test_unlinked_in_what_writes_and_in_sql_for_the_driver(session):
    """The SELECT within an UPDATE, and a text that SQLAlchemy does not see."""
    ids = select(Book.author_id).where(Tag.id < 0)
    with record() as recording:
        session.execute(update(Author).where(Author.id.in_(ids)).values(id=Author.id))
        session.connection().exec_driver_sql("SELECT a.id FROM author a, tag t").all()
    assert [each.unlinked for each in recording.executions()] == [("book", "tag"), ("a", "t")]


@pytest.mark.parametrize(
    ("ids", "unlinked"), [((Author.id, Tag.id), ("author", "tag")), ((Author.id, Book.id), ())]
)
def test_unlinked_without_the_linter(house, ids, unlinked):
    """Whether an engine has the linter is no matter."""
    engine = create_engine(house, enable_from_linting=False)
    statement = select(*ids) if unlinked else select(*ids).where(Author.id == Book.author_id)
    with record() as recording, Session(engine) as session:
        session.execute(statement).all()
    assert only(recording).unlinked == unlinked
    engine.dispose()
