"""Which tables a SELECT reads whole, though few rows are wanted; and what an index could serve.

On PostgreSQL, MariaDB and MySQL an index is tried on a temporary copy of its table, and only where
it is asked for, since the server has to make the copy. No index is ever made on the user's table:
that would lock out its writers. A temporary table is seen by its connection alone, and takes the
place of the user's under the same name there. The connection is qprof's own, and is closed after
each trial, so that nothing of it is left on the server.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, Connection, Engine, Integer, Numeric, String
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import StaticPool
from sqlalchemy.sql import ClauseElement

from qprof.domain.trace import Scan, Site
from qprof.measure.bounds import OWN
from qprof.measure.explain import mysql_copy, postgresql_copy
from qprof.measure.explain.candidates import SCANNED, judged, planned_of
from qprof.measure.explain.sqlite_copy import InMemory
from qprof.measure.explain.trial import Asked, Candidate, NotTried, Trial
from qprof.measure.orm.filters import Filter, conditions, filters_by, statement_of, translated
from qprof.measure.orm.levels import Level, Read, levels_of

UNASKED = "no index is made on a server's tables; --try-indexes tries it on a temporary copy"
_MEASURED: Mapping[str, Callable[[Connection, Candidate], Scan | None]] = {
    "postgresql": postgresql_copy.measured,
    "mariadb": mysql_copy.measured,
    "mysql": mysql_copy.measured,
}


class OnServer:
    """Tries indexes one by one, where that is asked for."""

    def __init__(self, engine: Engine, *, possible: bool) -> None:
        self._engine = engine
        self.possible = possible

    def tried(self, candidate: Candidate) -> Scan | None:
        """Return the scan with what its index saves, or why that is unknown; None if too little."""
        if not self.possible:
            return replace(candidate.scan, reason=UNASKED)
        try:
            with _own_connection(self._engine) as connection:
                return _MEASURED[self._engine.dialect.name](connection, candidate)
        except NotTried as error:
            return replace(candidate.scan, reason=str(error))
        except SQLAlchemyError as error:
            reason = f"the server did not make or read a temporary copy ({_said(error)})"
            return replace(candidate.scan, reason=reason)


@contextmanager
def _own_connection(engine: Engine) -> Iterator[Connection]:
    """Yield a connection that nothing else uses, and that is closed, whatever happens.

    Raises NotTried where the engine has only one for all.
    """
    if isinstance(engine.pool, StaticPool):
        raise NotTried(
            "the engine has one connection for all (StaticPool), and the trial closes it"
        )
    with engine.connect().execution_options(**{OWN: True}) as connection:
        try:
            yield connection
        finally:
            with suppress(SQLAlchemyError):
                connection.rollback()
            connection.invalidate()


def _said(error: SQLAlchemyError) -> str:
    """Return the first line of a driver's message; PyMySQL's comes with a number in front."""
    orig = error.orig if isinstance(error, DBAPIError) else None
    said = str(orig.args[-1] if orig is not None and orig.args else orig or error).strip()
    return said.splitlines()[0].rstrip(".") if said else "no reason given"


_NUMBERS = (Boolean, Integer, Numeric)
_TELLS_SCHEMAS = "postgresql"
"""Its plans tell two tables of one name apart."""


def served_of(context: Any) -> tuple[Filter, ...]:
    """Return the conditions of a statement that an index serves, over the tables that it reads.

    A plan tells tables by the names that the statement gives them. Where SELECTs within each other
    give one name twice, and hold other columns of it, it cannot be told whose scan it is: those are
    left out, as are comparisons for which a text is made a number, on the side that an outer join
    keeps, and all that `filters_of` leaves out.
    """
    compiled = context.compiled
    found: defaultdict[Read, set[tuple[Filter, ...]]] = defaultdict(set)
    for level in levels_of(statement_of(compiled), compiled.anon_map):
        for read in level.tables:
            found[read].add(tuple(dict.fromkeys(_of(level, read, compiled.anon_map))))
    names = [name for name, _ in found] if context.dialect.name != _TELLS_SCHEMAS else []
    return tuple(
        replace(each, table=translated(each.table, context))
        for (name, _), held in found.items()
        if len(held) == 1 and names.count(name) <= 1
        for each in next(iter(held))
    )


def _of(level: Level, read: Read, names: object) -> Iterator[Filter]:
    for clause, tables in level.clauses:
        for condition in conditions(clause) if read in tables else ():
            if _alike(condition):
                for each in filters_by(condition, names):
                    if (each.name, each.table.fullname) == read:
                        yield each


def _alike(condition: ClauseElement) -> bool:
    """Return whether no text is compared with a number.

    MariaDB and MySQL compare the two as numbers, by no index of texts.
    https://mariadb.com/docs/server/reference/sql-functions/type-conversion
    """
    sides = [getattr(condition, each, None) for each in ("left", "right")]
    types = [_type(each) for each in sides]
    if not any(isinstance(each, String) for each in types):
        return True
    values = [getattr(each, "value", None) for each in sides]
    given = [one for each in values for one in (each if isinstance(each, list) else [each])]
    return not any(isinstance(each, _NUMBERS) for each in types) and not any(
        isinstance(each, (int, float, Decimal)) for each in given
    )


def _type(side: object) -> object:
    """Return the type of an expression; what a TypeDecorator stores, where it is one."""
    found = getattr(side, "type", None)
    return getattr(found, "impl", found)


@dataclass(frozen=True)
class Explained:
    """What EXPLAIN said of the SELECTs of a call."""

    scans: tuple[Scan, ...] = ()
    failed: tuple[tuple[Site | None, SQLAlchemyError], ...] = ()
    """Where a SELECT was sent that could not be explained, and what the database raised."""


def scans(engine: Engine, asked: Sequence[Asked], *, try_indexes: bool = False) -> Explained:
    """Return what the SELECTs of `asked` scan for few rows, each with the index that would serve.

    What no transaction of the call was asked is asked on a connection beside it. With `try_indexes`
    an index is tried on a server, too, on a temporary copy of the table. Nothing for a database
    whose EXPLAIN is not known. Raises what connecting raises.
    """
    if engine.dialect.name not in SCANNED or not asked:
        return Explained()
    planned = [judged(each, each.planned) for each in asked if each.planned is not None]
    beside = [each for each in asked if each.planned is None]
    if beside:
        with engine.connect() as connection:
            planned += [planned_of(connection, each) for each in beside]
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
