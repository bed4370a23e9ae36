"""FROM elements that nothing links, in a SELECT within another."""

import pytest
from sqlalchemy import (
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    true,
    union,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import joinedload

from qprof.measure.orm.products import unlinked
from tests.measure.capture.models import Author, Book, Tag

PAIRS = select(Author.id.label("a"), Book.author_id.label("b")).subquery("pairs")
"""Two tables that nothing links within the subquery."""
COUNTED = select(func.count(Tag.id).label("n")).subquery("counted")
PER_AUTHOR = select(Book.author_id, func.count().label("n")).group_by(Book.author_id)


def _tree(linked):
    tree = select(Author.id).cte("tree", recursive=True)
    below = select(Book.id).where(Book.id < 0)
    return select(
        tree.union_all(below.where(tree.c.id == Book.author_id if linked else tree.c.id < 0))
    )


WITHIN = {
    "count": (select(func.count()).select_from(PAIRS), {"author", "book"}),
    "two levels": (select(func.count()).select_from(select(PAIRS).subquery()), {"author", "book"}),
    "cte": (select(select(Author.id, Tag.id).cte("c").c.id), {"author", "tag"}),
    "recursive cte": (_tree(linked=False), {"tree", "book"}),
    "exists": (
        select(Author.id).where(exists().where(Book.author_id == Author.id, Tag.id > 0)),
        {"book", "tag"},
    ),
    "any": (select(Author.id).where(Author.books.any(Tag.id > 0)), {"book", "tag"}),
    "in": (
        select(Author.id).where(Author.id.in_(select(Book.author_id).where(Tag.id > 0))),
        {"book", "tag"},
    ),
    "scalar": (
        select(select(func.count()).select_from(Book, Tag).scalar_subquery()),
        {"book", "tag"},
    ),
    "union": (union(select(Author.id), select(Book.id).where(Tag.id > 0)), {"book", "tag"}),
    "or": (select(Author.id).where(or_(Author.id < 0, Book.id < 0)), {"author", "book"}),
    "wrapped": (
        select(Author)
        .options(joinedload(Author.books))
        .order_by(PER_AUTHOR.subquery("per_author").c.n)
        .limit(2),
        {"author", "per_author"},
    ),
    "from_statement": (
        select(Author).from_statement(select(Author).where(Tag.id > 0)),
        {"author", "tag"},
    ),
    "text": (text("SELECT count(*) FROM (SELECT a.id FROM author a, tag t) q"), {"a", "t"}),
    "text for entities": (
        select(Author).from_statement(text("SELECT a.* FROM author a, tag t WHERE t.id > 0")),
        {"a", "t"},
    ),
    "linked outside": (select(PAIRS).where(PAIRS.c.a == PAIRS.c.b), set()),
    "linked outside by a third": (
        select(PAIRS).join(Tag, and_(Tag.id == PAIRS.c.a, Tag.id == PAIRS.c.b)),
        set(),
    ),
    "limited, then linked outside": (
        (lambda q: select(q).where(q.c.a == q.c.b))(PAIRS.element.limit(9).subquery()),
        {"author", "book"},
    ),
    "linked by what is correlated": (
        select(Author.id).where(exists().where(Book.author_id == Author.id, Tag.id == Author.id)),
        set(),
    ),
    "linked by a SELECT": (
        select(Author.id, Tag.id).where(
            exists().where(Book.author_id == Author.id, Book.id == Tag.id)
        ),
        set(),
    ),
    "linked by a scalar": (
        select(Author.id, Tag.id).where(
            Tag.id == select(func.max(Book.id)).where(Book.author_id == Author.id).scalar_subquery()
        ),
        set(),
    ),
    "linked by a function": (
        select(Author.id, Tag.id).where(func.max(Author.id, Tag.id) > 3),
        set(),
    ),
    "recursive cte, linked": (_tree(linked=True), set()),
    "one row of all": (select(Author.id, COUNTED.c.n), set()),
    "one row, within": (
        select(func.count()).select_from(select(Author.id, COUNTED).subquery()),
        set(),
    ),
    "one row by LIMIT": (select(Author.id, select(Tag.id).limit(1).subquery().c.id), set()),
    "one row by its key": (
        select(Author.id, select(Tag.id).where(Tag.id == 1).subquery().c.id),
        set(),
    ),
    "one row of values": (select(Author.id, select(literal(1).label("x")).subquery().c.x), set()),
    "joined on purpose": (select(Author.id, Tag.id).join(Tag, true()), set()),
    "a function of a column": (
        select(Author.id, func.json_each(func.json_array(Author.id)).table_valued("value")),
        set(),
    ),
}


@pytest.mark.parametrize("name", WITHIN)
def test_unlinked_at_any_depth(name):
    """Each SELECT is looked at; what a condition around it links is no product."""
    statement, names = WITHIN[name]
    assert set(unlinked(statement.compile(dialect=sqlite.dialect()))) == names


def test_unlinked_in_a_lateral():
    """A LATERAL that names a column beside it is linked, another is not."""
    linked = select(Book.id).where(Book.author_id == Author.id).limit(3).lateral("last")
    apart = select(Book.id).limit(3).lateral("last")
    found = [
        unlinked(select(Author.id, each.c.id).compile(dialect=postgresql.dialect()))
        for each in (linked, apart)
    ]
    assert found == [(), ("author", "last")]
