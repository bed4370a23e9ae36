"""18 topics with 3 replies each."""

from forum import Base, Reply, Topic
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

engine = create_engine("sqlite:///app.db")
Base.metadata.create_all(engine)
with Session(engine) as session:
    for number in range(18):
        replies = [Reply(text=f"r{each}") for each in range(3)]
        session.add(Topic(title=f"t{number}", replies=replies))
    session.commit()
engine.dispose()
