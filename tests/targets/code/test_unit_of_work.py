"""Whoever commits, and whenever: what a call writes stays out of the database, and is told."""

import importlib
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from qprof.domain.errors import MeasureError
from qprof.domain.report import Report
from qprof.runs.check import check
from qprof.runs.compare import compare
from qprof.runs.predict import predict
from qprof.runs.profile import profile
from qprof.runs.request import Request

MODULE = "tests.targets.code.unit_of_work"
BEFORE = [(1, "first"), (2, "second")]
COMMANDS: dict[str, Callable[[Request], Report]] = {
    "profile": lambda request: profile(request, str),
    "compare": lambda request: compare(request, (), 1, str),
    "check": lambda request: check(request, None, None, str),  # type: ignore[arg-type]
    "predict": lambda request: predict(request, str),
}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "notes.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)")
    connection.executemany("INSERT INTO notes VALUES (?, ?)", BEFORE)
    connection.commit()
    connection.close()
    monkeypatch.chdir(tmp_path)
    return path


@pytest.fixture
def app(file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.setenv("QPROF_TEST_NOTES", str(file))
    module = importlib.import_module(MODULE)
    yield module
    module.engine.dispose()
    del sys.modules[MODULE]


def rows(file: Path) -> list[tuple[int, str]]:
    connection = sqlite3.connect(file)
    found = connection.execute("SELECT * FROM notes ORDER BY id").fetchall()
    connection.close()
    return found


def asked(name: str, setup: str | None = None, *, own: bool = True) -> Request:
    return Request(
        [name],
        target=f"{MODULE}:{name.split('.')[0]}",
        sessions=f"{MODULE}:Own" if own else None,
        setup=f"{MODULE}:{setup}" if setup else None,
    )


WRITES = (
    "adds",
    "only_adds",
    "changes",
    "deletes",
    "adds_again",
    "adds_async",
    "comes_late",
    "swallows",
)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", WRITES)
def test_what_a_dependency_commits_is_refused_and_told(
    name: str, command: str, file: Path, app: ModuleType
) -> None:
    """Before the call and after it, with a session that the dependency itself opens."""
    with pytest.raises(MeasureError, match=f"{name} writes to the database, and qprof only reads"):
        COMMANDS[command](asked(name, own=False))
    assert rows(file) == BEFORE


@pytest.mark.parametrize("command", COMMANDS)
def test_a_write_by_autoflush_is_told_as_one(command: str, file: Path, app: ModuleType) -> None:
    """SQLAlchemy puts its own sentence before the driver's."""
    with pytest.raises(MeasureError, match=r"autoflushes writes to the database, and .*readonly"):
        COMMANDS[command](asked("autoflushes"))
    assert rows(file) == BEFORE


def test_a_refusal_that_the_call_catches_is_told_with_its_statement(
    file: Path, app: ModuleType
) -> None:
    with pytest.raises(MeasureError, match=r"readonly database \(INSERT INTO notes\); it catches"):
        profile(asked("swallows", own=False), str)


@pytest.mark.parametrize("name", ["raises", "raises_async"])
def test_an_error_of_the_call_is_thrown_into_its_dependency(
    name: str, file: Path, app: ModuleType
) -> None:
    """And ends the run even where the dependency swallows it."""
    with pytest.raises(MeasureError, match=f"{name} raised ValueError: no such note"):
        profile(asked(name, own=False), str)
    assert app.THROWN == ["no such note"]


def test_a_call_that_only_gives_out_its_session_is_left_out(file: Path, app: ModuleType) -> None:
    """Of all calls; alone there is nothing to measure."""
    request = Request([], target=f"{MODULE}:Few", sessions=f"{MODULE}:Own")
    app.Few = {name: getattr(app, name) for name in ("gives_session", "autoflushes", "reads")}
    left: list[str] = []
    report = profile(request, left.append)
    assert [call.name for call in report.calls] == ["reads"]
    assert [each.raised for each in report.unmeasured] == [False, False]
    assert "gives_session gives out a Session and sends no statement" in left[0]
    assert "autoflushes writes to the database" in left[1]
    with pytest.raises(MeasureError, match="gives out a Session"):
        profile(asked("gives_session"), str)


@pytest.mark.parametrize("name", ["adds", "only_adds", "reads"])
@pytest.mark.parametrize("setup", ["unit", "shared", "through"])
def test_a_setup_step_writes_and_cleans_up_but_commits_nothing_of_the_call(
    setup: str, name: str, file: Path, app: ModuleType
) -> None:
    """Also where both use one session."""
    request = asked(f"Repository.{name}", setup)
    if name == "only_adds":
        with pytest.raises(MeasureError, match="No statement was seen"):
            profile(request, str)
    else:
        assert profile(request, str).calls[0].rows
    assert rows(file) == BEFORE
