"""Small shapes whose rows multiply in every way, and plain SQL that knows what they hold."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """Root of every model."""


links = Table(
    "links",
    Base.metadata,
    Column("area", primary_key=True),
    Column("code", primary_key=True),
    Column("mark_id", ForeignKey("mark.id"), primary_key=True),
    ForeignKeyConstraint(["area", "code"], ["root.area", "root.code"]),
)


class Root(Base):
    """Its primary key has two columns, and another column stands before them."""

    __tablename__ = "root"

    note: Mapped[str | None]
    area: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[int] = mapped_column(primary_key=True)
    bridge_id: Mapped[int | None] = mapped_column(ForeignKey("bridge.id"))
    slug: Mapped[str | None] = mapped_column(unique=True)

    parts: Mapped[list[Part]] = relationship(order_by="Part.id")
    sides: Mapped[list[Aside]] = relationship(order_by="Aside.id")
    marks: Mapped[list[Mark]] = relationship(secondary=links, order_by="Mark.id")
    bridge: Mapped[Bridge | None] = relationship()


class Part(Base):
    """One-to-many over two columns."""

    __tablename__ = "part"
    __table_args__ = (ForeignKeyConstraint(["area", "code"], ["root.area", "root.code"]),)

    id: Mapped[int] = mapped_column(primary_key=True)
    area: Mapped[str | None]
    code: Mapped[int | None]
    kind: Mapped[str]

    pieces: Mapped[list[Piece]] = relationship(order_by="Piece.number")


class Piece(Base):
    """Nested, and its primary key holds its parent's."""

    __tablename__ = "piece"

    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)


class Aside(Base):
    """Its foreign key is not the primary key of what it refers to."""

    __tablename__ = "aside"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str | None] = mapped_column(ForeignKey("root.slug"))


class Mark(Base):
    """Many-to-many."""

    __tablename__ = "mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str]


class Bridge(Base):
    """To-one, with a collection behind it."""

    __tablename__ = "bridge"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

    ends: Mapped[list[End]] = relationship(order_by="End.id")


class End(Base):
    """Behind the bridge."""

    __tablename__ = "end"

    id: Mapped[int] = mapped_column(primary_key=True)
    bridge_id: Mapped[int | None] = mapped_column(ForeignKey("bridge.id"))


COUNTS = {
    "Root.parts": "SELECT count(*) FROM part WHERE area IS NOT NULL",
    "Root.parts.pieces": "SELECT count(*) FROM piece JOIN part ON part.id = part_id"
    " WHERE area IS NOT NULL",
    "Root.sides": "SELECT count(*) FROM aside JOIN root USING (slug)",
    "Root.marks": "SELECT count(*) FROM links",
    "Root.bridge": "SELECT count(*) FROM root WHERE bridge_id IS NOT NULL",
    "Root.bridge.ends": 'SELECT count(*) FROM "end" WHERE bridge_id IN'
    " (SELECT bridge_id FROM root)",
}
"""Distinct (parent, child) pairs of each path below all roots."""

CHAINS = {
    "Root.parts": "LEFT JOIN part USING (area, code)",
    "Root.parts.pieces": "LEFT JOIN part USING (area, code) LEFT JOIN piece ON part_id = part.id",
    "Root.sides": "LEFT JOIN aside USING (slug)",
    "Root.marks": "LEFT JOIN links USING (area, code)",
    "Root.bridge": "",
    "Root.bridge.ends": 'LEFT JOIN "end" USING (bridge_id)',
}
"""What joins each path, alone, to the roots."""
