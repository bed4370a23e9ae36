from collections.abc import Sequence

from shop.models import Customer, Order, engine
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload


class Customers:
    def __init__(self) -> None:
        self._engine = engine()

    def joined(self) -> Sequence[Customer]:
        options = joinedload(Customer.orders), joinedload(Customer.notes)
        with Session(self._engine) as session:
            return session.scalars(select(Customer).options(*options)).unique().all()

    def balanced(self) -> Sequence[Customer]:
        options = selectinload(Customer.orders), selectinload(Customer.notes)
        with Session(self._engine) as session:
            return session.scalars(select(Customer).options(*options)).all()

    def lazy(self) -> list[int]:
        with Session(self._engine) as session:
            return [len(customer.orders) for customer in session.scalars(select(Customer))]

    def get(self, identity: int) -> Customer | None:
        with Session(self._engine) as session:
            return self._one(session, identity)

    def _one(self, session: Session, identity: int) -> Customer | None:
        return session.get(Customer, identity)

    def count(self) -> int:
        with Session(self._engine) as session:
            return session.scalar(select(func.count()).select_from(Order)) or 0
