"""Towns of gardens, of which each has as many collections as a test wants, all of the same size."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, ForeignKey, event, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

_KIND = re.compile(r"\bkind\d+")


@dataclass(frozen=True)
class Gardens:
    """The mapped classes."""

    base: Any
    town: Any
    garden: Any
    kinds: tuple[Any, ...]

    @property
    def paths(self) -> list[Any]:
        """The collections of a garden."""
        return [getattr(self.garden, f"kinds{number}") for number in range(len(self.kinds))]

    def fill(self, engine: Engine, gardens: int, each: int) -> None:
        """Create the tables with one town, so many gardens, and `each` rows per collection."""
        self.base.metadata.drop_all(engine)
        self.base.metadata.create_all(engine)
        keys = range(1, gardens + 1)
        with engine.begin() as connection:
            connection.execute(insert(self.town), [{"id": 1}])
            connection.execute(insert(self.garden), [{"id": key, "town_id": 1} for key in keys])
            for kind in self.kinds:
                if each:
                    rows = [{"garden_id": key} for key in keys for _ in range(each)]
                    connection.execute(insert(kind), rows)

    def load(self, strategy: Any) -> Any:
        """Return a call that loads all gardens, each collection by `strategy`."""
        statement = select(self.garden).options(*map(strategy, self.paths))

        def call(session: Session) -> Any:
            return session.scalars(statement).unique().all()

        return call


def with_kinds(number: int) -> Gardens:
    """Return classes in which a garden has so many collections."""

    class Base(DeclarativeBase):
        """The metadata of these tables alone."""

    class Town(Base):
        """What gardens are in."""

        __tablename__ = "town"
        id: Mapped[int] = mapped_column(primary_key=True)

    class Garden(Base):
        """What the collections are of."""

        __tablename__ = "garden"
        id: Mapped[int] = mapped_column(primary_key=True)
        town_id: Mapped[int] = mapped_column(ForeignKey("town.id"))

    setattr(Town, "gardens", relationship(Garden))  # noqa: B010
    kinds = tuple(_kind(Base, each) for each in range(number))
    for each, kind in enumerate(kinds):
        setattr(Garden, f"kinds{each}", relationship(kind))
    return Gardens(Base, Town, Garden, kinds)


def _kind(base: Any, number: int) -> Any:
    columns = {
        "__tablename__": f"kind{number}",
        "id": mapped_column(primary_key=True),
        "garden_id": mapped_column(ForeignKey("garden.id"), index=True),
        "__annotations__": {"id": Mapped[int], "garden_id": Mapped[int]},
    }
    return type(f"Kind{number}", (base,), columns)


@contextmanager
def sent(engine: Engine) -> Iterator[list[str]]:
    """Yield the statements that are sent within the block, qprof's own among them."""
    found: list[str] = []

    def note(_1: Any, _2: Any, sql: str, *_: Any) -> None:
        found.append(sql)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def makes_product(sql: str) -> bool:
    """Return whether one SELECT of a statement joins several collections."""
    return any(len(set(_KIND.findall(part))) > 1 for part in re.split(r"\bSELECT\b", sql))
