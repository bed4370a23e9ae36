"""`qprof seed --profile-from` as its users meet it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.door import by_process, in_process, refused

WRONG: dict[str, tuple[list[str], int, str]] = {
    "scale": (["--profile-from", "sqlite:///x.db", "--scale", "2"], 2, "--scale is for making"),
    "database": (["--profile-from", "sqlite:///x.db", "-d", "sqlite:///y.db"], 2, "--database is"),
    "map alone": (["--map", "artists=Artist"], 2, "--map needs --profile-from URL"),
    "force alone": (["--force"], 2, "--force needs --profile-from URL"),
    "no file": (["--profile-from", "sqlite:///x.db"], 3, "There is no file x.db"),
    "no URL": (["--profile-from", "x.db"], 2, "Write sqlite:///x.db"),
    "form": (["--profile-from", "sqlite:///x.db", "--map", "artists"], 2, "NAME=VALUE"),
    "no recipe": (["--profile-from", "sqlite:///x.db", "--recipe-out", "x.txt"], 2, "end in .toml"),
    "no server": (
        ["--profile-from", "postgresql+psycopg://u:secret@127.0.0.1:1/d"],
        3,
        "could not",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_wrong_input_gets_a_sentence(kind: str, here: Path) -> None:
    """One line, the exit code, no password, and no file."""
    arguments, code, said = WRONG[kind]
    found = in_process("seed", *arguments)
    assert said in refused(found, code)
    assert "secret" not in found.all
    assert list(here.iterdir()) == []


def test_a_recipe_is_piped_and_makes_a_library(tiny: str, tmp_path: Path) -> None:
    """Stdout holds the recipe and nothing else; what is said goes to stderr."""
    said = by_process("seed", "--profile-from", tiny, cache=tmp_path)
    assert said.code == 0
    assert said.out.startswith("# Numbers of rows, no content and no keys, read by qprof from\n")
    assert said.err.startswith("Printed a recipe: 6 artists; of 4 ratios")
    (tmp_path / "piped.toml").write_text(said.out)
    made = by_process("seed", "--recipe", "piped.toml", "--scale", "2", cache=tmp_path)
    assert "12 artists" in made.err
    with closing(sqlite3.connect(tmp_path / "library.db")) as database:
        counts = "SELECT (SELECT count(*) FROM artists), (SELECT count(*) FROM albums)"
        assert database.execute(counts).fetchall() == [(12, 18)]


def test_a_recipe_is_replaced_only_when_told(tiny: str, here: Path) -> None:
    """Exit 2 and the word --force; the file is what it was, and then the recipe."""
    file = here / "mine.toml"
    file.write_text("artists = 3")
    arguments = ["seed", "--profile-from", tiny, "--recipe-out", "mine.toml"]
    assert "--force" in refused(in_process(*arguments), 2)
    assert file.read_text() == "artists = 3"
    said = in_process(*arguments, "--force")
    assert (said.code, said.out) == (0, "")
    assert "discographies" in file.read_text()
    assert [each.name for each in here.iterdir()] == ["mine.toml"]


def test_the_base_recipe_gives_what_is_not_there(tiny: str, here: Path) -> None:
    """A share of names is nothing that can be counted."""
    said = in_process("seed", "--profile-from", tiny, "--recipe", "audit", "--quiet")
    assert "the_artists = 1.0\n" in said.out
    assert said.err == ""
    wrong = in_process("seed", "--profile-from", tiny, "--recipe", "audti")
    assert 'did you mean "audit"?' in refused(wrong, 2)
