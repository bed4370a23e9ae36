"""What hangs below a joined path: loaded apart, by the mapping's default, or short of a column."""

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from sqlalchemy import Engine, ForeignKey, func, insert, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    column_property,
    joinedload,
    load_only,
    mapped_column,
    relationship,
    selectin_polymorphic,
    selectinload,
    subqueryload,
)

from qprof.domain.plans import PLANS, named_plan
from qprof.forecast.predict.plans import foresee
from tests.measure.experiments.oracle import counting, counting_engine
from tests.opening import discover, measure, on


class Base(DeclarativeBase):
    pass


class Team(Base):
    """Selected with the columns of its subclass, always."""

    __tablename__ = "team"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    players: Mapped[list["Player"]] = relationship()
    __mapper_args__: ClassVar = {
        "polymorphic_on": "kind",
        "polymorphic_identity": "team",
        "with_polymorphic": "*",
    }


class Club(Team):
    __tablename__ = "club"
    id: Mapped[int] = mapped_column(ForeignKey("team.id"), primary_key=True)
    fans: Mapped[list["Fan"]] = relationship()
    __mapper_args__: ClassVar = {"polymorphic_identity": "club"}


class Fan(Base):
    __tablename__ = "fan"
    id: Mapped[int] = mapped_column(primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("club.id"))


class Country(Base):
    __tablename__ = "country"
    id: Mapped[int] = mapped_column(primary_key=True)


class Group(Base):
    __tablename__ = "groups"
    id: Mapped[int] = mapped_column(primary_key=True)
    people: Mapped[list["Player"]] = relationship(back_populates="group")
    tree: Mapped[list["Branch"]] = relationship()


class Branch(Base):
    """Loads its own kind by default, as deep as it goes."""

    __tablename__ = "branch"
    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    above_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    below: Mapped[list["Branch"]] = relationship(lazy="selectin", join_depth=2)


class Node(Base):
    """Has its own kind below it, as deep as an option says."""

    __tablename__ = "node"
    id: Mapped[int] = mapped_column(primary_key=True)
    above_id: Mapped[int | None] = mapped_column(ForeignKey("node.id"))
    below: Mapped[list["Node"]] = relationship(back_populates="above")
    above: Mapped["Node | None"] = relationship(back_populates="below", remote_side=[id])


class Player(Base):
    """Loads its country by default."""

    __tablename__ = "player"
    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    country_id: Mapped[int] = mapped_column(ForeignKey("country.id"))
    group: Mapped[Group] = relationship(back_populates="people")
    country: Mapped[Country] = relationship(lazy="selectin")
    notes: Mapped[list["Note"]] = relationship(back_populates="player")


class Note(Base):
    __tablename__ = "note"
    id: Mapped[int] = mapped_column(primary_key=True)
    player_id: Mapped[int] = mapped_column(ForeignKey("player.id"))
    player: Mapped[Player] = relationship(back_populates="notes")


class House(Base):
    """Its column_property cannot be written where its rooms are selected, too."""

    __tablename__ = "house"
    id: Mapped[int] = mapped_column(primary_key=True)


class Room(Base):
    __tablename__ = "room"
    id: Mapped[int] = mapped_column(primary_key=True)
    house_id: Mapped[int] = mapped_column(ForeignKey("house.id"))
    house: Mapped[House] = relationship()


House.size = column_property(  # type: ignore[attr-defined]
    select(func.count(Room.id)).where(Room.house_id == House.id).scalar_subquery()
)


@pytest.fixture(scope="module")
def league() -> Iterator[Engine]:
    engine = counting_engine()
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        for table, rows in _rows().items():
            connection.execute(insert(Base.metadata.tables[table]), rows)
    yield engine
    engine.dispose()


def _rows() -> dict[str, list[dict[str, Any]]]:
    clubs = range(3, 21, 3)
    return {
        "team": [{"id": n, "kind": "club" if n in clubs else "team"} for n in range(1, 21)],
        "club": [{"id": n} for n in clubs],
        "fan": [{"club_id": 3 + 3 * (n % 6)} for n in range(18)],
        "country": [{"id": n} for n in range(5)],
        "groups": [{"id": n} for n in range(10)],
        "branch": [{"id": n, "group_id": n % 5, "above_id": n // 2 or None} for n in range(1, 30)],
        "node": [{"id": n, "above_id": n // 3 or None} for n in range(1, 60)],
        "player": [
            {"id": n, "group_id": n % 10, "team_id": 1 + n % 20, "country_id": n % 5}
            for n in range(30)
        ],
        "note": [{"player_id": n % 30} for n in range(60)],
        "house": [{"id": n} for n in range(5)],
        "room": [{"house_id": n % 5} for n in range(20)],
    }


top = select(Node).where(Node.above_id.is_(None))
EVERY = set(PLANS)
LEVELS = {"joined", "subquery", "lazy"}
notes = joinedload(Player.notes.and_(Note.id > 30))
STATEMENTS: dict[str, tuple[Any, set[str]]] = {
    "subquery": (select(Group).options(joinedload(Group.people).subqueryload(Player.notes)), set()),
    "subquery_of_the_top": (select(Team).options(subqueryload(Team.players)), set()),
    "default": (select(Group).options(joinedload(Group.people)), set()),
    "default_of_its_own_kind": (select(Group).options(joinedload(Group.tree)), set(PLANS)),
    "criteria_and_columns": (select(Player).options(notes.load_only(Note.id)), set()),
    "inner_and_columns": (
        select(Player).options(joinedload(Player.notes, innerjoin=True).load_only(Note.id)),
        set(),
    ),
    "without_a_foreign_key": (
        select(Group).options(joinedload(Group.people).load_only(Player.id)),
        set(PLANS) - {"joined", "balanced"},
    ),
    "with_the_foreign_key": (
        select(Group).options(joinedload(Group.people).load_only(Player.country_id)),
        set(),
    ),
    "root_without_a_foreign_key": (
        select(Player).options(load_only(Player.id), selectinload(Player.country)),
        set(PLANS) - {"joined", "balanced"},
    ),
    "whole_hierarchy": (
        select(Team).options(selectin_polymorphic(Team, [Club]), joinedload(Club.fans)),
        set(PLANS),
    ),
    "all_levels": (top.options(selectinload(Node.below, recursion_depth=-1)), LEVELS),
    "one_level": (top.options(selectinload(Node.below, recursion_depth=0)), LEVELS),
    "two_levels": (top.options(selectinload(Node.below, recursion_depth=1)), LEVELS),
    "more_levels_than_there_are": (
        top.options(selectinload(Node.below, recursion_depth=9)),
        LEVELS,
    ),
    "levels_upwards": (select(Node).options(selectinload(Node.above, recursion_depth=2)), EVERY),
    "levels_with_more_below": (
        top.options(selectinload(Node.below, recursion_depth=2).selectinload(Node.above)),
        EVERY,
    ),
    "unwritable": (select(Room).options(selectinload(Room.house)), {"joined", "balanced"}),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_it_is_told_exactly_or_not_at_all(name: str, league: Engine) -> None:
    statement, unknown = STATEMENTS[name]

    def call(session: Session) -> Any:
        return session.scalars(statement).unique().all()

    opening = on(league, call)
    foresight, found = foresee(opening), discover(opening)
    for each in foresight.plans:
        if each.cost is not None:
            with counting(league) as seen:
                measure(opening, named_plan(each.plan, found.paths), found)
            told = (each.cost.queries, each.cost.rows, each.cost.cells)
            known = told if each.cells_known else told[:2]
            assert known == seen.figures()[: len(known)], each.plan
    assert {p.plan: p.reason for p in foresight.plans if p.cost is None}.keys() == unknown
