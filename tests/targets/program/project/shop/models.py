import os
from typing import Any

from shop.counting import Connection
from sqlalchemy import Engine, ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from sqlalchemy.pool import NullPool

FILE = os.environ.get("SHOP_DATABASE", "shop.db")
ARGUMENTS: dict[str, Any] = {"connect_args": {"factory": Connection}, "poolclass": NullPool}


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    orders: Mapped[list["Order"]] = relationship()
    notes: Mapped[list["Note"]] = relationship()


class Order(Base):
    __tablename__ = "purchase"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))


class Note(Base):
    __tablename__ = "note"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))


def engine() -> Engine:
    return create_engine(f"sqlite:///{FILE}", **ARGUMENTS)


def fill(customers: int = 12) -> None:
    with engine().begin() as connection:
        Base.metadata.create_all(connection)
    with Session(engine()) as session:
        for number in range(customers):
            orders, notes = [Order() for _ in range(4)], [Note() for _ in range(3)]
            session.add(Customer(name=f"customer {number}", orders=orders, notes=notes))
        session.commit()
