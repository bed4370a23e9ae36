"""A call whose objects are not the same under immediateload, and one that closes its session."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from qprof.seeding.library.models import Album, Artist


def early_albums(session: Session) -> Sequence[Artist]:
    statement = select(Artist).options(joinedload(Artist.albums.and_(Album.id < 4)))
    return session.scalars(statement.order_by(Artist.id)).unique().all()


def closes(session: Session) -> Sequence[Artist]:
    statement = select(Artist).options(selectinload(Artist.albums)).order_by(Artist.id)
    found = session.scalars(statement).all()
    session.close()
    return found
