"""`python -m benchmarks.scanning`: trees of generated modules, scanned.

For each size, in a process of its own: the time as a ratio to `ast.parse` alone, as the scan
reads each file; the most memory that Python held at once; what of it the findings are; and what
the rest comes to: what is kept of models, and one file at a time. Syntax trees are not kept.
"""

import ast
import gc
import subprocess
import sys
import tempfile
import tracemalloc
from pathlib import Path
from time import perf_counter

from tabulate import tabulate

from benchmarks.pages import asked
from qprof.runs.rules import RULES
from qprof.scan import python_files, scan

SIZES = (250, 500, 1000, 2000)
LOADERS_EACH = 5
MODULE = """\
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship
from sqlalchemy.orm import selectinload


class Base(DeclarativeBase):
    pass


class Artist{n}(Base):
    __tablename__ = "artist{n}"
    id: Mapped[int] = mapped_column(primary_key=True)
    tracks: Mapped[list["Track{n}"]] = relationship(back_populates="artist")
    albums: Mapped[list["Album{n}"]] = relationship()


class Album{n}(Base):
    __tablename__ = "album{n}"
    id: Mapped[int] = mapped_column(primary_key=True)
    artist_id: Mapped[int] = mapped_column(ForeignKey("artist{n}.id"))


class Track{n}(Base):
    __tablename__ = "track{n}"
    id: Mapped[int] = mapped_column(primary_key=True)
    artist_id: Mapped[int] = mapped_column(ForeignKey("artist{n}.id"))
    artist: Mapped["Artist{n}"] = relationship(back_populates="tracks")


class Repository{n}:
    def __init__(self, session):
        self._session = session

    def get_all(self):
        statement = select(Artist{n}).options(
            selectinload(Artist{n}.tracks), selectinload(Artist{n}.albums)
        )
        return self._session.scalars(statement).all()

    def search(self, name):
        statement = select(Artist{n}).options(joinedload(Artist{n}.tracks))
        if name:
            statement = statement.where(Artist{n}.id == name)
        statement = statement.options(joinedload(Artist{n}.albums))
        return self._session.scalars(statement).unique().all()

    def tracks(self):
        return self._session.scalars(select(Track{n}).options(joinedload(Track{n}.artist))).all()
"""


def generated(folder: Path, count: int) -> None:
    """Write `count` modules of five loader calls each."""
    for number in range(count):
        (folder / f"module{number}.py").write_text(MODULE.format(n=number), encoding="utf-8")


def measure(folder: Path) -> None:
    """Print findings, files, seconds of parsing and of scanning, and bytes: peak, and findings'."""
    files = python_files([folder])
    started = perf_counter()
    for file in files:
        ast.parse(file.read_text(encoding="utf-8"))
    parsing = perf_counter() - started
    names = {rule.id: rule.id for rule in RULES}
    started = perf_counter()
    found = scan(files, list(names), names)
    scanning = perf_counter() - started
    tracemalloc.start()
    kept = scan(files, list(names), names)
    peak = tracemalloc.get_traced_memory()[1]
    gc.collect()
    held = tracemalloc.get_traced_memory()[0]
    print(len(kept.suspects), found.files, parsing, scanning, peak, held)


def main() -> None:
    """Print the table."""
    rows = []
    for size in SIZES:
        with tempfile.TemporaryDirectory() as name:
            generated(Path(name), size)
            command = [sys.executable, "-m", "benchmarks.scanning", name]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        suspects, files, parsing, scanning, peak, held = map(float, said.split())
        rows.append(
            (
                f"{files:,.0f}",
                f"{size * LOADERS_EACH:,}",
                f"{suspects:,.0f}",
                f"{scanning:.1f}",
                f"{scanning / parsing:.1f}",
                f"{peak / 2**20:.1f}",
                f"{held / 2**20:.1f}",
                f"{(peak - held) / 2**20:.1f}",
            )
        )
    headers = (
        *("files", "loader calls", "findings", "seconds", "× ast.parse"),
        *("peak MiB", "findings MiB", "rest MiB"),
    )
    print(tabulate(rows, headers, disable_numparse=True, colalign=("right",) * len(headers)))


if __name__ == "__main__":
    for folder in asked():
        measure(Path(folder))
    if not asked():
        main()
