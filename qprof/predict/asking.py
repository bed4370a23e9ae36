"""Asks on the call's own connection, in whose transaction the call goes on afterwards."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import CompileError, DBAPIError, InvalidRequestError

from qprof.predict.tree import Unpredictable


@contextmanager
def asking(connection: Connection) -> Iterator[None]:
    """Within it, what SQLAlchemy cannot spell or the database refuses raises Unpredictable.

    The transaction stays as it was. A connection that broke is no refusal: its error is raised.
    """
    try:
        with _kept(connection):
            yield
    except (CompileError, InvalidRequestError) as error:
        raise Unpredictable(f"SQLAlchemy cannot spell its aggregates: {error}") from None
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        raise Unpredictable(f"the database refused its aggregates: {error.orig}") from None


def _kept(connection: Connection) -> AbstractContextManager[Any]:
    """Return a savepoint where an error would spoil the transaction: on PostgreSQL alone."""
    spoils = connection.dialect.name == "postgresql"
    autocommit = connection.get_isolation_level() == "AUTOCOMMIT" if spoils else True
    return nullcontext() if autocommit else connection.begin_nested()
