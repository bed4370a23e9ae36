# ruff: noqa: E501
"""Every printed fix, pasted into the source and run in a fresh process: what was printed comes out.

The counts are those of a cursor of sqlite3 that knows nothing of qprof.
"""

import importlib
import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from qprof.domain.report import Finding, Report
from qprof.runs.profile import profile
from qprof.runs.request import Request

MODELS = '''
import json, sqlite3, sys
from sqlalchemy import ForeignKey, create_engine, func, insert, select
from sqlalchemy.orm import *
from sqlalchemy.orm import Session

class Base(DeclarativeBase): pass

class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    lucky: Mapped[int]
    kind: Mapped[str]
    bio: Mapped[str] = mapped_column(deferred=True)
    note: Mapped[str]
    city: Mapped[str]
    born: Mapped[int]
    books: Mapped[list["Book"]] = relationship(order_by="Book.id", back_populates="author")
    prizes: Mapped[list["Prize"]] = relationship(order_by="Prize.id")
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "author"}

class Poet(Author):
    __tablename__ = "poet"
    id: Mapped[int] = mapped_column(ForeignKey("author.id"), primary_key=True)
    metre: Mapped[str]
    poems: Mapped[list["Poem"]] = relationship(order_by="Poem.id")
    first: Mapped["Poem"] = relationship(uselist=False, viewonly=True, order_by="Poem.id")
    __mapper_args__ = {"polymorphic_identity": "poet"}

class Poem(Base):
    __tablename__ = "poem"
    id: Mapped[int] = mapped_column(primary_key=True)
    poet_id: Mapped[int] = mapped_column(ForeignKey("poet.id"), index=True)

class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"), index=True)
    year: Mapped[int]
    title: Mapped[str]
    author: Mapped[Author] = relationship(back_populates="books")
    pages: Mapped[list["Page"]] = relationship(order_by="Page.id")

class Page(Base):
    __tablename__ = "page"
    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id"), index=True)

class Prize(Base):
    __tablename__ = "prize"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"), index=True)

class Shelf(Base):
    __tablename__ = "shelf"
    row: Mapped[int] = mapped_column(primary_key=True)
    side: Mapped[str] = mapped_column(primary_key=True)
    things: Mapped[list["Thing"]] = relationship(lazy="joined", order_by="Thing.id")
    labels: Mapped[list["Label"]] = relationship(lazy="joined", order_by="Label.id")

class Thing(Base):
    __tablename__ = "thing"
    __table_args__ = (__import__("sqlalchemy").ForeignKeyConstraint(["row", "side"], ["shelf.row", "shelf.side"]),)
    id: Mapped[int] = mapped_column(primary_key=True)
    row: Mapped[int]
    side: Mapped[str]

class Label(Base):
    __tablename__ = "label"
    __table_args__ = (__import__("sqlalchemy").ForeignKeyConstraint(["row", "side"], ["shelf.row", "shelf.side"]),)
    id: Mapped[int] = mapped_column(primary_key=True)
    row: Mapped[int]
    side: Mapped[str]

class Unit(Base):
    __tablename__ = "unit"
    id: Mapped[int] = mapped_column(primary_key=True)
    boss_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    parts: Mapped[list["Unit"]] = relationship(order_by="Unit.id")

def fill(engine):
    Base.metadata.create_all(engine)
    with engine.begin() as c:
        c.execute(insert(Author.__table__), [
            {"id": i, "lucky": i % 8, "kind": "poet" if i % 4 == 0 else "author", "bio": "b" * 40, "note": f"n{i}",
             "city": "c", "born": 1900 + i}
            for i in range(1, 41)])
        c.execute(insert(Poet.__table__), [{"id": i, "metre": "m"} for i in range(4, 41, 4)])
        c.execute(insert(Poem), [{"id": i, "poet_id": 4 + 4 * (i % 10)} for i in range(1, 41)])
        c.execute(insert(Book), [
            {"id": i, "author_id": 1 + i % 40, "year": 2000 + i % 20, "title": "t" * 30} for i in range(1, 241)])
        c.execute(insert(Page), [{"id": i, "book_id": 1 + i % 240} for i in range(1, 721)])
        c.execute(insert(Prize), [{"id": i, "author_id": 1 + i % 40} for i in range(1, 161)])
        c.execute(insert(Shelf), [{"row": i, "side": s} for i in range(1, 11) for s in "ab"])
        for kind in (Thing, Label):
            c.execute(insert(kind), [{"id": i, "row": 1 + i % 10, "side": "ab"[i % 3 == 0]} for i in range(1, 121)])
        c.execute(insert(Unit), [{"id": i, "boss_id": i // 3 or None} for i in range(1, 101)])

def loaded(objects):
    """What a caller sees of authors."""
    return [[a.id, [b.id for b in a.books], [p.id for p in a.prizes]] for a in objects]

def flat(unit):
    return [unit.id, [flat(each) for each in unit.parts]]

def some_options():
    return [joinedload(Author.books), joinedload(Author.prizes)]
'''


@dataclass(frozen=True)
class Case:
    """A function; what stands in it in place of OPTIONS; and the rules that find something in it."""

    code: str
    options: str
    rules: str
    cost: tuple[int, int] | None = None
    """Queries and rows with the fix, counted by hand; None where the printed ones will do."""
    right: str | None = None
    """The options under which the call gives what is right, where as written it does not."""


SIBLINGS = ".options(joinedload(Author.books), joinedload(Author.prizes))"
CASES = {
    "siblings": Case(
        "return loaded(session.scalars(select(Author)OPTIONS.order_by(Author.id)).unique())",
        SIBLINGS,
        "QP101",
        (3, 440),
    ),
    "legacy": Case(
        "return loaded(session.query(Author)OPTIONS.order_by(Author.id).all())",
        SIBLINGS,
        "QP101",
        (3, 440),
    ),
    "objects": Case(
        "return session.scalars(select(Author)OPTIONS.order_by(Author.id)).unique().all()",
        SIBLINGS,
        "QP101",
        (3, 440),
    ),
    "two_calls": Case(
        "return loaded(session.scalars(select(Author)OPTIONS.order_by(Author.id)).unique())",
        ".options(joinedload(Author.books)).options(joinedload(Author.prizes))",
        "QP101",
        (3, 440),
    ),
    "helper": Case(
        "return loaded(session.scalars(select(Author)OPTIONS.order_by(Author.id)).unique())",
        ".options(*some_options())",
        "QP101",
        (3, 440),
    ),
    "alias": Case(
        "writer = aliased(Author)\n"
        "return loaded(session.scalars(select(writer)OPTIONS.order_by(writer.id)).unique())",
        ".options(joinedload(writer.books), joinedload(writer.prizes))",
        "QP101",
        (3, 440),
    ),
    "alias_of_query": Case(
        "writer = aliased(Author)\n"
        "return loaded(session.query(writer)OPTIONS.order_by(writer.id).all())",
        ".options(joinedload(writer.books), joinedload(writer.prizes))",
        "QP101",
        (3, 440),
    ),
    "polymorphic": Case(
        "anyone = with_polymorphic(Author, [Poet])\n"
        "found = session.scalars(select(anyone)OPTIONS.order_by(anyone.id)).unique()\n"
        "return [[a.id, len([b.id for b in a.books])] + [p.id for p in getattr(a, 'poems', [])] for a in found]",
        ".options(joinedload(anyone.books), joinedload(anyone.Poet.poems))",
        "QP101",
        (3, 320),
    ),
    "columns_kept": Case(
        "return loaded(session.scalars(select(Author)OPTIONS.order_by(Author.id)).unique())",
        ".options(load_only(Author.id), joinedload(Author.books).load_only(Book.id), joinedload(Author.prizes))",
        "QP101",
        (3, 440),
    ),
    "criteria_kept": Case(
        "year = 2010\n"
        "return loaded(session.scalars(select(Author)OPTIONS.order_by(Author.id)).unique())",
        ".options(joinedload(Author.books.and_(Book.year > year)), joinedload(Author.prizes))",
        "QP101",
        (3, 308),
    ),
    "wildcard": Case(
        "found = session.scalars(select(Author)OPTIONS.where(Author.kind == 'author').order_by(Author.id)).unique()\n"
        "return loaded(found)",
        '.options(joinedload("*"))',
        "QP101 QP301",
        (3, 330),
    ),
    "mapping": Case(
        "found = session.scalars(select(Shelf)OPTIONS.order_by(Shelf.row, Shelf.side)).unique()\n"
        "return [[s.row, s.side, [t.id for t in s.things], [l.id for l in s.labels]] for s in found]",
        "",
        "QP101",
        (3, 260),
    ),
    "limit": Case(
        "return loaded(session.scalars(select(Author)OPTIONS.limit(20).offset(5)).unique())",
        ".options(joinedload(Author.books), joinedload(Author.prizes))",
        "QP101 QP401",
        (3, 220),
    ),
    "nested": Case(
        "found = session.scalars(select(Author)OPTIONS.order_by(Author.id)).unique()\n"
        "return [[a.id, [[p.id for p in b.pages] for b in a.books]] for a in found]",
        ".options(joinedload(Author.books).joinedload(Book.pages))",
        "QP102",
        (3, 1000),
    ),
    "lazy": Case(
        "found = session.scalars(select(Author)OPTIONS.order_by(Author.id))\n"
        "return [[a.id, [b.id for b in a.books]] for a in found]",
        "",
        "QP201",
        (2, 280),
    ),
    "lazy_to_one": Case(
        "found = session.scalars(select(Book)OPTIONS.order_by(Book.id))\n"
        "return [[b.id, b.author.note] for b in found]",
        "",
        "QP201",
    ),
    "lazy_below": Case(
        "found = session.scalars(select(Author)OPTIONS.order_by(Author.id)).unique()\n"
        "return [[[p.id for p in b.pages] for b in a.books] for a in found]",
        ".options(selectinload(Author.books))",
        "QP201",
        (3, 1000),
    ),
    "deferred": Case(
        "return [a.bio for a in session.scalars(select(Author)OPTIONS.order_by(Author.id))]",
        ".options(load_only(Author.note))",
        "QP201",
        (1, 40),
    ),
    "subclass": Case(
        "found = session.scalars(select(Author)OPTIONS.order_by(Author.id))\n"
        "return [getattr(a, 'metre', '') for a in found]",
        "",
        "QP201",
        (2, 50),
    ),
    "by_class": Case(
        "found = session.scalars(select(Author)OPTIONS.order_by(Author.id))\n"
        "return [[a.id, [b.id for b in a.books]] + [p.id for p in getattr(a, 'poems', [])] for a in found]",
        ".options(selectin_polymorphic(Author, [Poet]))",
        "QP201",
        (4, 330),
    ),
    "few_of_a_subclass": Case(
        "found = session.scalars(select(Book)OPTIONS.where(Book.author_id.in_([3, 4, 8])).order_by(Book.id)).all()\n"
        "pages = [[b.id, [p.id for p in b.pages]] for b in found]\n"
        "return pages, [[p.id for p in getattr(b.author, 'poems', [])] for b in found]",
        ".options(selectinload(Book.author))",
        "QP201",
    ),
    "lazy_and_narrowed": Case(
        "found = session.scalars(select(Author)OPTIONS.where(Author.id < 3).order_by(Author.id)).all()\n"
        "return [[a.id, [p.id for p in a.prizes]] for a in found]",
        ".options(lazyload(Author.prizes.and_(Prize.id > 50)), selectinload(Author.books))",
        "QP301",
    ),
    "recursion": Case(
        "found = session.scalars(select(Unit)OPTIONS.where(Unit.boss_id.is_(None)).order_by(Unit.id))\n"
        "return [flat(each) for each in found]",
        "",
        "QP201",
    ),
    "recursion_deeper": Case(
        "found = session.scalars(select(Unit)OPTIONS.where(Unit.boss_id.is_(None)).order_by(Unit.id))\n"
        "return [flat(each) for each in found]",
        ".options(selectinload(Unit.parts, recursion_depth=1))",
        "QP201",
    ),
    "unread": Case(
        "return [a.note for a in session.scalars(select(Author)OPTIONS.order_by(Author.id))]",
        ".options(selectinload(Author.books))",
        "QP301",
        (1, 40),
    ),
    "unread_and_lazy": Case(
        "found = session.scalars(select(Author)OPTIONS.order_by(Author.id))\n"
        "return [[p.id for p in a.prizes] for a in found]",
        ".options(selectinload(Author.books))",
        "QP301 QP201",
        (2, 200),
    ),
    "unread_and_siblings": Case(
        "found = session.scalars(select(Author)OPTIONS.order_by(Author.id)).unique()\n"
        "return [[p.id for p in a.prizes] for a in found]",
        SIBLINGS,
        "QP101 QP301",
        (2, 200),
    ),
    "outer": Case(
        "found = session.scalars(select(Book)OPTIONS.order_by(Book.id))\n"
        "return [[b.id, b.author.note] for b in found]",
        ".options(joinedload(Book.author))",
        "QP402",
        (1, 240),
    ),
    "swallowed": Case(
        "told = []\n"
        "for a in session.scalars(select(Author)OPTIONS.order_by(Author.id)):\n"
        "    try: told.append([b.id for b in a.books])\n"
        "    except Exception: told.append([])\n"
        "return told",
        ".options(raiseload(Author.books))",
        "QP203",
        (2, 280),
        ".options(selectinload(Author.books))",
    ),
    "nested_inner": Case(
        "found = session.scalars(select(Author)OPTIONS.order_by(Author.id)).unique()\n"
        "return [[a.id, [[b.id, b.author.note] for b in a.books]] for a in found]",
        ".options(joinedload(Author.books).joinedload(Book.author, innerjoin=True))",
        "QP411",
        (1, 240),
        ".options(selectinload(Author.books).selectinload(Book.author))",
    ),
    "unstable": Case(
        "found = session.scalars(select(Author)OPTIONS.order_by(Author.lucky).limit(10).offset(3))\n"
        "return loaded(found)",
        ".options(subqueryload(Author.books), selectinload(Author.prizes))",
        "QP412",
        (3, 110),
        ".options(selectinload(Author.books), selectinload(Author.prizes))",
    ),
    "several": Case(
        "found = session.scalars(select(Poet)OPTIONS.order_by(Poet.id))\n"
        "return [[p.id, p.first.id] for p in found]",
        ".options(joinedload(Poet.first))",
        "QP413 QP102",
        None,
        ".options(selectinload(Poet.first))",
    ),
}
COUNTING = """
tally = {"queries": 0, "rows": 0, "cells": 0}
class Cursor(sqlite3.Cursor):
    def execute(self, *a):
        tally["queries"] += 1
        return super().execute(*a)
    def counted(self, rows):
        tally["rows"] += len(rows); tally["cells"] += sum(map(len, rows)); return rows
    def fetchall(self):
        return self.counted(super().fetchall())
    def fetchone(self):
        row = super().fetchone(); self.counted([row] if row else []); return row
    def fetchmany(self, *a):
        return self.counted(super().fetchmany(*a))
class Connection(sqlite3.Connection):
    def cursor(self, factory=Cursor): return super().cursor(factory)
told = {}
for name in NAMES:
    engine = create_engine(sys.argv[1], connect_args={"factory": Connection})
    with engine.connect(): pass
    tally.update(queries=0, rows=0, cells=0)
    with Session(engine) as session:
        value = globals()[name](session)
        if name == "objects": value = [[a.id, [b.id for b in a.books], [p.id for p in a.prizes]] for a in value]
        told[name] = {"value": value, **tally}
print(json.dumps(told))
"""


def source(options: dict[str, str]) -> str:
    """Return the module with these options in its functions."""
    functions = [
        f"def {name}(session: Session):\n"
        + textwrap.indent(CASES[name].code.replace("OPTIONS", text), "    ")
        for name, text in options.items()
    ]
    return MODELS + "\n" + "\n\n".join(functions) + "\n"


def ran(folder: Path, options: dict[str, str]) -> dict[str, dict[str, object]]:
    """Run the functions in a fresh process; return the counts and the value of each."""
    file = folder / "fresh.py"
    file.write_text(source(options) + COUNTING.replace("NAMES", repr([*options])))
    url = f"sqlite:///{folder / 'd.db'}"
    done = subprocess.run(
        [sys.executable, str(file), url], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder with the module and its database; the module can be imported."""
    made = tmp_path_factory.mktemp("fixes")
    (made / "printed").mkdir()
    (made / "printed" / "__init__.py").touch()
    written = source({n: each.options for n, each in CASES.items()})
    (made / "printed" / "fixes.py").write_text(written)
    sys.path.insert(0, str(made))
    module = importlib.import_module("printed.fixes")
    engine = module.create_engine(f"sqlite:///{made / 'd.db'}")
    module.fill(engine)
    engine.dispose()
    yield made
    sys.path.remove(str(made))


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    """Return what is found in all of them."""
    url = f"sqlite:///{folder / 'd.db'}"
    wanted = Request(calls=list(CASES), target="printed:fixes", database=url)
    return profile(wanted, lambda _: None)


def printed(finding: Finding) -> str:
    """Return the options of a fix; "" for one that leaves none."""
    lines = [line for line in finding.fix.split("\n") if not line.startswith("from ")]
    assert lines[0].startswith(".options(") or lines[0].startswith("Drop the loader options"), lines
    return lines[0] if lines[0].startswith(".options(") else ""


@pytest.fixture(scope="module")
def fresh(folder: Path, report: Report) -> dict[str, dict[str, object]]:
    """Return what the functions with the printed fixes cost and give in a fresh process."""
    return ran(folder, {n: printed(of(report, n)[0]) for n in CASES})


@pytest.fixture(scope="module")
def as_written(folder: Path) -> dict[str, dict[str, object]]:
    """Return the same of the functions as they are written."""
    return ran(folder, {n: each.options for n, each in CASES.items()})


@pytest.fixture(scope="module")
def right(folder: Path) -> dict[str, dict[str, object]]:
    """Return the same of the functions with the options under which they give what is right."""
    return ran(folder, {n: each.right for n, each in CASES.items() if each.right is not None})


def of(report: Report, call: str) -> list[Finding]:
    """Return what is found in a call and fixed by options."""
    return [each for each in report.findings if each.call == call and each.change is not None]


@pytest.mark.parametrize("name", CASES)
def test_one_statement_has_one_fix(name: str, report: Report) -> None:
    """All findings on it print the same, and say what was measured with it."""
    found = of(report, name)
    assert {each.rule for each in found} == set(CASES[name].rules.split())
    assert len({each.fix for each in found}) == 1
    assert {each.tried.status for each in found if each.tried} == {"measured"}
    assert not re.search(r"\.\.\.", found[0].fix)


@pytest.mark.parametrize("name", CASES)
def test_a_pasted_fix_costs_what_was_printed(
    name: str, report: Report, fresh: dict[str, dict[str, object]]
) -> None:
    """In a fresh process, by a cursor of its own."""
    tried = of(report, name)[0].tried
    assert tried is not None
    counts = (fresh[name]["queries"], fresh[name]["rows"], fresh[name]["cells"])
    assert counts == (tried.queries, tried.rows, tried.cells)
    if CASES[name].cost is not None:
        assert (tried.queries, tried.rows) == CASES[name].cost


@pytest.mark.parametrize("name", CASES)
def test_a_pasted_fix_gives_the_same(
    name: str,
    fresh: dict[str, dict[str, object]],
    as_written: dict[str, dict[str, object]],
    right: dict[str, dict[str, object]],
) -> None:
    """The values of the call, in the same order; those that are right where it had others."""
    assert fresh[name]["value"] == right.get(name, as_written[name])["value"]
