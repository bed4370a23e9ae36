"""22 customers with 2 orders each."""

from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from worker.tasks import Base, Customer, Order

engine = create_engine("sqlite:///app.db")
Base.metadata.create_all(engine)
with Session(engine) as session:
    for number in range(22):
        session.add(Customer(name=f"c{number}", orders=[Order(total=each) for each in (1, 2)]))
    session.commit()
engine.dispose()
