from collections.abc import Callable
from pathlib import Path

import pytest

from qprof.runs.seeding import derive_recipe
from qprof.seeding.library.recipes import load_recipe
from qprof.seeding.library.seeding import seed

Again = Callable[..., Path]


@pytest.fixture
def again(tmp_path: Path) -> Again:
    """Derive a recipe from an SQLite file, and seed a library by it into another."""

    def seeded(file: Path, scale: float = 1.0, number: int = 1, **mapping: str) -> Path:
        recipe = tmp_path / "again.toml"
        recipe.write_text(derive_recipe(f"sqlite:///{file}", mapping, base="chinook").text)
        made = tmp_path / f"again-{scale}-{number}.db"
        seed(f"sqlite:///{made}", load_recipe(str(recipe)), scale=scale, seed=number, replace=True)
        return made

    return seeded
