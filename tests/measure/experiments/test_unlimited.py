"""SELECTs that bring all there is: by distinct objects, against the table's size, and by a page."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import (
    Engine,
    ForeignKey,
    String,
    UniqueConstraint,
    create_engine,
    exists,
    func,
    insert,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    aliased,
    contains_eager,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)

from qprof.domain.trace import Call, Cost, Unbounded
from qprof.measure.experiments.questions import examine
from tests.measure.experiments.oracle import plain
from tests.opening import on
from tests.servers.conftest import VARIABLES, new_database

ROWS, SHELVES = 1_200, 60
"""20 books on each shelf."""


class Base(DeclarativeBase):
    pass


class Shelf(Base):
    """Few of them, with all the books."""

    __tablename__ = "shelf"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(8))
    books: Mapped[list["Book"]] = relationship(back_populates="shelf")


class Book(Base):
    __tablename__ = "book"
    __table_args__ = (UniqueConstraint("shelf_id", "place"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    shelf_id: Mapped[int] = mapped_column(ForeignKey("shelf.id"))
    place: Mapped[int]
    pages: Mapped[int]
    code: Mapped[int] = mapped_column(unique=True)
    follows: Mapped[int | None] = mapped_column(ForeignKey("book.id"))
    shelf: Mapped[Shelf] = relationship(back_populates="books")


class Chart(Base):
    """Columns that are named after clauses."""

    __tablename__ = "chart"
    id: Mapped[int] = mapped_column(primary_key=True)
    top: Mapped[int]
    offset: Mapped[int]
    limit: Mapped[int]


class Kind(Base):
    """A small table."""

    __tablename__ = "kind"
    id: Mapped[int] = mapped_column(primary_key=True)


def filled(engine: Engine) -> Engine:
    Base.metadata.create_all(engine)
    books = [
        {"id": i, "shelf_id": i % SHELVES + 1, "place": i // SHELVES, "pages": i % 10, "code": i}
        for i in range(1, ROWS + 1)
    ]
    with Session(engine) as session:
        session.execute(insert(Shelf), [{"name": f"s{i}"} for i in range(SHELVES)])
        session.execute(insert(Book), books)
        lines = [{"id": i, "top": i, "offset": i, "limit": i} for i in range(1, ROWS + 1)]
        session.execute(insert(Chart), lines)
        session.execute(insert(Kind), [{"id": i} for i in range(1, 800)])
        session.commit()
    return engine


@pytest.fixture(scope="module")
def shop() -> Iterator[Engine]:
    made = filled(create_engine("sqlite://"))
    yield made
    made.dispose()


def seen(engine: Engine, statement: Any) -> Call:
    opening = on(engine, lambda session: session.scalars(statement).unique().all())
    return examine("call", {}, opening).call


def unbounded(engine: Engine, statement: Any) -> tuple[Unbounded, ...]:
    return seen(engine, statement).unbounded


BOOKS = select(Book)
OF_SHELVES = select(Shelf).join(Shelf.books)
PAGES = select(Book.id).limit(ROWS - 1)
CHAIN = select(Book.id).where(Book.follows.is_(None)).cte(recursive=True)
CHAIN = CHAIN.union_all(select(Book.id).where(Book.follows == CHAIN.c.id))
ALL: dict[str, tuple[Any, int, int]] = {
    "a table": (BOOKS, ROWS, ROWS),
    "in some order": (BOOKS.order_by(Book.pages.desc()), ROWS, ROWS),
    "most of it": (BOOKS.where(Book.pages > 0), ROWS * 9 // 10, ROWS * 9 // 10),
    "an alias": (select(aliased(Book)), ROWS, ROWS),
    "few, with many by selectin": (
        select(Shelf).options(selectinload(Shelf.books)),
        SHELVES,
        SHELVES + ROWS,
    ),
    "few, with many joined": (select(Shelf).options(joinedload(Shelf.books)), SHELVES, ROWS),
    "with columns that are named after clauses": (select(Chart).order_by(Chart.top), ROWS, ROWS),
    "few, by a join of its own": (OF_SHELVES, SHELVES, ROWS),
    "few, by a join in FROM": (select(Shelf).where(Shelf.id == Book.shelf_id), SHELVES, ROWS),
    "whose filter is a subquery": (
        BOOKS.where(exists().where(Shelf.id == Book.shelf_id)),
        ROWS,
        ROWS,
    ),
}
"""The statement, its distinct objects, and the rows that come."""
BOUNDED: dict[str, Any] = {
    "a limit": BOOKS.limit(ROWS - 1),
    "a limit of a subquery": BOOKS.where(Book.id.in_(PAGES)),
    "an entity over a limit": select(aliased(Book, BOOKS.limit(ROWS - 1).subquery())),
    "a primary key": BOOKS.where(Book.id == 7),
    "a list of primary keys": BOOKS.where(Book.id.in_(range(1, ROWS))),
    "beyond a primary key": BOOKS.where(Book.id > 7),
    "a list of unique keys": BOOKS.where(Book.code.in_(range(1, ROWS))),
    "part of a unique key": BOOKS.where(Book.shelf_id.between(1, SHELVES)),
    "less than half": BOOKS.where(Book.pages < 4),
    "a single object by a filter": BOOKS.where(Book.pages == 3).limit(1),
    "a count": select(func.count()).select_from(Book),
    "an aggregate": select(Book.shelf_id, func.sum(Book.pages)).group_by(Book.shelf_id),
    "whether there is any": select(exists().where(Book.pages > 0)),
    "columns alone": select(Book.id, Book.pages),
    "a small table": select(Kind),
    "few, and nothing along": select(Shelf),
    "a recursion": BOOKS.join(CHAIN, CHAIN.c.id == Book.id),
    "text": BOOKS.from_statement(text("SELECT * FROM book")),
    "a union": BOOKS.from_statement(union_all(BOOKS, BOOKS)),
    "two entities": select(Book, Shelf).join(Shelf, Shelf.id == Book.shelf_id),
}


@pytest.mark.parametrize("name", ALL)
def test_what_brings_much_of_its_table_is_found(name: str, shop: Engine) -> None:
    statement, roots, rows = ALL[name]
    (found,) = unbounded(shop, statement)
    table = plain(shop, f"SELECT count(*) FROM {found.table}")
    assert (found.roots, found.rows) == (roots, rows)
    assert (found.table_rows, found.known) == (table, "exact")
    assert found.key == (f"{found.table.capitalize()}.id",)
    assert found.site is not None


@pytest.mark.parametrize("name", BOUNDED)
def test_what_is_bounded_or_small_is_left_alone(name: str, shop: Engine) -> None:
    assert unbounded(shop, BOUNDED[name]) == ()


@pytest.mark.parametrize("options", [{"yield_per": 100}, {"stream_results": True}])
def test_a_stream_is_left_alone(options: Any, shop: Engine) -> None:
    opening = on(shop, lambda session: session.scalars(BOOKS, execution_options=options).all())
    assert examine("call", {}, opening).call.unbounded == ()


def test_the_first_of_an_unlimited_result_is_all_of_it(shop: Engine) -> None:
    """Result.first() of mapped objects fetches every row, unlike Query.first()."""
    opening = on(shop, lambda session: session.scalars(BOOKS).first())
    (found,) = examine("call", {}, opening).call.unbounded
    assert found.cost.rows == ROWS
    opening = on(shop, lambda session: session.query(Book).first())
    assert examine("call", {}, opening).call.unbounded == ()


def test_the_price_of_a_page_is_what_a_limit_costs(shop: Engine) -> None:
    """The same call, with the LIMIT in its own text; and as written, as it was."""
    statement = select(Shelf).options(selectinload(Shelf.books))
    call = seen(shop, statement)
    (found,) = call.unbounded
    assert (found.page, found.paged) == (50, seen(shop, statement.limit(50)).cost)
    assert found.paged == Cost(2, 50 + 50 * 20, 50 * 2 + 50 * 20 * 6)
    assert (found.cost, found.seconds) == (call.cost, call.wall)
    assert found.paged_seconds is not None


REPEATING: dict[str, Any] = {
    "contains_eager": OF_SHELVES.options(contains_eager(Shelf.books)),
    "a join, and nothing loaded": OF_SHELVES,
    "a join in FROM, beside joinedload": select(Shelf)
    .where(Shelf.id == Book.shelf_id, func.abs(Book.place) == 1)
    .options(joinedload(Shelf.books)),
}


@pytest.mark.parametrize("name", REPEATING)
def test_a_limit_of_joined_rows_is_no_page_of_objects(name: str, shop: Engine) -> None:
    (found,) = unbounded(shop, REPEATING[name])
    assert (found.repeats, found.roots, found.paged) == (True, SHELVES, None)
    assert found.reason is not None
    assert "a LIMIT would count those" in found.reason


def test_a_page_of_keys_holds_whole_collections(shop: Engine) -> None:
    """The fix that is told for such a statement."""
    statement = OF_SHELVES.options(contains_eager(Shelf.books)).order_by(Shelf.id)
    keys = select(Shelf.id).join(Shelf.books).distinct().order_by(Shelf.id).limit(50)
    with Session(shop) as session:
        held = Shelf.id.in_(session.scalars(keys).all())
        page = session.scalars(statement.where(held)).unique().all()
        assert [len(shelf.books) for shelf in page] == [ROWS // SHELVES] * 50


def test_a_join_that_finds_one_row_is_no_hindrance(shop: Engine) -> None:
    statement = BOOKS.join(Book.shelf).options(contains_eager(Book.shelf))
    (found,) = unbounded(shop, statement)
    assert (found.repeats, found.paged) == (False, Cost(1, 50, 50 * 8))


def test_distinct_objects_over_a_join_can_be_limited(shop: Engine) -> None:
    statement = OF_SHELVES.distinct().options(joinedload(Shelf.books))
    (found,) = unbounded(shop, statement)
    assert (found.repeats, found.paged) == (False, Cost(1, 50 * 20, 50 * 20 * 8))


def test_what_is_sent_again_counts_once(shop: Engine) -> None:
    """A small table that is read twice is small; and what comes along comes along once."""

    def again(statement: Any) -> tuple[Unbounded, ...]:
        opening = on(shop, lambda session: [session.scalars(statement).all() for _ in range(2)])
        return examine("call", {}, opening).call.unbounded

    assert again(select(Kind)) == ()
    (found,) = again(select(Shelf).options(selectinload(Shelf.books)))
    assert (found.roots, found.rows) == (SHELVES, SHELVES + ROWS)


def test_a_page_limits_that_statement_alone(shop: Engine) -> None:
    """A lookup beside it, and the old Query, are as they were."""

    def call(session: Session) -> Any:
        return session.query(Book).all(), session.get(Kind, 1), session.scalars(select(Kind)).all()

    (found,) = examine("call", {}, on(shop, call)).call.unbounded
    assert found.table == "book"
    assert found.paged is not None
    assert found.paged.rows == 50 + 1 + 799


def raising(session: Session) -> Any:
    books = session.scalars(BOOKS).all()
    return {book.id: book.pages for book in books}[ROWS]


def fickle() -> Callable[[Session], Any]:
    """Return a call whose statement is another one each time."""
    names = iter("abcdefghijklmnopqrstuvwxyz")

    def call(session: Session) -> Any:
        return session.scalars(BOOKS.add_columns(text(f"1 AS {next(names)}"))).all()

    return call


@pytest.mark.parametrize(
    ("call", "reason"),
    [(raising, f"KeyError: {ROWS}"), (fickle(), "the statement was not sent again")],
)
def test_no_price_is_told_where_a_page_cannot_be_run(call: Any, reason: str, shop: Engine) -> None:
    (found,) = examine("call", {}, on(shop, call)).call.unbounded
    assert (found.paged, found.paged_seconds, found.reason) == (None, None, reason)


def test_a_table_that_cannot_be_counted_is_noted(
    shop: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(connection: Any, *_: Any) -> Any:
        return connection.exec_driver_sql("SELECT missing FROM book")

    monkeypatch.setattr("qprof.measure.experiments.questions.pages.size_of", fails)
    call = seen(shop, BOOKS)
    assert call.unbounded == ()
    assert "could not be counted (OperationalError: " in call.notes[-1]


ANALYZE = {"postgresql": "ANALYZE book", "mariadb": "ANALYZE TABLE book"}


@pytest.mark.parametrize("kind", VARIABLES)
def test_servers_tell_the_size_by_their_estimate(kind: str) -> None:
    with new_database(kind) as url:
        engine = filled(create_engine(url))
        with engine.connect() as connection:
            connection.execute(text(ANALYZE[kind]))
            connection.commit()
        (found,) = unbounded(engine, BOOKS)
        assert found.known in ("estimated", "at least")
        assert found.roots == ROWS <= found.table_rows < ROWS * 2
        assert found.paged == Cost(1, 50, 50 * 6)
        engine.dispose()
