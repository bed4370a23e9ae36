import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from qprof.seeding.library.recipes import load_recipe
from qprof.seeding.library.seeding import seed


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the URL of a tiny library, which no test changes."""
    file = tmp_path_factory.mktemp("tiny") / "tiny.db"
    seed(f"sqlite:///{file}", load_recipe("tiny"))
    return f"sqlite:///{file}"


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache folder for all processes, so that the sample library is seeded once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to an empty folder, where no configuration is found."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[str]:
    """Return the URL of a database that somebody else holds exclusively."""
    file = tmp_path / "locked.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as owner:
        owner.execute("CREATE TABLE t (a)")
        owner.execute("BEGIN EXCLUSIVE")
        yield f"sqlite:///{file}"
