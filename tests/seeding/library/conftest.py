from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from qprof.seeding.library.recipes import load_recipe
from qprof.seeding.library.seeding import SeededLibrary, seed

Seed = Callable[..., SeededLibrary]


@pytest.fixture
def seed_at(tmp_path: Path) -> Seed:
    """Seed a recipe into library.db; keywords beyond those of `seed` are overrides."""

    def at(recipe: str = "tiny", overrides: dict[str, str] | None = None, **options: object):
        options.setdefault("url", f"sqlite:///{tmp_path / 'library.db'}")
        url = options.pop("url")
        return seed(url, load_recipe(recipe, overrides or {}), **options)

    return at


@pytest.fixture
def ask() -> Callable[..., list[tuple]]:
    """Ask a file with the standard library alone."""

    def asked(path: Path, sql: str) -> list[tuple]:
        with closing(sqlite3.connect(path)) as database:
            return database.execute(sql).fetchall()

    return asked


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seed a tiny library once, which no test changes."""
    path = tmp_path_factory.mktemp("tiny") / "library.db"
    seed(f"sqlite:///{path}", load_recipe("tiny"))
    return path


@pytest.fixture
def engine(tiny: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tiny}")
    yield engine
    engine.dispose()
