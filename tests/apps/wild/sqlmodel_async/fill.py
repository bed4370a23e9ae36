"""10 teams, each with 12 heroes and 8 matches."""

from heroes.models import Hero, Match, Team
from sqlmodel import Session, SQLModel, create_engine

engine = create_engine("sqlite:///app.db")
SQLModel.metadata.create_all(engine)
with Session(engine) as session:
    for number in range(10):
        heroes = [Hero(name=f"h{each}") for each in range(12)]
        matches = [Match(place=f"m{each}") for each in range(8)]
        session.add(Team(name=f"t{number}", heroes=heroes, matches=matches))
    session.commit()
engine.dispose()
