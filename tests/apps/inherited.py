"""A shop of parties, some of them customers in a table of their own, as its developers write it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ForeignKey, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Party(Base):
    __tablename__ = "party"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    notes: Mapped[list[Note]] = relationship(back_populates="party")
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "party"}  # noqa: RUF012


class Customer(Party):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(ForeignKey("party.id"), primary_key=True)
    orders: Mapped[list[Order]] = relationship()
    __mapper_args__ = {"polymorphic_identity": "customer"}  # noqa: RUF012


class Note(Base):
    __tablename__ = "note"
    id: Mapped[int] = mapped_column(primary_key=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    party: Mapped[Party] = relationship(back_populates="notes")


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    total: Mapped[int]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))


def fill(session: Session) -> None:
    """Make 4 customers with 5 notes and 6 orders, and one with none."""
    for key in range(1, 5):
        notes, orders = [Note() for _ in range(5)], [Order(total=each) for each in range(6)]
        session.add(Customer(id=key, notes=notes, orders=orders))
    session.add(Customer(id=5))
    session.commit()


def everything(session: Session) -> Sequence[Customer]:
    statement = select(Customer).options(joinedload(Customer.orders), joinedload(Customer.notes))
    return session.scalars(statement).unique().all()


def with_large_orders(session: Session) -> Sequence[Customer]:
    large = Customer.orders.and_(Order.total > 3)
    statement = select(Customer).options(joinedload(large), joinedload(Customer.notes))
    return session.scalars(statement).unique().all()


def who_ordered(session: Session) -> Sequence[Customer]:
    return session.scalars(select(Customer).join(Customer.orders)).unique().all()


def only_with_orders(session: Session) -> Sequence[Customer]:
    statement = select(Customer).options(joinedload(Customer.orders, innerjoin=True))
    return session.scalars(statement).unique().all()


def by_text(session: Session) -> Sequence[Note]:
    statement = select(Note).from_statement(text("SELECT * FROM note"))
    return session.scalars(statement.options(joinedload(Note.party))).all()
