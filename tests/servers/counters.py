"""Counts what a server sends, by what the server itself says: no code of qprof."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from psycopg import Cursor
from sqlalchemy import URL, Engine, create_engine

from qprof.targets.database import keep_read_only

Count = Callable[[Callable[[], object]], tuple[int, int]]
"""Run something, and return the SELECTs and the rows that it was sent."""


class CommandTags(Cursor):
    """Adds up what PostgreSQL itself says at the end of each SELECT: the rows that it sent."""

    selects = rows = 0

    def execute(self, *args, **kwargs):
        done = super().execute(*args, **kwargs)
        word, _, count = (self.statusmessage or "").partition(" ")
        if word == "SELECT":
            CommandTags.selects += 1
            CommandTags.rows += int(count)
        return done


def by_command_tags(_engine: Engine) -> tuple[int, int]:
    return CommandTags.selects, CommandTags.rows


def by_session_status(engine: Engine) -> tuple[int, int]:
    """MariaDB's own counters of this connection; asking for them is no SELECT, and sends rows."""
    raw = engine.raw_connection()
    with raw.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS WHERE Variable_name IN ('Com_select', 'Rows_sent')")
        found = dict(cursor.fetchall())
    raw.close()
    return int(found["Com_select"]), int(found["Rows_sent"])


@contextmanager
def counting(url: URL) -> Iterator[tuple[Engine, Count]]:
    """Yield an engine of one connection that only reads, and what counts a piece of work on it."""
    if url.get_backend_name() == "postgresql":
        options, ask = {"connect_args": {"cursor_factory": CommandTags}}, by_command_tags
    else:
        options, ask = {}, by_session_status
    engine = keep_read_only(create_engine(url, pool_size=1, max_overflow=0, **options))
    with engine.connect():
        pass
    first, second = ask(engine), ask(engine)

    def count(work: Callable[[], object]) -> tuple[int, int]:
        queries, rows = ask(engine)
        work()
        more_queries, more_rows = ask(engine)
        return more_queries - queries, more_rows - rows - (second[1] - first[1])

    yield engine, count
    engine.dispose()
