"""A table that is searched by columns without an index, and one that is small."""

from typing import Any

from sqlalchemy import Engine, Select, String, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, aliased, mapped_column

ROWS = 2_000


class Base(DeclarativeBase):
    pass


class Reading(Base):
    __tablename__ = "reading"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    kind: Mapped[int]
    day: Mapped[int]
    code: Mapped[int] = mapped_column(index=True)


class Kind(Base):
    """So few that a scan is right."""

    __tablename__ = "kind"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))


def filled(engine: Engine) -> Engine:
    Base.metadata.create_all(engine)
    rows = [{"name": f"n{i}", "kind": i % 7, "day": i, "code": i} for i in range(ROWS)]
    with Session(engine) as session:
        session.execute(insert(Reading), rows)
        session.execute(insert(Kind), [{"name": f"k{i}"} for i in range(7)])
        session.commit()
    return engine


ONE = select(Reading).where(Reading.name == "n17")
Other = aliased(Reading)
SERVED: dict[str, tuple[Select[Any], tuple[str, ...]]] = {
    "one value": (ONE, ("name",)),
    "a list": (select(Reading).where(Reading.name.in_(["n1", "n2"])), ("name",)),
    "a value and a range": (
        select(Reading).where(Reading.day > ROWS - 9, Reading.kind == 3),
        ("kind", "day"),
    ),
    "a range at the end": (select(Reading).where(Reading.day > ROWS - 9), ("day",)),
    "an alias": (select(Other).where(Other.name == "n17"), ("name",)),
}
RIGHT: dict[str, Select[Any]] = {
    "no filter": select(Reading),
    "the primary key": select(Reading).where(Reading.id == 4),
    "an indexed column": select(Reading).where(Reading.code == 4),
    "most rows": select(Reading).where(Reading.kind < 5),
    "few rows by LIMIT": select(Reading).where(Reading.kind == 3).limit(2),
    "a count of most rows": select(func.count(Reading.name)).where(Reading.kind < 5),
    "a small table": select(Kind).where(Kind.name == "k3"),
    "alternatives, which one index does not serve": select(Reading).where(
        or_(Reading.name == "n17", Reading.day == 3)
    ),
}


def by_name(session: Session) -> list[Reading]:
    return list(session.scalars(ONE))


async def by_name_async(session: AsyncSession) -> list[Reading]:
    return list(await session.scalars(ONE))
