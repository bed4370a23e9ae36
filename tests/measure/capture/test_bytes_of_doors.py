"""Whoever measures gives the same bytes for the same call: those of SQLite's own lengths."""

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session, joinedload

import qprof
from qprof.domain.limits import Limits
from qprof.domain.merging import merged_calls
from qprof.domain.trace import Call, CallSizes, Execution, PlanSizes
from qprof.forecast.bench import at_size, growths
from tests.measure.capture.models import Author
from tests.measure.capture.test_bytes import lengths
from tests.opening import on

APP = """
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, joinedload
from tests.measure.capture.models import Author

engine = create_engine({url!r})


def authors(session):
    return session.scalars(select(Author).options(joinedload(Author.books))).unique().all()


def test_authors():
    with Session(engine) as session:
        assert authors(session)


if __name__ == "__main__":
    test_authors()
"""
JOINED = """
    SELECT a.id, a.name, a.mentor_id, b.id, b.title, b.author_id, b.house_id
    FROM author a LEFT JOIN book b ON b.author_id = a.id
"""
ROOT = str(Path(__file__).parents[3])


@pytest.fixture
def engine(house: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Return the house, beside which a file reads all of it."""
    (tmp_path / "test_the_authors.py").write_text(APP.format(url=house))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", ROOT)
    return create_engine(house)


def authors(session: Session) -> Any:
    return session.scalars(select(Author).options(joinedload(Author.books))).unique().all()


def _recorded(engine: Engine) -> int | None:
    with qprof.record(bytes=True) as seen, Session(engine) as session:
        authors(session)
    return seen.bytes


def _of_each_call(engine: Engine) -> int | None:
    found: list[qprof.RecordResult] = []
    with Session(engine) as session:
        qprof.record(then=found.append, bytes=True)(authors)(session)
    return found[0].bytes


def _benched(engine: Engine) -> int | None:
    sized = at_size(1, "authors", on(engine, authors), ["as-written"], 1, Limits(), sizes=True)
    return sized.runs["as-written"].bytes


def _run(engine: Engine) -> int:
    return _reported("-m", "qprof", "run", "--bytes", "--json", "--", sys.executable, FILE)


def _tested(engine: Engine) -> int:
    flags = ("-q", "-p", "no:cacheprovider", "--qprof-bytes", "--qprof-report", "report.json")
    subprocess.run([sys.executable, "-m", "pytest", *flags, FILE], check=True, capture_output=True)
    return _bytes(Path("report.json").read_text())


FILE = "test_the_authors.py"


def _reported(*command: str) -> int:
    done = subprocess.run([sys.executable, *command], check=True, capture_output=True, text=True)
    return _bytes(done.stderr[done.stderr.index("{") :])


def _bytes(report: str) -> int:
    call = json.loads(report)["calls"][0]
    assert sum(each["bytes"] for each in call["executions"]) == call["bytes"]
    return int(call["bytes"])


DOORS: dict[str, Callable[[Engine], int | None]] = {
    "qprof.record": _recorded,
    "qprof.record in front of a function": _of_each_call,
    "qprof.profile": lambda engine: qprof.profile(authors, engine, bytes=True).bytes,
    "qprof.compare": lambda engine: qprof.compare(authors, engine, bytes=True, repeat=1).bytes,
    "bench": _benched,
    "run": _run,
    "pytest": _tested,
}


@pytest.mark.parametrize("door", DOORS)
def test_every_door_counts_the_same(engine: Engine, door: str) -> None:
    """Of one call with a joined path, which repeats its parent's values."""
    with Session(engine) as session:
        expected = lengths(session, JOINED)
    assert DOORS[door](engine) == expected > 0
    engine.dispose()


def test_no_door_counts_them_unless_asked(engine: Engine) -> None:
    """They are unknown then, rather than 0; also within a block that asks for them."""
    with qprof.record(bytes=True) as around, Session(engine) as session, qprof.record() as seen:
        authors(session)
    assert around.bytes
    assert seen.bytes is None
    assert seen.report.calls[0].bytes is None
    assert qprof.profile(authors, engine).bytes is None
    engine.dispose()


def test_a_block_that_does_not_ask_has_none_of_one_within_it(engine: Engine) -> None:
    """Some of the statements would have them, and others not."""
    with qprof.record() as around, Session(engine) as session, qprof.record(bytes=True) as seen:
        authors(session)
    assert seen.bytes
    assert around.report.calls[0].bytes is None
    engine.dispose()


def test_bytes_grow_as_a_figure_of_their_own(engine: Engine) -> None:
    """They have a fit, and each size has its own; without --bytes there is neither."""
    sized = partial(at_size, call="a", opening=on(engine, authors), plans=["as-written"], repeats=1)
    for wanted in (True, False):
        runs = [sized(each, limits=Limits(), sizes=wanted).runs["as-written"] for each in (1, 2, 4)]
        plan = PlanSizes("as-written", tuple(runs))
        (growth,) = growths([CallSizes("a", {}, "library", (plan,))], {})
        fits = {each.metric: each.formula for each in growth.plans[0].fits}
        known = [each.bytes for each in growth.plans[0].sizes]
        assert ("bytes" in fits) is wanted
        assert (None in known) is not wanted
    engine.dispose()


def test_processes_add_up_what_they_fetched() -> None:
    """The same line of two processes; unknown if one of the two does not know."""
    known, unknown = (Execution("SELECT 1", 1, 1, 1, 1, bytes=each) for each in (8, None))
    for other, whole in ((known, 16), (unknown, None)):
        (call,) = merged_calls([Call("a", {}, (known,), None), Call("a", {}, (other,), None)])
        assert call.executions[0].bytes == whole
