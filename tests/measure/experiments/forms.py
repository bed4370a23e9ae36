"""The ways in which people write a call, each with the queries that every strategy costs it.

The figures are counted by hand from the rows that `models.fill` writes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import (
    Load,
    Session,
    aliased,
    contains_eager,
    defaultload,
    immediateload,
    joinedload,
    load_only,
    raiseload,
    selectinload,
    subqueryload,
)

from tests.measure.experiments.models import Author, Book, Firm, Manager, Node, Shop


@dataclass(frozen=True)
class Form:
    """A call, and its queries when every path is moved to a strategy."""

    call: Callable[[Session], Any]
    joined: int
    apart: int
    """Under selectin and under subquery."""
    lazy: int
    """Under lazy and under immediate, once everything was read."""


FORMS: dict[str, Form] = {}


def form(joined: int, apart: int, lazy: int) -> Callable[[Any], Any]:
    """Put the decorated call among the forms."""

    def add(call: Callable[[Session], Any]) -> Callable[[Session], Any]:
        FORMS[call.__name__] = Form(call, joined, apart, lazy)
        return call

    return add


# 1 root; 4 authors' books, 4 authors' awards, 6 books' tags.
@form(1, 4, 15)
def select_unique(session: Session) -> Any:
    statement = select(Author).options(
        joinedload(Author.books).joinedload(Book.tags), joinedload(Author.awards)
    )
    return session.scalars(statement.order_by(Author.id)).unique().all()


@form(1, 4, 15)
def select_without_unique(session: Session) -> Any:
    statement = select(Author).options(
        selectinload(Author.books).selectinload(Book.tags), subqueryload(Author.awards)
    )
    return session.scalars(statement.order_by(Author.id)).all()


@form(1, 4, 15)
def legacy_query(session: Session) -> Any:
    query = session.query(Author).options(
        joinedload(Author.books).joinedload(Book.tags), joinedload(Author.awards)
    )
    return query.order_by(Author.id).all()


@form(1, 4, 15)
def multi_column(session: Session) -> Any:
    statement = select(Author, Author.name.label("called")).options(
        joinedload(Author.books).joinedload(Book.tags), joinedload(Author.awards)
    )
    return session.execute(statement.order_by(Author.id)).unique().all()


# 1 root; its books, its awards, the tags of 3 books.
@form(1, 4, 6)
def get_with_options(session: Session) -> Any:
    options = [joinedload(Author.books).joinedload(Book.tags), joinedload(Author.awards)]
    return session.get(Author, 1, options=options)


@form(1, 4, 15)
def aliased_root(session: Session) -> Any:
    writer = aliased(Author, name="writer")
    statement = select(writer).options(
        joinedload(writer.books).joinedload(Book.tags), joinedload(writer.awards)
    )
    return session.scalars(statement.order_by(writer.id)).unique().all()


# 1 root; 4 authors' books, 6 books' tags. The subquery's own path begins at Book.
@form(1, 3, 11)
def subquery_below_selectin(session: Session) -> Any:
    statement = select(Author).options(selectinload(Author.books).subqueryload(Book.tags))
    return session.scalars(statement.order_by(Author.id)).all()


@form(1, 3, 11)
def subquery_below_immediate(session: Session) -> Any:
    statement = select(Author).options(immediateload(Author.books).subqueryload(Book.tags))
    return session.scalars(statement.order_by(Author.id)).all()


# 1 root; 4 authors' books, 4 authors' awards.
@form(1, 3, 9)
def load_only_below(session: Session) -> Any:
    statement = select(Author).options(
        joinedload(Author.books).load_only(Book.title), joinedload(Author.awards)
    )
    return session.scalars(statement.order_by(Author.id)).unique().all()


# 1 root; the country of 3 authors, 2 of which are the same; 1 is None without a query.
@form(1, 2, 3)
def to_one(session: Session) -> Any:
    statement = select(Author).options(joinedload(Author.country, innerjoin=False))
    return session.scalars(statement.order_by(Author.id)).all()


# 1 root; books and awards of 4 authors, the countries 1 and 2. A wildcard goes no deeper than
# a cycle: Book.author is there already; Book.tags follows, of 6 books.
@form(1, 5, 17)
def wildcard(session: Session) -> Any:
    statement = select(Author).options(joinedload("*")).order_by(Author.id)
    return session.scalars(statement).unique().all()


@form(1, 4, 11)
def wildcard_of_one_entity(session: Session) -> Any:
    statement = select(Author).options(Load(Author).joinedload("*")).order_by(Author.id)
    return session.scalars(statement).unique().all()


# 1 root; shelves and staff of 2 shops.
@form(1, 3, 5)
def mapper_defaults(session: Session) -> Any:
    return session.scalars(select(Shop).order_by(Shop.id)).unique().all()


# contains_eager stays: 1 root with its own JOIN; awards of the 3 authors who have books.
@form(1, 2, 4)
def contains_eager_kept(session: Session) -> Any:
    statement = (
        select(Author)
        .join(Author.books)
        .options(contains_eager(Author.books), joinedload(Author.awards))
    )
    return session.scalars(statement.order_by(Author.id, Book.id)).unique().all()


# The books are lazy as written, and read by the call itself: 4 authors'; the tags of 6 books.
@form(1, 3, 11)
def defaultload_chain(session: Session) -> Any:
    statement = select(Author).options(defaultload(Author.books).joinedload(Book.tags))
    found = session.scalars(statement.order_by(Author.id)).unique().all()
    return [(author, list(author.books)) for author in found]


@form(1, 3, 9)
def raise_elsewhere(session: Session) -> Any:
    statement = select(Author).options(
        selectinload(Author.books), selectinload(Author.awards), raiseload("*")
    )
    return session.scalars(statement.order_by(Author.id)).all()


@form(1, 2, 3)
def of_type(session: Session) -> Any:
    managers = Firm.people.of_type(Manager)
    return (
        session.scalars(select(Firm).options(joinedload(managers)).order_by(Firm.id)).unique().all()
    )


# Both levels by default: 2 roots in `select`, their 2 children, the children's 3 children; the
# deepest are leaves of the plan, and nobody reads them.
@form(1, 3, 5)
def self_referential(session: Session) -> Any:
    statement = select(Node).where(Node.parent_id.is_(None)).order_by(Node.id)
    return session.scalars(statement).unique().all()


# 1 root; the awards of 6 books' 3 authors: to-one joined above, or loaded for 3 authors.
@form(1, 3, 7)
def below_a_to_one(session: Session) -> Any:
    statement = select(Book).options(joinedload(Book.author).selectinload(Author.awards))
    return session.scalars(statement.order_by(Book.id)).unique().all()


@form(1, 3, 11)
def options_in_options(session: Session) -> Any:
    below = selectinload(Author.books).options(joinedload(Book.tags), load_only(Book.title))
    return session.scalars(select(Author).options(below).order_by(Author.id)).unique().all()


@form(1, 2, 3)
def under_a_limit(session: Session) -> Any:
    statement = select(Author).options(joinedload(Author.books)).order_by(Author.id)
    return session.scalars(statement.limit(2).offset(1)).unique().all()


# 1 root with the cross product of 4 authors and 2 firms; 4 + 2 collections.
@form(1, 3, 7)
def two_roots(session: Session) -> Any:
    statement = select(Author, Firm).options(joinedload(Author.books), selectinload(Firm.people))
    return session.execute(statement.order_by(Author.id, Firm.id)).unique().all()


# Lazy as written, below an attribute of a subclass: 2 firms, 2 managers' cars.
@form(1, 3, 5)
def cars_of_a_subclass(session: Session) -> Any:
    firms = session.scalars(select(Firm).order_by(Firm.id)).unique().all()
    people = [each for firm in firms for each in firm.people]
    return firms, [each.cars for each in people if isinstance(each, Manager)]


@form(1, 2, 5)
def rows_as_plain_values(session: Session) -> Any:
    authors = session.scalars(select(Author).order_by(Author.id))
    return [(author.name, len(author.books)) for author in authors]
