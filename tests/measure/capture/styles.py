"""Every way that we know of to send SQL through SQLAlchemy and to consume what comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, text, update
from sqlalchemy.orm import (
    Session,
    joinedload,
    load_only,
    selectinload,
    subqueryload,
    undefer,
)

from tests.measure.capture.models import Author, Book, Loan, Tag, book_tags

Style = Callable[[Engine], Any]
books = Book.__table__
tags = Tag.__table__
CORE = select(books.c.id, books.c.title)
ORM = select(Book)
NEW_TAGS = [{"id": 100 + i, "word": f"new {i}"} for i in range(2500)]
UNNUMBERED = [{"word": each["word"]} for each in NEW_TAGS]


def by_connection(use: Callable[[Connection], Any]) -> Style:
    """Run `use` with a connection, and undo what it wrote."""

    def run(engine: Engine) -> Any:
        with engine.connect() as connection:
            return use(connection)

    return run


def by_session(use: Callable[[Session], Any]) -> Style:
    """Run `use` with a session, and undo what it wrote."""

    def run(engine: Engine) -> Any:
        with Session(engine) as session:
            return use(session)

    return run


def _drain(fetch: Callable[[], Any]) -> None:
    while fetch():
        pass


def _one_by_one(connection: Connection) -> None:
    result = connection.execute(CORE)
    _drain(result.fetchone)


def _batches(connection: Connection) -> None:
    result = connection.execute(CORE)
    _drain(lambda: result.fetchmany(7))


def _one_after_many(connection: Connection) -> None:
    result = connection.execute(CORE)
    result.fetchmany(7)
    result.fetchone()
    result.fetchmany(2)
    _drain(result.fetchone)


def _all_after_one(connection: Connection) -> None:
    result = connection.execute(CORE)
    result.fetchone()
    result.all()


def _close_early(connection: Connection) -> None:
    result = connection.execute(CORE)
    for _ in range(5):
        result.fetchone()
    result.close()


def _break_out(connection: Connection) -> None:
    for row in connection.execute(CORE):
        if row.id == 9:
            break


def _streamed(connection: Connection) -> Connection:
    return connection.execution_options(stream_results=True)


def _interleaved(connection: Connection) -> None:
    first, second = connection.execute(CORE), connection.execute(select(tags))
    for _ in zip(first, second, strict=False):
        pass


CORE_STYLES: dict[str, Style] = {
    "all": by_connection(lambda c: c.execute(CORE).all()),
    "fetchall": by_connection(lambda c: c.execute(CORE).fetchall()),
    "fetchone until None": by_connection(_one_by_one),
    "fetchmany until empty": by_connection(_batches),
    "fetchmany without a size": by_connection(lambda c: c.execute(CORE).fetchmany()),
    "fetchone after fetchmany": by_connection(_one_after_many),
    "all after fetchone": by_connection(_all_after_one),
    "iterate": by_connection(lambda c: list(c.execute(CORE))),
    "iterate and break": by_connection(_break_out),
    "two results at once": by_connection(_interleaved),
    "partitions": by_connection(lambda c: list(c.execute(CORE).partitions(9))),
    "yield_per on the result": by_connection(lambda c: list(c.execute(CORE).yield_per(8))),
    "yield_per as an option": by_connection(
        lambda c: list(c.execution_options(yield_per=8).execute(CORE))
    ),
    "stream and iterate": by_connection(lambda c: list(_streamed(c).execute(CORE))),
    "stream and all": by_connection(lambda c: _streamed(c).execute(CORE).all()),
    "stream and partitions": by_connection(
        lambda c: list(_streamed(c).execute(CORE).partitions(6))
    ),
    "stream and first": by_connection(lambda c: _streamed(c).execute(CORE).first()),
    "mappings": by_connection(lambda c: c.execute(CORE).mappings().all()),
    "scalars": by_connection(lambda c: c.execute(CORE).scalars().all()),
    "columns": by_connection(lambda c: c.execute(CORE).columns(1).all()),
    "unique": by_connection(lambda c: c.execute(CORE).unique().all()),
    "first": by_connection(lambda c: c.execute(CORE).first()),
    "scalar": by_connection(lambda c: c.execute(CORE).scalar()),
    "one": by_connection(lambda c: c.execute(CORE.where(books.c.id == 5)).one()),
    "one_or_none finds none": by_connection(
        lambda c: c.execute(CORE.where(books.c.id == -5)).one_or_none()
    ),
    "close after five rows": by_connection(_close_early),
    "freeze and thaw": by_connection(lambda c: c.execute(CORE).freeze()().all()),
    "merge two results": by_connection(lambda c: c.execute(CORE).merge(c.execute(CORE)).all()),
    "driver SQL": by_connection(lambda c: c.exec_driver_sql("SELECT id FROM book").all()),
    "driver SQL with parameters": by_connection(
        lambda c: c.exec_driver_sql("SELECT id FROM book WHERE id < ?", (9,)).all()
    ),
    "without parameters": by_connection(
        lambda c: c.execution_options(no_parameters=True).exec_driver_sql("SELECT 1").all()
    ),
    "text": by_connection(lambda c: c.execute(text("SELECT id, title FROM book")).all()),
    "scalar of the connection": by_connection(
        lambda c: c.scalar(select(func.count()).select_from(books))
    ),
    "scalars of the connection": by_connection(lambda c: c.scalars(CORE).all()),
    "common table expression": by_connection(
        lambda c: c.execute(select(CORE.where(books.c.id < 7).cte())).all()
    ),
    "scalar subquery": by_connection(
        lambda c: c.execute(
            select(
                tags.c.id,
                select(func.count(books.c.id)).where(books.c.id > tags.c.id).scalar_subquery(),
            )
        ).all()
    ),
    "expanding IN": by_connection(
        lambda c: [c.execute(CORE.where(books.c.id.in_(range(n)))).all() for n in (0, 1, 30)]
    ),
    "union": by_connection(lambda c: c.execute(CORE.union_all(CORE)).all()),
    "empty result": by_connection(lambda c: c.execute(CORE.where(books.c.id < 0)).all()),
}


def _legacy_iteration(session: Session) -> None:
    for _ in session.query(Book):
        pass


def _get_twice(session: Session) -> None:
    first = session.get(Book, 3)
    assert session.get(Book, 3) is first


def _refresh(session: Session) -> None:
    book = session.get_one(Book, 3)
    session.refresh(book)
    session.refresh(book, ["tags", "title"])


def _expire(session: Session) -> None:
    some = session.scalars(ORM.where(Book.id < 6)).all()
    session.expire_all()
    assert [each.title for each in some]


def _nested(session: Session) -> None:
    with session.begin_nested():
        session.add(Tag(word="kept"))
    with session.begin_nested() as savepoint:
        session.add(Tag(word="dropped"))
        session.flush()
        savepoint.rollback()


ORM_STYLES: dict[str, Style] = {
    "scalars all": by_session(lambda s: s.scalars(ORM).all()),
    "execute all": by_session(lambda s: s.execute(ORM).all()),
    "iterate scalars": by_session(lambda s: list(s.scalars(ORM))),
    "first of scalars": by_session(lambda s: s.scalars(ORM).first()),
    "one of scalars": by_session(lambda s: s.scalars(ORM.limit(1)).one()),
    "scalar of the session": by_session(lambda s: s.scalar(ORM)),
    "yield_per of entities": by_session(
        lambda s: list(s.scalars(ORM.execution_options(yield_per=9)))
    ),
    "partitions of entities": by_session(lambda s: list(s.scalars(ORM).partitions(9))),
    "yield_per with selectin": by_session(
        lambda s: list(
            s.scalars(ORM.options(selectinload(Book.tags)).execution_options(yield_per=9))
        )
    ),
    "joined": by_session(
        lambda s: s.scalars(select(Author).options(joinedload(Author.books))).unique().all()
    ),
    "joined with limit": by_session(
        lambda s: (
            s.scalars(select(Author).options(joinedload(Author.books)).limit(3)).unique().all()
        )
    ),
    "joined siblings": by_session(
        lambda s: (
            s.scalars(select(Author).options(joinedload(Author.books), joinedload(Author.prizes)))
            .unique()
            .first()
        )
    ),
    "selectin": by_session(
        lambda s: s.scalars(select(Author).options(selectinload(Author.books))).all()
    ),
    "subquery": by_session(
        lambda s: s.scalars(select(Author).options(subqueryload(Author.books))).all()
    ),
    "lazy": by_session(lambda s: [each.books for each in s.scalars(select(Author))]),
    "deferred column": by_session(lambda s: [each.biography for each in s.scalars(select(Author))]),
    "undeferred column": by_session(
        lambda s: s.scalars(select(Author).options(undefer(Author.biography))).all()
    ),
    "load_only": by_session(lambda s: s.scalars(ORM.options(load_only(Book.title))).all()),
    "default joined by the mapper": by_session(lambda s: s.scalars(select(Loan)).all()),
    "get": by_session(lambda s: s.get(Book, 3)),
    "get finds none": by_session(lambda s: s.get(Book, -3)),
    "get from the identity map": by_session(_get_twice),
    "refresh": by_session(_refresh),
    "expired": by_session(_expire),
    "legacy all": by_session(lambda s: s.query(Book).limit(30).all()),
    "legacy iterate": by_session(_legacy_iteration),
    "legacy count": by_session(lambda s: s.query(Book).count()),
    "legacy get": by_session(lambda s: s.query(Book).get(3)),
    "legacy yield_per": by_session(lambda s: list(s.query(Book).yield_per(7))),
    "legacy first": by_session(lambda s: s.query(Book).first()),
    "legacy columns": by_session(lambda s: s.query(Book.id, Book.title).all()),
    "from_statement": by_session(
        lambda s: s.scalars(ORM.from_statement(text("SELECT * FROM book"))).all()
    ),
}


def _flush(session: Session, count: int) -> None:
    session.add_all([Tag(word=f"flushed {i}") for i in range(count)])
    session.flush()


def _server_default(session: Session) -> None:
    loans = [Loan(book_id=None) for _ in range(3)]
    session.add_all(loans)
    session.flush()
    assert {each.state for each in loans} == {"open"}


def _dirty(session: Session) -> None:
    for each in session.scalars(ORM.where(Book.id < 9)):
        each.title = each.title.upper()
    session.flush()


def _delete(session: Session) -> None:
    session.delete(session.get_one(Loan, 1))
    session.flush()


def _rowcount(connection: Connection) -> None:
    statement = update(books).where(books.c.id < 9).values(title="same")
    assert connection.execute(statement).rowcount == 8


def _text_rowcount(connection: Connection) -> None:
    result = connection.execute(text("UPDATE book SET title = 'same' WHERE id < 9"))
    assert (result.rowcount, result.returns_rows) == (8, False)


def _inserted_key(connection: Connection) -> None:
    result = connection.execute(insert(tags).values(word="x"))
    assert result.inserted_primary_key is not None
    assert result.inserted_primary_key[0] == 6


def _returning(connection: Connection, **options: Any) -> None:
    result = connection.execute(insert(tags).returning(tags.c.id, **options), UNNUMBERED)
    assert len(result.all()) == len(UNNUMBERED)


WRITE_STYLES: dict[str, Style] = {
    "insert one": by_connection(_inserted_key),
    "insert many": by_connection(lambda c: c.execute(insert(tags), NEW_TAGS)),
    "insert many by driver SQL": by_connection(
        lambda c: c.exec_driver_sql("INSERT INTO tag (word) VALUES (?)", [("x",), ("y",)])
    ),
    "insert multiple values": by_connection(
        lambda c: c.execute(insert(tags).values(NEW_TAGS[:300]))
    ),
    "insert from select": by_connection(
        lambda c: c.execute(
            insert(tags).from_select(["word"], select(books.c.title).where(books.c.id < 9))
        )
    ),
    "insert returning": by_connection(
        lambda c: c.execute(insert(tags).values(word="x").returning(tags)).all()
    ),
    "insert returning in bulk": by_connection(_returning),
    "insert returning in bulk, sorted": by_connection(
        lambda c: _returning(c, sort_by_parameter_order=True)
    ),
    "update with rowcount": by_connection(_rowcount),
    "update by text": by_connection(_text_rowcount),
    "update returning": by_connection(
        lambda c: c.execute(
            update(books).where(books.c.id < 9).values(title="k").returning(books.c.id)
        ).all()
    ),
    "update returning, not read": by_connection(
        lambda c: c.execute(update(books).values(title="k").returning(books.c.id))
    ),
    "delete": by_connection(lambda c: c.execute(book_tags.delete())),
    "create and drop a table": by_connection(
        lambda c: (c.execute(text("CREATE TABLE t (a)")), c.execute(text("DROP TABLE t")))
    ),
    "flush one": by_session(lambda s: _flush(s, 1)),
    "flush many": by_session(lambda s: _flush(s, 1200)),
    "flush with a server default": by_session(_server_default),
    "flush changes": by_session(_dirty),
    "flush a delete": by_session(_delete),
    "savepoints": by_session(_nested),
    "bulk insert of the session": by_session(lambda s: s.execute(insert(Tag), NEW_TAGS)),
    "bulk insert returning entities": by_session(
        lambda s: s.scalars(insert(Tag).returning(Tag), UNNUMBERED).all()
    ),
    "bulk update of the session": by_session(
        lambda s: s.execute(update(Book).where(Book.id < 5).values(title="z"))
    ),
    "bulk update that fetches": by_session(
        lambda s: s.execute(
            update(Book).where(Book.id < 5).values(title="z"),
            execution_options={"synchronize_session": "fetch"},
        )
    ),
}

STYLES = {**CORE_STYLES, **ORM_STYLES, **WRITE_STYLES}
