"""A task that opens a session of its own, as tasks do."""

from celery import Celery
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, sessionmaker

app = Celery("worker", broker="memory://", backend="cache+memory://")
Session = sessionmaker(create_engine("sqlite:///app.db"))


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    orders: Mapped[list["Order"]] = relationship(back_populates="customer")


class Order(Base):
    __tablename__ = "purchase"
    id: Mapped[int] = mapped_column(primary_key=True)
    total: Mapped[int]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    customer: Mapped[Customer] = relationship(back_populates="orders")


@app.task
def invoices(least: int = 0) -> dict[str, int]:
    with Session() as session:
        customers = session.scalars(select(Customer)).all()
        sums = {each.name: sum(order.total for order in each.orders) for each in customers}
    return {name: total for name, total in sums.items() if total >= least}
