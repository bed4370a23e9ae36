"""Rolls back and closes every session that was used in a block, whoever made it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session, SessionTransaction

from qprof.targets.code.loop import Loop


@contextmanager
def closing_sessions(loop: Loop) -> Iterator[None]:
    """Close the sessions that began a transaction in this block, so that the next run is fresh.

    A closed session can be used again: it starts anew, as a scoped session's registry expects.
    """
    begun: dict[Session, bool] = {}

    def note(session: Session, _: SessionTransaction, connection: Connection) -> None:
        begun[session] = bool(connection.dialect.is_async)

    event.listen(Session, "after_begin", note)
    try:
        yield
    finally:
        event.remove(Session, "after_begin", note)
        for session, is_async in begun.items():
            _close(session, loop if is_async else None)


def _close(session: Session, loop: Loop | None) -> None:
    close: Any = session.close
    if loop is None:
        close()
    else:
        loop.run_plain(close)
