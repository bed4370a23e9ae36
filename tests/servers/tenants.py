"""An application with a schema for each tenant, which is set for a transaction alone."""

from __future__ import annotations

import os

from sqlalchemy import Connection, Engine, create_engine, event, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from sqlalchemy.types import String


class Base(DeclarativeBase):
    pass


class Parcel(Base):
    __tablename__ = "parcels"
    id: Mapped[int] = mapped_column(primary_key=True)
    town: Mapped[str] = mapped_column(String(20))


engine: Engine = create_engine(os.environ["QPROF_TEST_TENANTS"])
TENANT = ["bare"]


class TenantSession(Session):
    pass


@event.listens_for(TenantSession, "after_begin")
def _enter(session: Session, transaction: object, connection: Connection) -> None:
    if engine.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL search_path TO {TENANT[0]}"))


Own = sessionmaker(engine, class_=TenantSession)


def told_by_its_session(session: Session) -> list[Parcel]:
    return list(session.scalars(select(Parcel).where(Parcel.town == "t7")))


def told_by_the_call() -> list[Parcel]:
    """Open a session and close it before the call returns."""
    with Session(engine) as session:
        session.execute(text(f"SET LOCAL search_path TO {TENANT[0]}"))
        return list(session.scalars(select(Parcel).where(Parcel.town == "t7")))
