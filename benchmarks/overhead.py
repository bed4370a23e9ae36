"""`make bench`: the time under `record()` divided by the time bare, in one run, interleaved.

Bare against bare is the noise floor: a ratio within its spread says nothing.
"""

import statistics
import sys
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from time import process_time
from typing import Any

from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session, joinedload, selectinload
from tabulate import tabulate

from qprof.capture import record
from qprof.library.models import Album, Artist, Track
from qprof.runs.sample import sample_library

ROUNDS = 15

Work = Callable[[Session], Any]


def workloads() -> Mapping[str, Work]:
    """Return what is timed, each on the sample library."""
    return {
        "300 driver-level selects": lambda s: [
            s.connection().exec_driver_sql("SELECT id FROM artists WHERE id = 1").all()
            for _ in range(300)
        ],
        "300 Core selects": lambda s: [
            s.connection().execute(text("SELECT id FROM artists WHERE id = 1")).all()
            for _ in range(300)
        ],
        "200 ORM selects of one row": lambda s: [
            s.scalars(select(Artist).where(Artist.id == n)).all() for n in range(1, 201)
        ],
        "275 lazy loads": lambda s: [a.albums for a in s.scalars(select(Artist))],
        "albums, selectin tracks": lambda s: s.scalars(
            select(Album).options(selectinload(Album.tracks))
        ).all(),
        "tracks, joined genres": lambda s: (
            s.scalars(select(Track).options(joinedload(Track.genres))).unique().all()
        ),
    }


def seconds(work: Work, session: Session, *, recorded: bool) -> float:
    """Return the CPU time of one run."""
    with record() if recorded else nullcontext():
        started = process_time()
        work(session)
        return process_time() - started


def ratios(work: Work, session: Session) -> tuple[list[float], list[float]]:
    """Return recorded over bare, and bare over bare, pair by pair."""
    kept: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        session.expunge_all()
        bare = seconds(work, session, recorded=False)
        for column, recorded in zip(kept, (True, False), strict=True):
            session.expunge_all()
            column.append(seconds(work, session, recorded=recorded) / bare)
    return kept


def main() -> None:
    """Print the table."""
    engine = create_engine(sample_library(lambda line: print(line, file=sys.stderr)))
    rows = []
    with Session(engine) as session:
        for name, work in workloads().items():
            work(session)
            recorded, bare = ratios(work, session)
            rows.append((name, _shown(recorded), _shown(bare)))
    print(tabulate(rows, ("workload", "recorded / bare", "bare / bare"), disable_numparse=True))


def _shown(values: list[float]) -> str:
    low, _, high = statistics.quantiles(values, n=4)
    return f"{statistics.median(values):.2f} ({low:.2f} to {high:.2f})"


if __name__ == "__main__":
    main()
