"""One finding for a column that a class and its subclasses share, whatever SELECTs load it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from sqlalchemy import Engine, ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

import qprof


class Base(DeclarativeBase):
    pass


class Person(Base):
    """The base, whose biography is long."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    bio: Mapped[str] = mapped_column(deferred=True)
    __mapper_args__: ClassVar[Any] = {"polymorphic_on": "kind", "polymorphic_identity": "person"}


class Engineer(Person):
    """A subclass with a table of its own."""

    __tablename__ = "engineer"
    id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    plan: Mapped[str] = mapped_column(deferred=True)
    __mapper_args__: ClassVar[Any] = {"polymorphic_identity": "engineer"}


class Manager(Person):
    """A subclass in the same table."""

    __mapper_args__: ClassVar[Any] = {"polymorphic_identity": "manager"}


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Ten of each class."""
    monkeypatch.chdir(tmp_path)
    engine = create_engine(f"sqlite:///{tmp_path / 'people.db'}")
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        for _ in range(10):
            session.add_all([Person(bio="a"), Engineer(bio="b", plan="c"), Manager(bio="d")])
    yield engine
    engine.dispose()


def everybody(session: Session) -> list[str]:
    return [each.bio for each in session.scalars(select(Person))]


def engineers(session: Session) -> list[str]:
    return [each.bio for each in session.scalars(select(Engineer))]


def plans(session: Session) -> list[str]:
    return [each.plan for each in session.scalars(select(Engineer))]


@pytest.mark.parametrize(
    ("call", "column", "queries"),
    [
        (everybody, "Person.bio", 30),
        (engineers, "Person.bio", 10),
        (plans, "Engineer.plan", 10),
    ],
)
def test_each_column_is_one_finding(people: Engine, call: Any, column: str, queries: int) -> None:
    """It names the class that declares the column: one option loads it for all subclasses."""
    result = qprof.profile(call, people)
    (found,) = [each for each in result.findings if each.rule == "QP201"]
    assert column in found.message
    assert f"{queries} queries" in found.message
    assert result.queries == queries + 1
    assert f"undefer({column})" in (found.fix or "")
