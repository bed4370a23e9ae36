"""Products that nobody could run: told exactly, at once, and without being run."""

from collections.abc import Iterator
from time import perf_counter
from typing import Any

import pytest
from sqlalchemy import Engine, ForeignKey, insert, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    joinedload,
    mapped_column,
    relationship,
)

from qprof.forecast.predict.plans import foresee
from tests.measure.experiments.oracle import counting, counting_engine
from tests.opening import on


class Base(DeclarativeBase):
    pass


class Star(Base):
    __tablename__ = "star"
    id: Mapped[int] = mapped_column(primary_key=True)
    films: Mapped[list["Film"]] = relationship()
    songs: Mapped[list["Song"]] = relationship()
    fans: Mapped[list["Fan"]] = relationship()


class Film(Base):
    __tablename__ = "film"
    id: Mapped[int] = mapped_column(primary_key=True)
    star_id: Mapped[int] = mapped_column(ForeignKey("star.id"), index=True)


class Song(Base):
    __tablename__ = "song"
    id: Mapped[int] = mapped_column(primary_key=True)
    star_id: Mapped[int] = mapped_column(ForeignKey("star.id"), index=True)


class Fan(Base):
    __tablename__ = "fan"
    id: Mapped[int] = mapped_column(primary_key=True)
    star_id: Mapped[int] = mapped_column(ForeignKey("star.id"), index=True)


@pytest.fixture(scope="module")
def sky() -> Iterator[Engine]:
    """Give one star 1,000 of each, and another nothing."""
    engine = counting_engine()
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(Star), [{"id": 1}, {"id": 2}])
        for entity in (Film, Song, Fan):
            rows = [{"id": key, "star_id": 1} for key in range(1, 1001)]
            connection.execute(insert(entity), rows)
    yield engine
    engine.dispose()


def _search(session: Session) -> Any:
    options = (joinedload(Star.films), joinedload(Star.songs), joinedload(Star.fans))
    return session.scalars(select(Star).options(*options).order_by(Star.id)).unique().all()


def test_a_billion_rows_are_told_exactly(sky: Engine) -> None:
    """1,000 x 1,000 x 1,000 of one star, and one row of the other; two rows and one are fetched."""
    with counting(sky) as counted:
        started = perf_counter()
        foresight = foresee(on(sky, _search))
        seconds = perf_counter() - started
    written = foresight.of("as-written")
    assert written.cost is not None
    assert (written.cost.queries, written.cost.rows) == (1, 1_000_000_001)
    assert (written.exactness, foresight.spread) == ("exact", (1, 10**9, 10**9, 10**9))
    assert [(each.identity, each.rows) for each in foresight.worst] == [((1,), 10**9), ((2,), 1)]
    assert counted.rows < 10, "the product was not run"
    assert seconds < 1


def test_other_plans_of_it_are_told_too(sky: Engine) -> None:
    """Roots and links, by hand."""
    foresight = foresee(on(sky, _search))
    costs = [foresight.of(name).cost for name in ("selectin", "subquery", "lazy", "balanced")]
    assert [(each.queries, each.rows) for each in costs if each] == [
        (4, 3002),
        (4, 3002),
        (7, 3002),
        (4, 3002),
    ]
