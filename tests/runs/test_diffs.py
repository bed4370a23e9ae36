# ruff: noqa: E501
"""A fix as a diff: at the options wherever they stand, and git applies it."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qprof.domain.report import Finding, Report
from qprof.measure.experiments import edits
from qprof.reporters.findings import parts_of
from qprof.runs.profile import profile
from qprof.runs.request import Request, choose_rules

FILES = {
    "shelves/__init__.py": "",
    "shelves/models.py": """
from sqlalchemy import ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

class Base(DeclarativeBase):
    id: Mapped[int] = mapped_column(primary_key=True)

class Book(Base):
    __tablename__ = "book"
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))

class Prize(Base):
    __tablename__ = "prize"
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))

class Author(Base):
    __tablename__ = "author"
    books: Mapped[list[Book]] = relationship(order_by=Book.id)
    prizes: Mapped[list[Prize]] = relationship(order_by=Prize.id)

def fill(url):
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(
            Author(books=[Book() for _ in range(9)], prizes=[Prize() for _ in range(9)])
            for _ in range(20)
        )
        session.commit()
    engine.dispose()

def loaded(authors):
    return [[a.id, [b.id for b in a.books], [p.id for p in a.prizes]] for a in authors]
""",
    "shelves/loading.py": """
from sqlalchemy.orm import joinedload
from .models import Author

SHARED = (joinedload(Author.books), joinedload(Author.prizes))

def whole(cls):
    return [joinedload(cls.books), joinedload(cls.prizes)]
""",
    "shelves/repository.py": """
from sqlalchemy import orm, select
from sqlalchemy.orm import Session, joinedload, joinedload as jl

from . import loading
from .loading import whole
from .models import Author, Book, loaded

OWN = [joinedload(Author.books), jl(Author.prizes)]

class Authors:
    mine = (joinedload(Author.books), joinedload(Author.prizes))

    def __init__(self, session: Session):
        self.session = session

    def method(self):
        query = select(Author).options(joinedload(Author.books), joinedload(Author.prizes))
        return loaded(self.session.scalars(query).unique())

    def in_steps(self):
        query = self.session.query(Author)
        query = query.options(orm.joinedload(Author.books, innerjoin=True))
        query = query.options(orm.joinedload(Author.prizes))
        return loaded(query)

    def listed(self):
        options = [joinedload(Author.books)]
        options.append(joinedload(Author.prizes))
        return loaded(self.session.scalars(select(Author).options(*options)).unique())

    def constant(self):
        return loaded(self.session.scalars(select(Author).options(*OWN)).unique())

    def attribute(self):
        return loaded(self.session.scalars(select(Author).options(*self.mine)).unique())

    def elsewhere(self):
        return loaded(self.session.scalars(select(Author).options(*loading.SHARED)).unique())

    def helper(self):
        return loaded(self.session.scalars(select(Author).options(*whole(Author))).unique())

    def lazy(self):
        return [[b.id for b in a.books] for a in self.session.scalars(select(Author))]

    def unread(self):
        query = select(Author).options(orm.selectinload(Author.books)).order_by(Author.id)
        return [a.id for a in self.session.scalars(query)]

    def apart(self):
        query = select(Author).options(orm.selectinload(Author.books), orm.selectinload(Author.prizes))
        return loaded(self.session.scalars(query))

    def either(self, few: bool = True):
        if few:
            query = select(Author).options(joinedload(Author.books), joinedload(Author.prizes))
        else:
            query = select(Author).options(joinedload(Author.prizes), joinedload(Author.books))
        return loaded(self.session.scalars(query).unique())
""",
}
CHANGED = {
    "method": ("repository.py", 2, 1),
    "in_steps": ("repository.py", 2, 2),
    "listed": ("repository.py", 2, 2),
    "constant": ("repository.py", 2, 1),
    "attribute": ("repository.py", 2, 1),
    "elsewhere": ("loading.py", 2, 1),
    "helper": ("loading.py", 2, 1),
    "lazy": ("repository.py", 1, 1),
    "unread": ("repository.py", 1, 1),
}
"""By method: the file that is changed, and how many lines of it go, imports left out."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder with the package and its database; the package can be imported."""
    made = tmp_path_factory.mktemp("diffs")
    for name, text in FILES.items():
        (made / name).parent.mkdir(exist_ok=True)
        (made / name).write_text(text, encoding="utf-8")
    sys.path.insert(0, str(made))
    run(made, f"from shelves.models import fill; fill('sqlite:///{made / 'd.db'}')")
    yield made
    sys.path.remove(str(made))
    for name in [each for each in sys.modules if each.partition(".")[0] == "shelves"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    """Return what is found in all methods."""
    url = f"sqlite:///{folder / 'd.db'}"
    wanted = Request(target="shelves.repository:Authors", database=url)
    return profile(wanted, lambda _: None)


def run(folder: Path, code: str) -> str:
    """Return what a fresh process prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def of(report: Report, method: str) -> Finding:
    """Return the first finding of a method."""
    return next(each for each in report.findings if each.call.rpartition(".")[2] == method)


COUNTING = """
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session
from shelves.repository import Authors
engine, sent = create_engine("sqlite:///d.db"), []
event.listen(engine, "before_cursor_execute", lambda *a: sent.append(a[2]))
with Session(engine) as session:
    value = Authors(session).{method}()
print(len(sent), value)
"""


@pytest.mark.parametrize("method", CHANGED)
def test_git_applies_the_diff_and_the_call_costs_what_was_printed(
    method: str, folder: Path, report: Report, tmp_path: Path
) -> None:
    """Wherever the options stand, and in a fresh process."""
    found, (file, before, after) = of(report, method), CHANGED[method]
    changed = [each for each in found.diff.splitlines() if each.startswith(("-", "+"))]
    assert changed[:2] == [f"--- a/shelves/{file}", f"+++ b/shelves/{file}"]
    body = [each for each in changed[2:] if "import" not in each]
    assert len([each for each in body if each.startswith("-")]) <= before
    assert len([each for each in body if each.startswith("+")]) >= after
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    old = run(tmp_path, COUNTING.format(method=method)).partition(" ")[2]
    (tmp_path / "fix.diff").write_text(found.diff, encoding="utf-8")
    subprocess.run(["git", "apply", "fix.diff"], cwd=tmp_path, check=True)
    queries, _, value = run(tmp_path, COUNTING.format(method=method)).partition(" ")
    assert found.tried is not None
    assert (int(queries), value) == (found.tried.queries, old)


def test_what_a_sibling_does_is_run_and_shown_as_a_diff(folder: Path, report: Report) -> None:
    """QP501 alone: the same diff as of the finding on the same statement."""
    wanted = Request(
        calls=["Authors.method", "Authors.apart"],
        target="shelves.repository:Authors",
        database=f"sqlite:///{folder / 'd.db'}",
        rules=choose_rules(["QP501"], []),
    )
    (found,) = profile(wanted, lambda _: None).findings
    assert (found.rule, found.call.rpartition(".")[2]) == ("QP501", "method")
    assert found.tried is not None
    assert (found.tried.status, found.tried.same, found.tried.queries) == ("measured", True, 3)
    assert found.diff == of(report, "method").diff


def test_a_file_is_read_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many names are looked for in it: some files of users have a megabyte."""
    edits._parsed.cache_clear()
    parsed: list[str] = []
    whole = ast.parse

    def parse(text: str, *args: Any, **options: Any) -> Any:
        parsed.append(text)
        return whole(text, *args, **options)

    wanted = Request(
        calls=["Authors.helper", "Authors.elsewhere"],
        target="shelves.repository:Authors",
        database=f"sqlite:///{folder / 'd.db'}",
    )
    monkeypatch.setattr(edits.ast, "parse", parse)
    profile(wanted, lambda _: None)
    assert {each: parsed.count(text) for each, text in FILES.items() if text} == dict.fromkeys(
        [each for each, text in FILES.items() if text], 1
    )


def test_options_at_two_places_are_shown_plainly(report: Report) -> None:
    """Which of both is to be edited is not known from the source."""
    found = of(report, "either")
    assert found.diff == ""
    assert found.fix.splitlines()[-1].startswith(".options(orm.selectinload(Author.books)")


def test_the_changed_lines_are_shown_at_their_place(report: Report) -> None:
    """Without their indentation, and with what came of it."""
    first, *rest = parts_of(of(report, "helper"))
    lines = first.text.splitlines()
    assert first.is_diff
    assert lines[0].startswith("shelves/loading.py:2")
    assert parts_of(of(report, "helper"))[1].text.splitlines() == [
        "shelves/loading.py:8",
        "- return [joinedload(cls.books), joinedload(cls.prizes)]",
        "+ return [selectinload(cls.books), selectinload(cls.prizes)]",
    ]
    assert rest[-1].text.startswith("With this: 3 queries, 380 rows")


IMPORTS = {
    "one-line": (
        "from sqlalchemy.orm import Session\n",
        "from sqlalchemy.orm import Session, selectinload\n",
    ),
    "comment": (
        "from sqlalchemy.orm import Session  # typed\n",
        "from sqlalchemy.orm import Session, selectinload  # typed\n",
    ),
    "parentheses": (
        "from sqlalchemy.orm import (\n    Session,\n    joinedload,\n)\n",
        "from sqlalchemy.orm import (\n    Session,\n    joinedload,\n    selectinload,\n)\n",
    ),
    "parentheses-without-comma": (
        "from sqlalchemy.orm import (Session,\n    joinedload as j)\n",
        "from sqlalchemy.orm import (Session,\n    joinedload as j,\n    selectinload)\n",
    ),
    "renamed": (
        "from sqlalchemy.orm import Session as S\n",
        "from sqlalchemy.orm import Session as S, selectinload\n",
    ),
    "none": (
        "import os\n",
        "import os\nfrom sqlalchemy.orm import selectinload\n",
    ),
    "typing-only": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
        "    from sqlalchemy.orm import Session\n",
        "from typing import TYPE_CHECKING\nfrom sqlalchemy.orm import selectinload\n"
        "if TYPE_CHECKING:\n    from sqlalchemy.orm import Session\n",
    ),
}
LAZY = """from shelves.models import Author
from sqlalchemy import select
{imports}
def lazy(session):
    return [len(each.books) for each in session.scalars(select(Author))]
"""


@pytest.mark.parametrize("form", IMPORTS)
def test_an_import_that_the_file_has_is_lengthened(form: str, folder: Path, tmp_path: Path) -> None:
    """Rather than a second line from the same module, which a linter refuses."""
    before, after = (LAZY.format(imports=each) for each in IMPORTS[form])
    name = f"lazy_{form.replace('-', '_')}"
    file = folder / "shelves" / f"{name}.py"
    file.write_text(before, encoding="utf-8")
    url = f"sqlite:///{folder / 'd.db'}"
    wanted = Request(target=f"shelves.{name}:lazy", database=url)
    (found, *_) = profile(wanted, lambda _: None).findings
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "fix.diff").write_text(found.diff, encoding="utf-8")
    subprocess.run(["git", "apply", "fix.diff"], cwd=tmp_path, check=True)
    changed = (tmp_path / "shelves" / file.name).read_text(encoding="utf-8")
    assert changed == after.replace(
        "select(Author)", "select(Author).options(selectinload(Author.books))"
    )
