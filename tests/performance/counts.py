"""How many functions and lines of qprof's own run for each execution; `make counts` writes them.

A count is no timing: it is the same on a busy machine and on an idle one. Only frames of qprof's
own files count, so that neither SQLAlchemy's version nor, but for a little, Python's matters.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.pool import StaticPool

import qprof
from qprof.measure.capture import record
from qprof.measure.capture.recording import Recording
from qprof.targets.program.ledger import Ledger
from tests.measure.capture.models import Author, Base, fill

FILE = Path(__file__).with_name("counts.toml")
TIMES = 20
_OWN = str(Path(qprof.__file__).parent)

Work = Callable[[Session], Any]


def _driver_sql(session: Session) -> None:
    connection = session.connection()
    for number in range(TIMES):
        connection.exec_driver_sql("SELECT id, name FROM author WHERE id = ?", (number,)).all()


def _core(session: Session) -> None:
    table, connection = Author.__table__, session.connection()
    for number in range(TIMES):
        connection.execute(select(table).where(table.c.id == number)).all()


def _entities(session: Session) -> None:
    for number in range(TIMES):
        session.scalars(select(Author).where(Author.id == number)).all()


def _lazily(session: Session) -> None:
    for author in session.scalars(select(Author)):
        author.books  # noqa: B018


def _selectin(session: Session) -> None:
    session.scalars(select(Author).options(selectinload(Author.books))).all()


MANY = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n"
)


def _all_at_once(session: Session) -> None:
    session.connection().exec_driver_sql(MANY).all()


def _row_by_row(session: Session) -> None:
    for _ in session.connection().exec_driver_sql(MANY):
        pass


WORKLOADS: dict[str, Work] = {
    "driver-sql": _driver_sql,
    "core": _core,
    "orm": _entities,
    "lazy": _lazily,
    "selectin": _selectin,
    "thousand-rows-at-once": _all_at_once,
    "thousand-rows-one-by-one": _row_by_row,
}


@dataclass
class Counts:
    """What ran: frames entered, and lines executed in them."""

    calls: int = 0
    lines: int = 0

    def trace(self, frame: FrameType, event: str, _argument: Any) -> Any:
        """Count one event, as `sys.settrace` wants it."""
        if event == "call":
            if not frame.f_code.co_filename.startswith(_OWN):
                return None
            self.calls += 1
        elif event == "line":
            self.lines += 1
        return self.trace


@contextmanager
def counted() -> Iterator[Counts]:
    """Count until the block ends; whoever traced before, traces again after."""
    counts, before = Counts(), sys.gettrace()
    sys.settrace(counts.trace)
    try:
        yield counts
    finally:
        sys.settrace(before)


@contextmanager
def house() -> Iterator[Engine]:
    """Yield an engine over a few authors with books."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        fill(session)
    yield engine
    engine.dispose()


def measured(engine: Engine, work: Work, new: Callable[[], Recording]) -> dict[str, float]:
    """Return the counts of `work` for each execution, once everything was seen before."""
    recording = Recording()
    with Session(engine) as session:
        session.connection()
        with record(into=recording):
            work(session)
        for _ in range(3):
            session.expunge_all()
            with record(into=new()), counted() as counts:
                work(session)
    sent = len(recording.sent)
    return {"calls": round(counts.calls / sent, 1), "lines": round(counts.lines / sent, 1)}


def everything() -> dict[str, dict[str, float]]:
    """Return the counts of every workload, under `record` and under `qprof run`."""
    with house() as engine, tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder), [])
        ways = {"record": Recording, "run": lambda: _opened(ledger)}
        return {
            f"{way}.{name}": measured(engine, work, new)
            for way, new in ways.items()
            for name, work in WORKLOADS.items()
        }


def _opened(ledger: Ledger) -> Ledger:
    ledger.closed = False
    return ledger


def text() -> str:
    """Return the file's new content."""
    head = "# For each execution; written by `make counts`, on purpose only.\n"
    parts = [
        f"\n[{name}]\ncalls = {each['calls']}\nlines = {each['lines']}\n"
        for name, each in everything().items()
    ]
    return head + "".join(parts)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
