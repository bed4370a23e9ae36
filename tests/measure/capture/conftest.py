"""One small house in a file, and engines over it that an oracle watches."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from tests.measure.capture.models import Base, fill
from tests.measure.capture.oracle import Counts, witnessed_engine


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fill the house once."""
    path = tmp_path_factory.mktemp("capture") / "house.db"
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        fill(session)
    engine.dispose()
    return path


@pytest.fixture
def house(template: Path, tmp_path: Path) -> str:
    """Return the URL of a copy that a test may change."""
    return f"sqlite:///{shutil.copy(template, tmp_path / 'house.db')}"


@pytest.fixture
def witnessed(house: str) -> Iterator[tuple[Engine, Counts]]:
    """Yield an engine and its oracle, past the first connection."""
    engine, counts = witnessed_engine(house)
    engine.connect().close()
    counts.reset()
    yield engine, counts
    engine.dispose()


@pytest.fixture
def engine(witnessed: tuple[Engine, Counts]) -> Engine:
    return witnessed[0]


@pytest.fixture
def oracle(witnessed: tuple[Engine, Counts]) -> Counts:
    return witnessed[1]


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session
