from __future__ import annotations

import faker
import pytest
from sqlalchemy import create_engine, text

from qprof.seeding.library.provenance import APPLICATION_ID, read_provenance


def test_a_library_says_how_it_was_made(seed_at):
    """What was asked for is what can be read, from an engine and from a connection."""
    made = seed_at("tiny", {"artists": "8"}, scale=0.5, seed=-7)
    engine = create_engine(f"sqlite:///{made.path}")
    found = read_provenance(engine)
    with engine.connect() as connection:
        assert read_provenance(connection) == found
        assert not connection.in_transaction()
    engine.dispose()
    assert found == made.provenance
    assert (found.recipe, found.scale, found.seed) == ("tiny", 0.5, -7)
    assert (found.faker, found.overrides) == (faker.VERSION, {"artists": "8"})
    assert str(found) == "recipe tiny, scale 0.5, seed -7, artists=8"


def test_the_file_carries_its_mark(seed_at, ask):
    """Other programs can tell a library by the header of its file."""
    assert ask(seed_at("tiny").path, "PRAGMA application_id") == [(APPLICATION_ID,)]


def test_a_missing_file_stays_missing(tmp_path):
    """Asking makes no empty database."""
    engine = create_engine(f"sqlite:///{tmp_path / 'none.db'}")
    assert read_provenance(engine) is None
    assert list(tmp_path.iterdir()) == []
    engine.dispose()


@pytest.mark.parametrize(
    "statements",
    [
        [],
        ["CREATE TABLE library_info (name TEXT, shelf TEXT)"],
        ["CREATE TABLE library_info (key TEXT, value TEXT)"],
        [
            "CREATE TABLE library_info (key TEXT, value TEXT)",
            "INSERT INTO library_info VALUES ('made_by', 'qprof'), ('format', '1')",
        ],
    ],
)
def test_another_database_is_no_library(statements):
    """A table of the same name, or half of the marks, does not make a library."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
        assert read_provenance(connection) is None
        assert connection.in_transaction()
    engine.dispose()
