"""15 depots with 4 crates each."""

from depot.models import Base, Crate, Depot
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

engine = create_engine("sqlite:///app.db")
Base.metadata.create_all(engine)
with Session(engine) as session:
    for number in range(15):
        session.add(Depot(town=f"t{number}", crates=[Crate(weight=each) for each in range(4)]))
    session.commit()
engine.dispose()
