"""1,200 boxes with a thing each, every second one a tool, and a note on each thing."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

BOXES = 1200


class Base(DeclarativeBase):
    """What all tables share."""


class Box(Base):
    """A root with more of its kind than one chunk takes."""

    __tablename__ = "box"
    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(default="")
    story: Mapped[str] = mapped_column(default="", deferred=True)
    things: Mapped[list[Thing]] = relationship(back_populates="box")


class Thing(Base):
    """What is in a box."""

    __tablename__ = "thing"
    id: Mapped[int] = mapped_column(primary_key=True)
    box_id: Mapped[int] = mapped_column(ForeignKey("box.id"))
    part_of_id: Mapped[int | None] = mapped_column(ForeignKey("thing.id"))
    kind: Mapped[str]
    story: Mapped[str] = mapped_column(default="", deferred=True)
    weight: Mapped[int] = mapped_column(default=0)
    box: Mapped[Box] = relationship(back_populates="things")
    notes: Mapped[list[Note]] = relationship()
    parts: Mapped[list[Thing]] = relationship()
    __mapper_args__: ClassVar = {"polymorphic_on": "kind", "polymorphic_identity": "thing"}


class Tool(Thing):
    """A thing with columns of its own."""

    __tablename__ = "tool"
    id: Mapped[int] = mapped_column(ForeignKey("thing.id"), primary_key=True)
    use: Mapped[str] = mapped_column(default="")
    __mapper_args__: ClassVar = {"polymorphic_identity": "tool"}


class Note(Base):
    """What is said of a thing."""

    __tablename__ = "note"
    id: Mapped[int] = mapped_column(primary_key=True)
    thing_id: Mapped[int] = mapped_column(ForeignKey("thing.id"))


def fill(session: Session, boxes: int = BOXES) -> None:
    """Add that many boxes, with a thing and a note each."""
    numbers = range(1, boxes + 1)
    session.add_all(Box(id=number) for number in numbers)
    session.flush()
    session.add_all((Tool if n % 2 else Thing)(id=n, box_id=n) for n in numbers)
    session.flush()
    session.add_all(Note(thing_id=number) for number in numbers)
    session.commit()
