"""The shape of a database on a server is that of the same rows in a file."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, ForeignKey, MetaData, String, Table, create_engine, insert
from sqlalchemy.pool import NullPool

from qprof.runs.seeding import derive_recipe
from qprof.seeding.library.recipes import load_recipe
from qprof.seeding.library.seeding import seed
from tests.servers.conftest import dump, shown

pytestmark = pytest.mark.server


def body(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "://" not in line)


def test_the_recipe_is_the_same_on_every_server(tiny, tmp_path):
    """Every count, and every ratio of the header; the server's rows are what they were."""
    file = f"sqlite:///{tmp_path / 'tiny.db'}"
    seed(file, load_recipe("tiny"))
    before = dump(tiny)
    found = derive_recipe(shown(tiny), {}, base="chinook")
    assert found.ratios == derive_recipe(file, {}, base="chinook").ratios
    assert body(found.text) == body(derive_recipe(file, {}, base="chinook").text)
    assert dump(tiny) == before


def test_no_password_is_in_the_recipe(tiny):
    """Where the URL has one, the header has three asterisks."""
    url = tiny.update_query_dict({"application_name": "qprof"}) if "psycopg" in str(tiny) else tiny
    url = url.set(password="sesame") if url.get_backend_name() == "postgresql" else url
    text = derive_recipe(shown(url), {}, base="chinook").text
    assert "sesame" not in text
    if url.password:
        assert "***" in text


def own_tables() -> MetaData:
    """Keys alone, with capitals, reserved words and no number for a key."""
    metadata = MetaData()
    key = String(36)
    Table("Artist", metadata, Column("Key", key, primary_key=True))
    Table("Genre", metadata, Column("Key", key, primary_key=True))
    Table(
        "Album",
        metadata,
        Column("Key", key, primary_key=True),
        Column("By", key, ForeignKey("Artist.Key")),
    )
    Table(
        "Track",
        metadata,
        Column("Key", key, primary_key=True),
        Column("In", key, ForeignKey("Album.Key")),
        Column("Group", key, ForeignKey("Genre.Key")),
    )
    return metadata


ROWS = {
    "Artist": [("x",), ("y",), ("z",)],
    "Genre": [("rock",), ("pop",)],
    "Album": [("a", "x"), ("b", "x"), ("c", "y")],
    "Track": [
        ("1", "a", "pop"),
        ("2", "a", "pop"),
        ("3", "b", "rock"),
        ("4", "c", None),
        ("5", None, "pop"),
    ],
}


def test_tables_of_ones_own_are_counted(empty):
    """Keys that are texts, and names that have to be quoted."""
    engine = create_engine(empty, poolclass=NullPool)
    metadata = own_tables()
    metadata.create_all(engine)
    with engine.begin() as connection:
        for name, rows in ROWS.items():
            table = metadata.tables[name]
            names = [column.name for column in table.columns]
            connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
    text = derive_recipe(shown(empty), {}, base="chinook").text
    assert "{artists = 1, albums = 2, tracks = 3, genre = 1, of_genre = 2, genres = 2},\n" in text
    assert "{artists = 1, albums = 1, tracks = 1},\n  {artists = 1},\n" in text
    assert "genre_tracks = [3, 1]\n" in text
    assert "# 1 of 5 tracks hang on no artist and are left out.\n" in text
    assert "rock" not in text
