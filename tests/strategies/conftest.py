import gc
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.strategies.models import fill
from tests.strategies.oracle import counting_engine


@pytest.fixture(scope="session")
def shop() -> Iterator[Engine]:
    """Fill the bookshop, which no test changes, behind a counting connection."""
    engine = counting_engine()
    fill(engine)
    # Every measurement begins with a collection; pytest's own objects would make each one slow.
    gc.collect()
    gc.freeze()
    yield engine
    gc.unfreeze()
    engine.dispose()
