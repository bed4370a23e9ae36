"""--seal: a fix with raiseload("*"), offered only where a run proves that nothing else is read."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qprof.domain.report import Report, Tried
from qprof.reporters.findings import parts_of
from qprof.runs.compare import compare
from qprof.runs.profile import profile
from qprof.runs.request import Request

MODELS = """
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import *

class Base(DeclarativeBase):
    id: Mapped[int] = mapped_column(primary_key=True)

class Label(Base):
    __tablename__ = "label"
    name: Mapped[str]

class Author(Base):
    __tablename__ = "author"
    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"))
    label: Mapped[Label] = relationship()
    books: Mapped[list["Book"]] = relationship(order_by="Book.id")
    prizes: Mapped[list["Prize"]] = relationship(order_by="Prize.id")

class Book(Base):
    __tablename__ = "book"
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    pages: Mapped[list["Page"]] = relationship(order_by="Page.id")

class Page(Base):
    __tablename__ = "page"
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id"))

class Prize(Base):
    __tablename__ = "prize"
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))

BOTH = [joinedload(Author.books), joinedload(Author.prizes)]
QUERY = select(Author).options(*BOTH).order_by(Author.id)

def ids(author):
    return [author.books[0].id, author.prizes[0].id]

def siblings(session: Session):
    return [ids(a) for a in session.scalars(QUERY).unique()]

async def awaited(session: AsyncSession):
    return [ids(a) for a in (await session.scalars(QUERY)).unique()]

def nested(session: Session):
    found = session.scalars(select(Author).options(selectinload(Author.books)))
    return [[p.id for b in a.books for p in b.pages] for a in found]

def kept_lazy(session: Session):
    return [[*ids(a), a.label.name] for a in session.scalars(QUERY).unique()]

def unread(session: Session):
    return [a.id for a in session.scalars(select(Author).options(selectinload(Author.books)))]

def returned(session: Session):
    return session.scalars(QUERY).unique().all()

def known(session: Session):
    label = session.get(Label, 1)
    return [[*ids(a), a.label is label] for a in session.scalars(QUERY).unique()]

def caught(session: Session):
    label, told = session.get(Label, 1), []
    for each in session.scalars(QUERY).unique():
        told.append(ids(each))
        try:
            each.label
        except Exception:
            pass
    return told

def fill(url):
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        label = Label(name="x")
        for _ in range(20):
            books = [Book(pages=[Page(), Page()]) for _ in range(9)]
            session.add(Author(label=label, books=books, prizes=[Prize() for _ in range(9)]))
        session.commit()
    engine.dispose()
"""
APART = "selectinload(Author.books), selectinload(Author.prizes)"
SEALED = {
    "siblings": f'.options({APART}, raiseload("*"))',
    "awaited": f'.options({APART}, raiseload("*"))',
    "nested": '.options(selectinload(Author.books).selectinload(Book.pages), raiseload("*"))',
    "kept_lazy": f'.options({APART}, lazyload(Author.label), raiseload("*"))',
    "unread": '.options(raiseload(Author.books), raiseload("*"))',
}
OPEN = {
    "returned": "the call returns objects, and what reads them later is not known",
    "known": "with raiseload(\"*\") the call raised InvalidRequestError: 'Author.label'",
    "caught": 'with raiseload("*") a lazy load of the call fails, and is caught',
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of the filled database of a module that can be imported."""
    folder = tmp_path_factory.mktemp("seal")
    (folder / "sealing").mkdir()
    (folder / "sealing" / "__init__.py").touch()
    (folder / "sealing" / "app.py").write_text(MODELS, encoding="utf-8")
    sys.path.insert(0, str(folder))
    module = importlib.import_module("sealing.app")
    module.fill(f"sqlite:///{folder / 'd.db'}")
    yield f"sqlite:///{folder / 'd.db'}"
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def request_(url: str) -> Request:
    """Return what is asked for."""
    return Request(calls=[*SEALED, *OPEN], target="sealing:app", database=url, seal=True)


@pytest.fixture(scope="module")
def report(request_: Request) -> Report:
    """Return what is found in all calls."""
    return profile(request_, lambda _: None)


def tried(report: Report, call: str) -> Tried:
    """Return what came of the first fix of a call."""
    found = next(each.tried for each in report.findings if each.call == call and each.tried)
    assert (found.status, found.same) == ("measured", True)
    return found


@pytest.mark.parametrize("call", SEALED)
def test_the_fix_is_sealed_where_a_run_proves_it(call: str, report: Report) -> None:
    found = tried(report, call)
    assert (found.sealed, found.unsealed) == (SEALED[call], "")


@pytest.mark.parametrize("call", OPEN)
def test_else_the_reason_is_said(call: str, report: Report) -> None:
    """Objects that are handed out, a read that sent no query, and one whose error is caught."""
    found = tried(report, call)
    assert found.sealed == ""
    assert found.unsealed.startswith(OPEN[call])


def test_the_next_lazy_load_raises(url: str) -> None:
    """Of the roots, and of what hangs on them: pasted, in a fresh process."""
    code = (
        "from sealing.app import *\n"
        f"with Session(create_engine({url!r})) as session:\n"
        f"    author = session.scalars(select(Author){SEALED['siblings']}).first()\n"
        "    print(len(ids(author)))\n"
        "    for read in (lambda: author.label, lambda: author.books[0].pages):\n"
        "        try: print(read())\n"
        "        except Exception as error: print(type(error).__name__)\n"
    )
    folder = Path(url.removeprefix("sqlite:///")).parent
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=folder
    )
    assert done.stdout.split() == ["2", "InvalidRequestError", "InvalidRequestError"], done.stderr


def test_compare_offers_it_too(request_: Request) -> None:
    report = compare(replace(request_, calls=["siblings"]), (), 1, lambda _: None)
    assert tried(report, "siblings").sealed == SEALED["siblings"]


def test_it_is_printed_below_the_diff(report: Report) -> None:
    """Without --seal, nothing is said of it."""
    found = next(each for each in report.findings if each.call == "siblings")
    *_, sentence, code = parts_of(found)
    assert found.diff
    assert sentence.text.startswith("Sealed, with the same result: this run reads nothing else")
    assert (code.text, code.is_code) == (SEALED["siblings"], True)
    bare = replace(found, tried=replace(tried(report, "siblings"), sealed=""))
    assert not any("ealed" in each.text for each in parts_of(bare))
