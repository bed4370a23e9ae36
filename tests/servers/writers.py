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


def locks_by_a_text(session: Session) -> list[object]:
    return list(session.execute(text("SELECT id FROM genres ORDER BY id FOR UPDATE")))


def locks_too_much(session: Session) -> list[object]:
    sql = "SELECT 1 FROM genres LEFT JOIN track_genres ON genre_id = id FOR UPDATE"
    return list(session.execute(text(sql)))


def locks_past_sqlalchemy(session: Session) -> None:
    cursor = session.connection().connection.cursor()
    cursor.execute("SELECT id FROM genres FOR UPDATE")
    session.execute(text("SELECT 1"))


def commits(session: Session) -> list[Genre]:
    found = session.query(Genre).all()
    session.commit()
    return [genre for genre in found if genre.name]
