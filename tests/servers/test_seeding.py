from __future__ import annotations

import pytest
from sqlalchemy import create_engine, inspect, select
from sqlalchemy.orm import Session

from qprof.seeding.library.models import Artist, Base, Genre
from qprof.seeding.library.repositories import Repositories
from tests.servers.conftest import dump, run, shown, tables

pytestmark = pytest.mark.server
OURS = set(Base.metadata.tables)


@pytest.mark.parametrize(
    ("recipe", "options"),
    [("tiny", {}), ("tiny", {"seed": -3}), ("audit", {"scale": 0.5}), ("chinook", {})],
)
def test_the_same_content_as_in_a_file(empty, tmp_path, seed_into, recipe, options):
    """Every row of every table is what SQLite holds for the same recipe, scale and seed."""
    file = f"sqlite:///{tmp_path / 'library.db'}"
    in_file = seed_into(file, recipe, **options)
    on_server = seed_into(empty, recipe, **options)
    assert dump(empty) == dump(file)
    assert (on_server.counts, on_server.provenance) == (in_file.counts, in_file.provenance)
    assert tables(empty) == OURS


@pytest.mark.parametrize("driver", ["postgresql+asyncpg", "mariadb+aiomysql", "mysql+pymysql"])
def test_other_drivers_load_the_same_rows(request, tmp_path, seed_into, driver):
    """A driver without a bulk path, and an async one, insert many rows at a time."""
    pytest.importorskip(driver.partition("+")[2])
    kind = "postgresql" if driver.startswith("postgresql") else "mariadb"
    empty = request.getfixturevalue(kind)
    file = f"sqlite:///{tmp_path / 'library.db'}"
    seed_into(file, "audit", scale=3)
    seed_into(empty.set(drivername=driver), "audit", scale=3)
    assert dump(empty) == dump(file)


def test_keys_and_indices_are_those_of_the_models(empty, seed_into):
    """What comes after the load is what the models declare, under the names that they declare."""
    seed_into(empty)
    found = inspect(create_engine(empty))
    for table in Base.metadata.sorted_tables:
        assert found.get_pk_constraint(table.name)["constrained_columns"] == [
            column.name for column in table.primary_key
        ]
        assert {index["name"] for index in found.get_indexes(table.name)} == {
            index.name for index in table.indexes
        }
        assert {
            (key["constrained_columns"][0], key["referred_table"], key["referred_columns"][0])
            for key in found.get_foreign_keys(table.name)
        } == {
            (key.parent.name, key.column.table.name, key.column.name) for key in table.foreign_keys
        }
        assert {column["name"]: column["nullable"] for column in found.get_columns(table.name)} == {
            column.name: column.nullable for column in table.columns
        }
    found.bind.dispose()


def test_foreign_keys_are_enforced(empty, seed_into):
    """A foreign key is there for good, also after the tables were replaced."""
    seed_into(empty)
    seed_into(empty, replace=True)
    with pytest.raises(Exception, match="foreign key"):
        run(empty, "INSERT INTO track_genres (track_id, genre_id) VALUES (1, 4711)")


def test_the_planner_knows_the_tables(empty, seed_into):
    """Statistics are there: without them the first plans would be guesses."""
    seed_into(empty)
    query = {
        "postgresql": "SELECT reltuples FROM pg_class WHERE relname = 'tracks'",
        "mariadb": "SELECT n_rows FROM mysql.innodb_table_stats "
        "WHERE database_name = database() AND table_name = 'tracks'",
    }[empty.get_backend_name()]
    assert run(empty, query) == [(21,)]


def test_a_row_can_be_added(empty, seed_into):
    """Ids go on after the last one, as a user who plays with the library expects."""
    counts = seed_into(empty).counts
    engine = create_engine(empty)
    with Session(engine) as session:
        artist = Artist(name="Zoë", sort_name="Zoë", albums=[], tracks=[])
        genre = Genre(name="Noise")
        session.add_all([artist, genre])
        session.flush()
        assert (artist.id, genre.id) == (counts["artists"] + 1, counts["genres"] + 1)
    engine.dispose()


def test_names_compare_and_sort_as_in_a_file(empty, tmp_path, seed_into):
    """A search minds no case; order and equality go byte by byte, whatever the server's default."""
    file = f"sqlite:///{tmp_path / 'library.db'}"
    answers = []
    for url in (file, empty):
        seed_into(url)
        engine = create_engine(url)
        with Session(engine) as session:
            for name in ("zebra", "Zoë", "zoe", "Zoé", "ZOE", "The_A", "the%B", "Thé C"):
                session.add(Artist(name=name, sort_name=name))
            session.flush()
            calls = Repositories(session)
            answers.append(
                [[artist.name for artist in calls.artists.search(q)] for q in ("the", "ZO", "the_")]
                + [[artist.name for artist in calls.artists.get_all()]]
                + [session.scalars(select(Genre.id).where(Genre.name == "rock")).all()]
            )
        engine.dispose()
    assert answers[0] == answers[1]


def test_progress_is_told(empty, seed_into):
    """Progress ends at its total, as it does for a file."""
    heard = []
    seed_into(empty, progress=lambda *told: heard.append(told))
    assert heard == [("artists", 6, 6), ("playlists", 3, 3)]


def test_rows_stream(empty, seed_into, monkeypatch):
    """A block is loaded before the next one is dealt: a library need not fit into memory."""
    from qprof.seeding.library.content import Content

    kept, order = Content.blocks, []

    def blocks(self):
        for block in kept(self):
            order.append("dealt")
            yield block

    monkeypatch.setattr(Content, "blocks", blocks)
    monkeypatch.setattr("qprof.seeding.library.content._TRACKS_PER_BATCH", 30)
    at_once = []
    seed_into(empty, "audit", progress=lambda *_: at_once.append(len(order)))
    assert len(at_once) == 10
    assert at_once == sorted(set(at_once))


def test_a_summary_names_the_database_without_its_options(empty, seed_into):
    """Options of a URL can hold a password, so they are not shown."""
    summary = seed_into(empty)
    assert summary.place == shown(empty)
    assert summary.path is None
