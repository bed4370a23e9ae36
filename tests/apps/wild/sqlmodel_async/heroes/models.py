"""Teams, their heroes and their matches."""

from sqlmodel import Field, Relationship, SQLModel


class Team(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    heroes: list["Hero"] = Relationship()
    matches: list["Match"] = Relationship()


class Hero(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    team_id: int = Field(foreign_key="team.id")


class Match(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    place: str
    team_id: int = Field(foreign_key="team.id")
