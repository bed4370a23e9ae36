"""Calls that meet what production has: limits, rights, lost connections."""

from __future__ import annotations

import os
from typing import Any

import psycopg
import pymysql
from sqlalchemy import Engine, create_engine, make_url, select, text
from sqlalchemy.orm import Session, sessionmaker

from qprof.seeding.library.models import Genre, Track
from tests.servers.conftest import shown

engine: Engine = create_engine(os.environ["QPROF_TEST_PRODUCTION"])
Own = sessionmaker(engine)
SLEEP = "SELECT pg_sleep(5)" if engine.dialect.name == "postgresql" else "SELECT sleep(5) FROM dual"


def genres(session: Session) -> list[Genre]:
    return list(session.scalars(select(Genre)))


def tracks(session: Session) -> list[Track]:
    return list(session.scalars(select(Track).where(Track.title == "a")))


def sleeps(session: Session) -> list[Any]:
    return list(session.execute(text(SLEEP)))


def loses_its_connection(session: Session) -> list[Genre]:
    """Have an operator end the connection between two statements."""
    own = session.scalar(text(WHO))
    operator = connect(os.environ["QPROF_TEST_ADMIN"])
    operator.cursor().execute(END.format(own))
    operator.close()
    return genres(session)


WHO, END = (
    ("SELECT pg_backend_pid()", "SELECT pg_terminate_backend({})")
    if engine.dialect.name == "postgresql"
    else ("SELECT connection_id()", "KILL {}")
)


def connect(url: str) -> Any:
    """Connect as somebody else does, with a driver that SQLAlchemy knows nothing of."""
    given = make_url(url)
    if given.get_backend_name() == "postgresql":
        return psycopg.connect(shown(given.set(drivername="postgresql")))
    return pymysql.connect(
        host=given.host, port=given.port or 3306, user=given.username, password=given.password or ""
    )
