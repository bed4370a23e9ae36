"""Parties, of whom some are people (in the same table) and some firms (in one more), and orders."""

from random import Random
from typing import Any, ClassVar

from sqlalchemy import (
    Column,
    Engine,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    Table,
    func,
    insert,
    select,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    aliased,
    column_property,
    mapped_column,
    relationship,
)

PEOPLE, FIRMS = range(1, 13), range(13, 21)
PARTIES = range(1, 31)


class Base(DeclarativeBase):
    """The metadata of these tables alone."""


tagged = Table(
    "tagged",
    Base.metadata,
    Column("party", ForeignKey("party.id")),
    Column("tag", ForeignKey("tag.id")),
)


class Tag(Base):
    """A tag below another one, two levels of which come by default."""

    __tablename__ = "tag"
    id: Mapped[int] = mapped_column(primary_key=True)
    v: Mapped[int]
    above_id: Mapped[int | None] = mapped_column(ForeignKey("tag.id"))
    below: Mapped[list["Tag"]] = relationship(lazy="joined", join_depth=2)


class Party(Base):
    """The base class."""

    __tablename__ = "party"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    v: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    kids: Mapped[list["Party"]] = relationship()
    orders: Mapped[list["Order"]] = relationship(
        foreign_keys="Order.party_id", back_populates="party"
    )
    tags: Mapped[list[Tag]] = relationship(secondary=tagged)
    __mapper_args__: ClassVar = {"polymorphic_on": "kind", "polymorphic_identity": "party"}


class Person(Party):
    """A class without a table of its own."""

    favourites: Mapped[list["Order"]] = relationship(foreign_keys="Order.person_id")
    __mapper_args__: ClassVar = {"polymorphic_identity": "person"}


class Firm(Party):
    """A class with a further table."""

    __tablename__ = "firm"
    id: Mapped[int] = mapped_column(ForeignKey("party.id"), primary_key=True)
    deals: Mapped[list["Order"]] = relationship(foreign_keys="Order.firm_id")
    __mapper_args__: ClassVar = {"polymorphic_identity": "firm"}


class Order(Base):
    """Its key has two columns, its table and its lines' have reserved names."""

    __tablename__ = "order"
    a: Mapped[int] = mapped_column(primary_key=True)
    b: Mapped[int] = mapped_column(primary_key=True)
    v: Mapped[int]
    party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    firm_id: Mapped[int | None] = mapped_column(ForeignKey("firm.id"))
    party: Mapped[Party | None] = relationship(foreign_keys=[party_id], back_populates="orders")
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id], viewonly=True)
    firm: Mapped[Firm | None] = relationship(foreign_keys=[firm_id], viewonly=True)
    lines: Mapped[list["Line"]] = relationship(back_populates="order")


class Line(Base):
    """A line of an order."""

    __tablename__ = "select"
    id: Mapped[int] = mapped_column(primary_key=True)
    group: Mapped[int]
    a: Mapped[int] = mapped_column(Integer)
    b: Mapped[int] = mapped_column(Integer)
    order: Mapped[Order] = relationship(back_populates="lines")
    __table_args__ = (ForeignKeyConstraint(["a", "b"], ["order.a", "order.b"]),)


_line = aliased(Line)
Order.length = column_property(  # type: ignore[attr-defined]
    select(func.count(_line.id)).where(_line.a == Order.a, _line.b == Order.b).scalar_subquery()
)


def write(engine: Engine) -> None:
    """Create the tables with the same rows each time."""
    draw = Random(4)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        for table, rows in _rows(draw).items():
            connection.execute(insert(Base.metadata.tables[table]), rows)


def _rows(draw: Random) -> dict[str, list[dict[str, Any]]]:
    orders = [(number % 8, number) for number in range(40)]
    lines = [draw.choice(orders) for _ in range(70)]
    return {
        "party": [{"id": each, "v": each % 10, **_party(draw, each)} for each in PARTIES],
        "firm": [{"id": each} for each in FIRMS],
        "tag": [{"id": n, "v": n % 5, "above_id": n // 3 or None} for n in range(1, 11)],
        "tagged": [{"party": draw.choice(PARTIES), "tag": draw.randint(1, 10)} for _ in range(50)],
        "order": [{"a": a, "b": b, "v": draw.randint(0, 9), **_order(draw)} for a, b in orders],
        "select": [{"id": n, "group": n % 4, "a": a, "b": b} for n, (a, b) in enumerate(lines)],
    }


def _party(draw: Random, key: int) -> dict[str, Any]:
    kind = "person" if key in PEOPLE else "firm" if key in FIRMS else "party"
    return {"kind": kind, "parent_id": draw.choice([None, *PARTIES])}


def _order(draw: Random) -> dict[str, int | None]:
    # What is no person's key is a party's.
    return {
        "party_id": draw.choice([None, *PARTIES]),
        "person_id": draw.choice([None, *PARTIES]),
        "firm_id": draw.choice([None, *FIRMS]),
    }
