"""SQLAlchemy's own wrong collections, for a statement that QP411 flags: what the rule warns of."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Column, Engine, ForeignKey, Table, insert, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)

from qprof.domain.trace import Call
from qprof.forecast.predict.plans import foresee
from qprof.judge.detectors.nested_inner_join import NestedInnerJoin
from qprof.judge.rules.thresholds import Thresholds
from tests.measure.experiments.oracle import counting, counting_engine, plain
from tests.opening import discover, on


class Base(DeclarativeBase):
    """The metadata of these tables alone."""


guests = Table(
    "guests",
    Base.metadata,
    Column("team_id", ForeignKey("team.id"), primary_key=True),
    Column("player_id", ForeignKey("player.id"), primary_key=True),
)


class Player(Base):
    """A player of a team, and whom they train."""

    __tablename__ = "player"
    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    trainer_id: Mapped[int | None] = mapped_column(ForeignKey("player.id"))
    team: Mapped["Team | None"] = relationship(back_populates="players")
    trainees: Mapped[list["Player"]] = relationship()


class Team(Base):
    """A team, its players and its guests."""

    __tablename__ = "team"
    id: Mapped[int] = mapped_column(primary_key=True)
    players: Mapped[list[Player]] = relationship(back_populates="team")
    guests: Mapped[list[Player]] = relationship(secondary=guests)


@pytest.fixture
def teams() -> Iterator[Engine]:
    """Yield one team of player 1, who trains 2; its guest 3 trains 4."""
    engine = counting_engine()
    Base.metadata.create_all(engine)
    trained = {1: (1, None), 2: (None, 1), 3: (None, None), 4: (None, 3)}
    players = [{"id": n, "team_id": t, "trainer_id": by} for n, (t, by) in trained.items()]
    with engine.begin() as connection:
        connection.execute(insert(Team).values(id=1))
        connection.execute(insert(Player), players)
        connection.execute(insert(guests).values(team_id=1, player_id=3))
    yield engine
    engine.dispose()


def _loading(trainees: Any) -> Callable[[Session], list[Team]]:
    other = joinedload(Player.team).joinedload(Team.guests)
    options = joinedload(Team.players).options(other, trainees)

    def call(session: Session) -> list[Team]:
        return list(session.scalars(select(Team).options(options)).unique())

    return call


NESTED = _loading(joinedload(Player.trainees, innerjoin=True))
RIGHT = {
    "outer": _loading(joinedload(Player.trainees)),
    "apart": _loading(selectinload(Player.trainees)),
}


def _trainees(engine: Engine, call: Callable[[Session], list[Team]]) -> list[int]:
    with Session(engine) as session:
        (player,) = call(session)[0].players
        return [each.id for each in player.trainees]


def _flagged(engine: Engine, call: Callable[[Session], list[Team]]) -> list[tuple[str, ...]]:
    seen = discover(on(engine, call)).executions
    found = NestedInnerJoin().inspect(Call("teams", {}, seen, None), Thresholds())
    return [each.paths for each in found]


def test_sqlalchemy_gives_a_wrong_collection_where_the_rule_warns(teams: Engine) -> None:
    """Should SQLAlchemy give [2] one day, the rule has to say since which version."""
    assert plain(teams, "SELECT group_concat(id) FROM player WHERE trainer_id = 1") == "2"
    assert _trainees(teams, NESTED) == [4]
    assert _flagged(teams, NESTED) == [("Team.players.trainees",)]


@pytest.mark.parametrize("form", RIGHT)
def test_what_the_rule_asks_for_is_right_and_not_flagged(form: str, teams: Engine) -> None:
    assert _trainees(teams, RIGHT[form]) == [2]
    assert _flagged(teams, RIGHT[form]) == []


def test_its_rows_are_counted_and_not_predicted(teams: Engine) -> None:
    written = foresee(on(teams, NESTED)).of("as-written")
    with counting(teams) as counted:
        _trainees(teams, NESTED)
    assert written.exactness == "counted"
    assert written.cost is not None
    assert (written.cost.queries, written.cost.rows) == counted.figures()[:2]
