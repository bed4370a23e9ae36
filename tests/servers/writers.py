"""Calls that write, in the ways in which a repository might."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from qprof.seeding.library.models import Genre


def adds(session: Session) -> None:
    session.add(Genre(name="Noise"))
    session.commit()


def deletes(session: Session) -> None:
    session.execute(text("DELETE FROM playlist_tracks"))
    session.commit()


def drops(session: Session) -> None:
    session.execute(text("DROP TABLE playlist_tracks"))


def past_the_session(session: Session) -> None:
    session.scalars(text("SELECT 1")).all()
    raw = session.get_bind().raw_connection()
    try:
        raw.cursor().execute("DELETE FROM playlist_tracks")
        raw.commit()
    finally:
        raw.close()


def without_transaction(session: Session) -> None:
    connection = session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
    connection.execute(text("DELETE FROM playlist_tracks"))


def makes_a_temporary_table(session: Session) -> None:
    session.execute(text("CREATE TEMPORARY TABLE scratch (id integer)"))


def locks(session: Session) -> list[Genre]:
    return list(session.query(Genre).with_for_update())


def commits(session: Session) -> list[Genre]:
    found = session.query(Genre).all()
    session.commit()
    return [genre for genre in found if genre.name]
