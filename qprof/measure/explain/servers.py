"""What an index saves, measured on a temporary copy of its table: PostgreSQL, MariaDB and MySQL.

Only where it is asked for, since the server has to make the copy. No index is ever made on the
user's table: that would lock out its writers. A temporary table is seen by its connection alone,
and takes the place of the user's under the same name there. The connection is qprof's own, and is
closed after each trial, so that nothing of it is left on the server.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from qprof.domain.trace import Scan
from qprof.measure.bounds import OWN
from qprof.measure.explain import mysql_copy, postgresql_copy
from qprof.measure.explain.trial import Candidate, NotTried

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
