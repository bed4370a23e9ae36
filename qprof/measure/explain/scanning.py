"""Which tables a SELECT reads whole, though few of their rows are wanted."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from qprof.domain.trace import Scan, Site
from qprof.measure.explain.asked import Asked, Candidate
from qprof.measure.explain.candidates import SCANNED, planned_of
from qprof.measure.explain.servers import OnServer
from qprof.measure.explain.sqlite_copy import InMemory
from qprof.measure.explain.trial import Trial


@dataclass(frozen=True)
class Explained:
    """What EXPLAIN said of the SELECTs of a call."""

    scans: tuple[Scan, ...] = ()
    failed: tuple[tuple[Site | None, SQLAlchemyError], ...] = ()
    """Where a SELECT was sent that could not be explained, and what the database raised."""


def scans(engine: Engine, asked: Sequence[Asked], *, try_indexes: bool = False) -> Explained:
    """Return what the SELECTs of `asked` scan for few rows, each with the index that would serve.

    With `try_indexes` it is tried on a server, too, on a temporary copy of the table. Nothing for a
    database whose EXPLAIN is not known. Raises what connecting raises.
    """
    if engine.dialect.name not in SCANNED or not asked:
        return Explained()
    with engine.connect() as connection:
        planned = [planned_of(connection, each) for each in asked]
    found: dict[str, Scan] = {}
    with _trial(engine, on_servers=try_indexes) as trial:
        for candidate in (one for each in planned for one in each.candidates):
            scan = candidate.scan
            key = f"{scan.index or (scan.table, scan.columns)} {scan.site}"
            tried = None if key in found else _tried(trial, candidate)
            if tried is not None:
                found[key] = tried
    failed = (failure for each in planned for failure in each.failed)
    return Explained(tuple(found.values()), tuple(failed))


@contextmanager
def _trial(engine: Engine, *, on_servers: bool) -> Iterator[Trial]:
    if engine.dialect.name != "sqlite":
        yield OnServer(engine, possible=on_servers)
        return
    with engine.connect() as connection, InMemory(connection) as trial:
        yield trial


def _tried(trial: Trial, candidate: Candidate) -> Scan | None:
    """Return the scan, tried where it has an index; None where too little is saved.

    Where not every row came back a scan may have ended early, and only the trial tells.
    """
    sure = candidate.asked.all_came
    if not candidate.scan.index:
        return candidate.scan if sure else None
    if not sure and not trial.possible:
        return None
    scan = trial.tried(candidate)
    return scan if scan is not None and (sure or scan.before is not None) else None
