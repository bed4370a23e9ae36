import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from qprof.seeding.library.recipes import load_recipe
from qprof.seeding.library.seeding import seed

Seeded = Callable[..., str]
CHINOOK = Path(__file__).resolve().parents[2] / "../shared/data/chinook.sqlite"


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    """Return what makes a library once for each recipe and its changes, and gives its URL."""
    made: dict[Any, str] = {}

    def make(recipe: str, scale: float = 1.0, **changes: str) -> str:
        key = (recipe, scale, *sorted(changes.items()))
        if key not in made:
            made[key] = f"sqlite:///{tmp_path_factory.mktemp(recipe) / 'library.db'}"
            seed(made[key], load_recipe(recipe, changes), scale=scale)
        return made[key]

    return make


@pytest.fixture
def ask() -> Callable[[str, str], list[tuple[Any, ...]]]:
    """Return what asks a library by plain SQL, with the standard library alone."""

    def asked(url: str, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            return database.execute(sql).fetchall()

    return asked
