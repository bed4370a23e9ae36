"""The audited class in six spellings of where its session comes from: found, mended, measured."""

import json
import sys
from pathlib import Path

import pytest

from tests.cli.door import ROOT, in_process
from tests.scan.test_audit import filled

SPELLINGS = {
    "Method": ("session = self.get_session()", ""),
    "Factory": ("session = self.factory()", ""),
    "Property": ("session = self.session", ""),
    "Dependency": ("", ", session=None"),
    "Context": ("with self.scope() as session:", ""),
    "Module": ("session = sources.current()", ""),
}
"""By the name of a class: how each method gets its session, and its parameter for it."""
CLASS = """

class {name}(sources.Sessions):
    def get_all(self{parameter}):
        {opening}
        {indent}return (
        {indent}    session.query(Artist)
        {indent}    .options(
        {indent}        selectinload(Artist.tracks).selectinload(Track.genres),
        {indent}        selectinload(Artist.albums),
        {indent}    )
        {indent}    .all()
        {indent})

    def search(self, text="A"{parameter}):
        {opening}
        {indent}found = session.query(Artist).options(
        {indent}    joinedload(Artist.tracks).joinedload(Track.genres), joinedload(Artist.albums)
        {indent})
        {indent}return found.filter(Artist.name.startswith(text)).order_by(Artist.id).all()

    def get_by_id(self, key=1{parameter}):
        {opening}
        {indent}return (
        {indent}    session.query(Artist)
        {indent}    .options(
        {indent}        joinedload(Artist.tracks).joinedload(Track.genres),
        {indent}        joinedload(Artist.albums),
        {indent}    )
        {indent}    .filter(Artist.id == key)
        {indent}    .all()
        {indent})
"""
SOURCES = """
from contextlib import contextmanager

HERE = []

def current():
    return HERE[-1]

class Sessions:
    def __init__(self, factory):
        self.factory = factory

    def get_session(self):
        return self.factory()

    @property
    def session(self):
        return self.factory()

    @contextmanager
    def scope(self):
        yield self.factory()
"""
CALLS = """
from sqlalchemy.orm import Session
from . import repositories, sources

class Calls:
    def __init__(self, session: Session):
        self.held = session
        sources.HERE.append(session)

    def called(self, name, method):
        given = {"session": self.held} if name == "Dependency" else {}
        return getattr(getattr(repositories, name)(lambda: self.held), method)(**given)

"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a package in an empty folder, next to its filled database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    folder = tmp_path / "spelled"
    folder.mkdir()
    for name in ("__init__.py", "models.py", "filling.py"):
        (folder / name).write_text((ROOT / "tests" / "apps" / "audit" / name).read_text())
    classes = [
        CLASS.format(
            name=name,
            opening=opening or "assert session",
            parameter=parameter,
            indent="    " if opening.endswith(":") else "",
        )
        for name, (opening, parameter) in SPELLINGS.items()
    ]
    imports = (
        "from sqlalchemy.orm import joinedload, selectinload\n\n"
        "from . import sources\nfrom .models import Artist, Track\n"
    )
    (folder / "repositories.py").write_text(imports + "".join(classes))
    (folder / "sources.py").write_text(SOURCES)
    methods = [
        f"    def {name.lower()}_{method}(self):\n"
        f"        return self.called({name!r}, {method!r})\n"
        for name in SPELLINGS
        for method in ("search", "get_by_id")
    ]
    (folder / "calls.py").write_text(CALLS + "\n".join(methods))
    filled("spelled")
    return folder


def test_wherever_the_session_comes_from_both_are_found_and_mended(tree: Path) -> None:
    """The scan names the forgotten methods and the one to copy; mended, profile finds nothing."""
    try:
        said = in_process("scan", "spelled", "-f", "json=scan.json", "--fix", "--write")
        assert "Changed 36 loader calls in 1 file." in said.err
        assert "No risky loader options" in in_process("scan", "spelled").out
        target = ("-t", "spelled.calls:Calls", "-d", "sqlite:///a.db")
        after = in_process("profile", *target, "-f", "json=after.json", "-q")
        assert after.code == 0, after.all
        report = json.loads(Path("after.json").read_text(encoding="utf-8"))
        found = {each["name"]: each for each in report["calls"]}
        assert len([each for each in found if each.endswith(("_search", "_get_by_id"))]) == 12
        assert [each for each in report["findings"] if each["level"] != "note"] == []
        assert all(each["rows"] == each["needed"]["rows"] for each in found.values())
    finally:
        for name in [each for each in sys.modules if each.partition(".")[0] == "spelled"]:
            del sys.modules[name]


def test_each_is_told_what_to_copy(tree: Path) -> None:
    """Both methods of all six classes break QP101 and QP501."""
    in_process("scan", "spelled", "-f", "json=scan.json")
    findings = json.loads(Path("scan.json").read_text(encoding="utf-8"))["findings"]
    wanted = {f"{name}.{method}" for name in SPELLINGS for method in ("search", "get_by_id")}
    for rule in ("QP101", "QP501"):
        assert {each["call"] for each in findings if each["rule"] == rule} == wanted
    for each in findings:
        if each["rule"] == "QP501":
            assert each["evidence"]["copy"] == f"{each['call'].partition('.')[0]}.get_all"
