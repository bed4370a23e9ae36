"""Depots and what lies in them."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Depot(Base):
    __tablename__ = "depot"
    id: Mapped[int] = mapped_column(primary_key=True)
    town: Mapped[str]
    crates: Mapped[list["Crate"]] = relationship(back_populates="depot")


class Crate(Base):
    __tablename__ = "crate"
    id: Mapped[int] = mapped_column(primary_key=True)
    weight: Mapped[int]
    depot_id: Mapped[int] = mapped_column(ForeignKey("depot.id"))
    depot: Mapped[Depot] = relationship(back_populates="crates")
