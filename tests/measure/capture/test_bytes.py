"""The bytes of fetched values, against what SQLite says of the lengths of its own values."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.orm import joinedload, selectinload

from qprof.domain.limits import Limits
from qprof.domain.report import CallReport
from qprof.domain.trace import bytes_of
from qprof.measure.capture import record
from qprof.measure.capture.bounded import BoundedRecording
from qprof.measure.capture.value_sizes import size_of
from qprof.reporters import REPORTERS
from qprof.reporters.canvas import Canvas
from qprof.runs.compare import compare
from qprof.runs.profile import profile
from qprof.runs.request import Request
from tests.measure.capture.models import Author, Book, Tag, book_tags


def lengths(session, sql):
    """Return the bytes of all that `sql` gives, by SQLite alone."""
    connection = session.connection()
    names = list(connection.exec_driver_sql(sql).keys())
    given = ", ".join(f"c{place}" for place in range(len(names)))
    each = [
        f"CASE typeof({name}) WHEN 'text' THEN length(CAST({name} AS BLOB)) "
        f"WHEN 'blob' THEN length({name}) WHEN 'null' THEN 0 ELSE 8 END"
        for name in given.split(", ")
    ]
    whole = f"WITH q({given}) AS ({sql}) SELECT sum({' + '.join(each)}) FROM q"
    return connection.exec_driver_sql(whole).scalar()


def sizes(session, call):
    """Return the bytes of what `call` fetches, as qprof counts them."""
    recording = BoundedRecording(Limits(), sizes=True)
    with record(into=recording):
        call(session)
    return [each.bytes for each in recording.executions()]


BOOKS = "SELECT id, title, author_id, house_id FROM book"
CORE = select(*Book.__table__.c["id", "title", "author_id", "house_id"])
STYLES = {
    "all": lambda s: s.execute(CORE).all(),
    "one by one": lambda s: list(iter(s.execute(CORE).fetchone, None)),
    "iteration": lambda s: list(s.execute(CORE)),
    "in parts": lambda s: list(s.execute(CORE).partitions(3)),
    "yield_per": lambda s: list(s.execute(CORE.execution_options(yield_per=2))),
    "text": lambda s: s.execute(text(BOOKS)).all(),
    "for the driver": lambda s: s.connection().exec_driver_sql(BOOKS).all(),
}


@pytest.mark.parametrize("style", STYLES)
def test_each_way_to_fetch_counts_the_same(session, style):
    """Texts beyond ASCII, numbers and NULL."""
    session.execute(text("UPDATE book SET title = title || 'äß€😀' WHERE id % 2"))
    assert sizes(session, STYLES[style])[-1] == lengths(session, BOOKS) > 0


def test_objects_and_their_paths(session):
    """A joined path repeats its parent, a selectin names it."""
    joined, apart = (
        sizes(session, lambda s, load=load: s.scalars(select(Author).options(load)).unique().all())
        for load in (joinedload(Author.books), selectinload(Author.books))
    )
    authors = "SELECT a.id, a.name, a.mentor_id FROM author a"
    books = "b.id, b.title, b.author_id, b.house_id"
    both = authors.replace(" FROM author a", f", {books} FROM author a")
    assert joined == [lengths(session, f"{both} LEFT JOIN book b ON b.author_id = a.id")]
    alone = lengths(session, f"SELECT b.author_id AS again, {books} FROM book b")
    assert sum(apart) in (
        lengths(session, authors) + alone,
        lengths(session, authors) + lengths(session, BOOKS),
    )


def test_what_writes_counts_what_it_returns(session):
    """Batches with RETURNING, and 0 where nothing comes back."""
    rows = [{"id": number, "word": f"tag {number}"} for number in range(900, 1900)]
    given = sizes(session, lambda s: s.execute(insert(Tag).returning(Tag.id, Tag.word), rows).all())
    assert sum(given) == lengths(session, "SELECT id, word FROM tag WHERE id >= 900")
    assert sizes(session, lambda s: s.execute(book_tags.delete())) == [0]


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (None, 0),
        (True, 1),
        (7, 8),
        (10**30, 8),
        (0.5, 8),
        ("é", 2),
        ("\udcff", 3),
        (b"abc", 3),
        (bytearray(4), 4),
        (memoryview(b"12345"), 5),
        (Decimal("12.50"), 5),
        (date(2026, 1, 2), 10),
        (datetime(2026, 1, 2, 3, 4, 5), 19),
        (UUID(int=1), 36),
    ],
)
def test_the_size_of_a_value(value, size):
    """Whatever Python adds to a value is not counted."""
    assert size_of(value) == size


def test_nobody_counts_bytes_unless_asked(session):
    """They are unknown then, rather than 0."""
    with record() as recording:
        session.execute(CORE).all()
    assert bytes_of(recording.executions()) is None


APP = """
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from tests.measure.capture.models import Author


def authors(session: Session) -> list[Author]:
    return list(session.scalars(select(Author).options(selectinload(Author.books))))


CALLS = {"authors": authors}
"""


def test_profile_and_compare_tell_them(house, tmp_path, monkeypatch):
    """Of each call, statement and plan, in each format with figures; nowhere without --bytes."""
    (tmp_path / "bytes_app.py").write_text(APP)
    monkeypatch.syspath_prepend(tmp_path)
    request = Request(target="bytes_app:CALLS", database=house, sizes=True)
    reports = [profile(request, str), compare(request, (), 1, str)]
    (call,) = reports[0].calls
    assert isinstance(call, CallReport)
    assert call.bytes == sum(each.bytes or 0 for each in call.executions) > 0
    plans = {each.plan: each.bytes for each in reports[1].comparisons[0].plans}
    assert plans["as-written"] == plans["selectin"] == call.bytes != plans["joined"]
    for report in reports:
        for name in ("table", "markdown", "csv"):
            said = REPORTERS[name](report, Canvas(120))
            assert str(call.bytes) in said.replace(",", "")
    plain = profile(Request(target="bytes_app:CALLS", database=house), str)
    assert plain.calls[0].bytes is None
    assert "bytes" not in REPORTERS["table"](plain, Canvas(120)).replace("bytes_app", "")
