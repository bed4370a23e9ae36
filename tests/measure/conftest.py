from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.measure.experiments.models import fill
from tests.measure.experiments.oracle import counting_engine


@pytest.fixture(scope="session")
def shop() -> Iterator[Engine]:
    """Fill the bookshop, which no test changes, behind a counting connection."""
    engine = counting_engine()
    fill(engine)
    yield engine
    engine.dispose()
