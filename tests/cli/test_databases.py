"""Databases that cannot be read: exit 2 or 3, one sentence, and never a password."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.door import by_process, in_process, refused

SECRET = "s3cr3t/p@ss"
SPELLINGS = (SECRET, "s3cr3t%2Fp%40ss", "s3cr3t/p%40ss", "s3cr3t%2Fp@ss", "s3cr3t")

URLS: dict[str, tuple[str, int]] = {
    "sync driver out of reach": ("postgresql+psycopg://me:s3cr3t%2Fp%40ss@127.0.0.1:1/db", 3),
    "password in the query": ("postgresql+psycopg://127.0.0.1:1/db?password=s3cr3t%2Fp%40ss", 3),
    "async driver": ("postgresql+asyncpg://me:s3cr3t%2Fp%40ss@127.0.0.1:1/db", 3),
    "unknown database": ("nosuchdb://me:s3cr3t%2Fp%40ss@127.0.0.1/db", 2),
    "driver not installed": ("mysql+mysqldb://me:s3cr3t%2Fp%40ss@127.0.0.1/db", 2),
    "malformed port": ("postgresql+psycopg://me:s3cr3t%2Fp%40ss@127.0.0.1:port/db", 2),
    "no scheme": ("me:s3cr3t@127.0.0.1/db", 2),
    "slash for a scheme": ("postgresql:/me:s3cr3t@127.0.0.1/db", 2),
    "unencoded": ("postgresql+psycopg://me:s3cr3t/p@ss@127.0.0.1:1/db", 3),
    "secret for SQLite": ("sqlite:///none.db?password=s3cr3t%2Fp%40ss", 3),
}


@pytest.mark.parametrize("command", ["profile", "compare"])
@pytest.mark.parametrize("kind", URLS)
def test_no_password_is_ever_shown(kind: str, command: str, here: Path) -> None:
    """In no spelling, whatever is wrong with the URL."""
    url, code = URLS[kind]
    said = in_process(command, "artists.search", "--database", url)
    refused(said, code)
    assert not any(spelling in said.all for spelling in SPELLINGS)


@pytest.mark.parametrize("kind", URLS)
def test_seed_shows_no_password_either(kind: str, here: Path) -> None:
    """Only SQLite can be seeded; the refusal does not repeat the URL."""
    said = in_process("seed", "--recipe", "tiny", "--database", URLS[kind][0])
    assert "s3cr3t" not in said.all


def test_a_missing_database_is_not_made(here: Path) -> None:
    """Exit 3, the command that makes one, and no empty file."""
    said = refused(in_process("profile", "--database", "sqlite:///none.db"), 3)
    assert "There is no file none.db" in said
    assert said.endswith("qprof seed --database sqlite:///none.db makes a music library there.")
    own = ["--target", "tests.apps.oddities:raises", "--database", "sqlite:///none.db"]
    assert "seed" not in refused(in_process("profile", *own), 3)
    assert list(here.iterdir()) == []


def test_a_folder_is_no_database(here: Path) -> None:
    """It is said that it is a folder."""
    said = refused(in_process("profile", "--database", f"sqlite:///{here}"), 3)
    assert "is a folder" in said


@pytest.mark.parametrize("content", [b"hello", b"x" * 5000, b"SQLite format 3\0garbage"])
def test_a_file_that_is_no_database_stays_as_it_is(content: bytes, here: Path) -> None:
    """Exit 3, and the file's bytes are the same."""
    file = here / "notes.txt"
    file.write_bytes(content)
    refused(in_process("profile", "--database", f"sqlite:///{file}"), 3)
    assert file.read_bytes() == content


def test_an_empty_file_has_no_tables(here: Path) -> None:
    """To SQLite it is an empty database: the call's own error is told."""
    (here / "empty.db").touch()
    said = refused(in_process("profile", "artists.search", "-d", "sqlite:///empty.db"), 3)
    assert "no such table" in said


def test_a_locked_database_is_told(locked: str, here: Path) -> None:
    """Exit 3, and to close the other program."""
    said = refused(in_process("profile", "--database", locked), 3)
    assert "locked by another program" in said


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?uri=true"])
def test_a_database_in_memory_is_empty(url: str, here: Path) -> None:
    """Exit 2: there is nothing to measure in it."""
    refused(in_process("profile", "--database", url), 2)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read all")
def test_a_database_that_may_not_be_read_is_told(here: Path, tiny: str) -> None:
    """Exit 3 and the driver's word."""
    file = here / "own.db"
    file.write_bytes(Path(tiny.removeprefix("sqlite:///")).read_bytes())
    file.chmod(0)
    refused(in_process("profile", "--database", f"sqlite:///{file}"), 3)


def test_a_database_in_wal_mode_is_read(here: Path, tiny: str) -> None:
    """Its content is the same afterwards, by its own checksum of rows."""
    file = here / "wal.db"
    file.write_bytes(Path(tiny.removeprefix("sqlite:///")).read_bytes())
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        assert in_process("profile", "artists.search", "-d", f"sqlite:///{file}").code == 0


@pytest.mark.parametrize("name", ["with space.db", "quest#ion.db", "ünï.db"])
def test_any_file_name_can_be_opened(name: str, here: Path, tiny: str) -> None:
    """What means something in a URI is part of the name."""
    (here / name).write_bytes(Path(tiny.removeprefix("sqlite:///")).read_bytes())
    assert in_process("profile", "artists.search", "-d", f"sqlite:///{name}").code == 0


def test_a_process_shows_no_password(cache: Path) -> None:
    """Whole streams of a real process, with the driver's own message in them."""
    said = by_process("profile", "-d", URLS["password in the query"][0], cache=cache)
    refused(said, 3)
    assert not any(spelling in said.all for spelling in SPELLINGS)
