"""Rolls back and closes every session that was used in a block, whoever made it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session, SessionTransaction

from qprof.targets.code.loop import Loop


class Sessions:
    """The sessions that began a transaction, or were given an object, in a block."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._begun: dict[Session, bool] = {}

    def begin(self, session: Session, _: SessionTransaction, connection: Connection) -> None:
        """Take note of a session; a listener of `after_begin`."""
        self._begun[session] = bool(connection.dialect.is_async)

    def attach(self, session: Session, _: object) -> None:
        """Take note of a session; a listener of `after_attach`, which loading does not call."""
        self._begun.setdefault(session, False)

    def forget_changes(self) -> None:
        """Roll back each session with changes that were not sent, lest its maker commits them."""
        for session, is_async in self._begun.items():
            if session.new or session.dirty or session.deleted:
                self._run(session.rollback, is_async)

    def close(self) -> None:
        """Roll back and close all of them.

        A closed session can be used again: it starts anew, as a scoped session's registry expects.
        """
        for session, is_async in self._begun.items():
            self._run(session.close, is_async)

    def _run(self, end: Any, is_async: bool) -> None:
        self._loop.run_plain(partial(end)) if is_async else end()


@contextmanager
def closing_sessions(loop: Loop) -> Iterator[Sessions]:
    """Close the sessions that were used in this block, so that the next run is fresh."""
    sessions = Sessions(loop)
    event.listen(Session, "after_begin", sessions.begin)
    event.listen(Session, "after_attach", sessions.attach)
    try:
        yield sessions
    finally:
        event.remove(Session, "after_attach", sessions.attach)
        event.remove(Session, "after_begin", sessions.begin)
        sessions.close()
