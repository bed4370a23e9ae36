from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from qprof.seeding.library.library_error import AlreadyThere, BadTarget, NotOurs, SeedFailed
from qprof.seeding.library.provenance import APPLICATION_ID, read_provenance

ROOT = Path(__file__).resolve().parents[3]


def foreign_database(path: Path, pragma: str = "user_version=1") -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA {pragma}")
        database.execute("CREATE TABLE precious (id)")
        database.commit()


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def seed_number(path: Path) -> int:
    engine = create_engine(f"sqlite:///{path}")
    found = read_provenance(engine)
    engine.dispose()
    return found.seed


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.touch(),
        lambda path: path.write_bytes(b"my only copy"),
        foreign_database,
        lambda path: foreign_database(path, f"application_id={APPLICATION_ID}"),
    ],
    ids=["empty", "text", "database", "database-with-our-number"],
)
@pytest.mark.parametrize("replace", [False, True])
def test_a_foreign_file_is_left_alone(seed_at, tmp_path, make, replace):
    """What qprof did not make is refused, and keeps every byte."""
    path = tmp_path / "library.db"
    make(path)
    before = path.read_bytes()
    with pytest.raises(NotOurs, match=r"qprof did not make it; name another file\."):
        seed_at(replace=replace)
    assert path.read_bytes() == before
    assert listed(tmp_path) == ["library.db"]


def test_a_library_is_kept_unless_replacing_was_asked_for(seed_at):
    """The refusal says what is there and what to type."""
    path = seed_at().path
    before = path.read_bytes()
    with pytest.raises(AlreadyThere) as caught:
        seed_at(seed=2)
    assert str(caught.value) == (
        f"{path} is a library already (recipe tiny, scale 1, seed 1); add --replace to replace it."
    )
    assert path.read_bytes() == before


def test_replacing_keeps_the_permissions(seed_at, tmp_path):
    """A file that was private or shared stays so."""
    path = seed_at().path
    path.chmod(0o640)
    assert seed_at(seed=2, replace=True).path == path
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert seed_number(path) == 2
    assert listed(tmp_path) == ["library.db"]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, RuntimeError, OSError])
@pytest.mark.parametrize("at", ["artists", "playlists"])
def test_an_interruption_leaves_nothing(seed_at, tmp_path, interruption, at):
    """Stopped at any moment, the folder is as it was."""

    def stop(table, done, total):
        if table == at:
            raise interruption

    with pytest.raises(interruption):
        seed_at(progress=stop)
    assert listed(tmp_path) == []


def test_an_interruption_keeps_the_old_library(seed_at, tmp_path):
    """The old library is there until the new one is whole."""
    path = seed_at().path
    before = path.read_bytes()

    def stop(table, done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seed_at(seed=2, replace=True, progress=stop)
    assert path.read_bytes() == before
    assert listed(tmp_path) == ["library.db"]


def test_progress_ends_at_its_total(seed_at):
    """Progress tells how many artists and playlists are done, of how many."""
    heard = []
    seed_at("audit", {"playlists": "2"}, progress=lambda *told: heard.append(told))
    assert heard[-2:] == [("artists", 20, 20), ("playlists", 2, 2)]


@pytest.mark.skipif(sys.platform == "win32", reason="no RLIMIT_FSIZE")
def test_a_full_disk_is_told_and_cleaned_up(seed_at, tmp_path):
    """A disk that fills up gives a sentence, and takes nothing with it."""
    path = seed_at().path
    before = path.read_bytes()
    code = """
import resource, signal
from qprof.seeding.library.library_error import SeedFailed
from qprof.seeding.library.recipes import load_recipe
from qprof.seeding.library.seeding import seed
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    seed("sqlite:///library.db", load_recipe("chinook"), replace=True)
except SeedFailed as problem:
    print(problem)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout.startswith("Cannot write the library in ")
    assert ran.stdout.endswith("free some space there, or name another file.\n")
    assert path.read_bytes() == before
    assert listed(tmp_path) == ["library.db"]


@pytest.mark.parametrize("lock", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_a_library_in_use_is_not_replaced(seed_at, monkeypatch, lock):
    """Somebody else's transaction keeps the old library where it is."""
    monkeypatch.setattr("qprof.seeding.library.target_file._LOCK_WAIT", 0.01)
    path = seed_at().path
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(lock)
        with pytest.raises(SeedFailed, match=r"database is locked\); close what is using it"):
            seed_at(seed=2, replace=True)
    assert seed_number(path) == 1


def test_a_library_in_wal_mode_leaves_no_log(seed_at, tmp_path):
    """The log of the old library is not played into the new one."""
    path = seed_at().path
    with closing(sqlite3.connect(path)) as old:
        old.execute("PRAGMA journal_mode=WAL")
        old.execute("INSERT INTO genres VALUES (99, 'Noise')")
        old.commit()
        for side in ("", "-wal"):
            (tmp_path / f"copy.db{side}").write_bytes(Path(f"{path}{side}").read_bytes())
    made = seed_at(url=f"sqlite:///{tmp_path / 'copy.db'}", seed=2, replace=True)
    assert seed_number(made.path) == 2
    assert listed(tmp_path) == ["copy.db", "library.db"]


def test_a_hot_journal_is_settled_first(seed_at, tmp_path):
    """The journal of a crash belongs to the old library, and is gone before the new one comes."""
    path = seed_at().path
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.execute("PRAGMA cache_size=1")
        old.execute("BEGIN")
        old.execute("UPDATE artists SET biography = hex(zeroblob(20000))")
        for side in ("", "-journal"):
            Path(f"{copy}{side}").write_bytes(Path(f"{path}{side}").read_bytes())
        old.execute("ROLLBACK")
    made = seed_at(url=f"sqlite:///{copy}", seed=2, replace=True)
    assert seed_number(made.path) == 2
    assert listed(tmp_path) == ["copy.db", "library.db"]


@pytest.mark.parametrize("side", ["-journal", "-wal"])
def test_a_left_over_journal_is_refused(seed_at, tmp_path, side):
    """A journal whose database is gone would be played into the new library."""
    (tmp_path / f"library.db{side}").write_bytes(b"anything")
    with pytest.raises(BadTarget, match=r"left over from another database; remove it first\."):
        seed_at()


def test_a_file_that_appears_meanwhile_is_left_alone(seed_at, tmp_path):
    """Two programs that make the same file do not overwrite one another."""
    path = tmp_path / "library.db"
    with pytest.raises(NotOurs):
        seed_at(progress=lambda *_: path.write_bytes(b"first"))
    assert path.read_bytes() == b"first"
    assert listed(tmp_path) == ["library.db"]


def test_a_symbolic_link_is_followed(seed_at, tmp_path):
    """The link stays, and what it points to is replaced."""
    path = seed_at().path
    link = tmp_path / "link.db"
    link.symlink_to(path)
    assert seed_at(url=f"sqlite:///{link}", seed=2, replace=True).path == path
    assert link.is_symlink()
    assert seed_number(path) == 2


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite://", "Cannot seed :memory: yet: it is no plain file; write for example"),
        ("sqlite:///:memory:", "Cannot seed :memory: yet: it is no plain file; write for"),
        (
            "sqlite:///file:x.db?uri=true",
            "Cannot seed file:x.db yet: it is no plain file; write for",
        ),
        ("oracle://me:secret@there/db", "Cannot seed oracle yet: only SQLite files, Postgre"),
        ("sqlite+pysqlcipher://:secret@/x.db", "Cannot seed sqlite+pysqlcipher yet"),
        ("library.db", "The database is not a URL that SQLAlchemy can read; write for example"),
    ],
)
def test_a_url_without_a_file_gets_a_sentence(seed_at, url, sentence):
    """Only SQLite files can be seeded, and no password is shown."""
    with pytest.raises(BadTarget) as caught:
        seed_at(url=url)
    assert sentence in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_link_that_leads_in_a_circle_is_left_alone(seed_at, tmp_path):
    """A link that cannot be followed is refused or replaced by a library, but never hangs."""
    link = tmp_path / "library.db"
    link.symlink_to(link)
    with pytest.raises((BadTarget, SeedFailed)):
        seed_at()
    assert link.is_symlink()


def test_a_missing_folder_gets_a_sentence(seed_at, tmp_path):
    """A folder is not made by the way."""
    with pytest.raises(BadTarget, match=r"none does not exist; make it, or name another\."):
        seed_at(url=f"sqlite:///{tmp_path / 'none' / 'library.db'}")


def test_a_folder_as_target_gets_a_sentence(seed_at, tmp_path):
    """A folder cannot be a library."""
    with pytest.raises(BadTarget, match=r"is a folder or a device; name a file"):
        seed_at(url=f"sqlite:///{tmp_path}")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_folder_without_permission_gets_a_sentence(seed_at, tmp_path):
    """What the operating system refuses is told in a sentence."""
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(SeedFailed, match=r"\(Permission denied\); check its folder"):
            seed_at()
    finally:
        tmp_path.chmod(0o700)


def test_an_async_url_names_the_same_file(seed_at, tmp_path):
    """The driver of the URL is for the one who reads the library."""
    assert seed_at(url=f"sqlite+aiosqlite:///{tmp_path / 'a.db'}").path == tmp_path / "a.db"


@pytest.mark.parametrize("number", [True, 1.5, "1"])
def test_a_seed_that_is_no_whole_number_gets_a_sentence(seed_at, number):
    """A seed is a whole number."""
    with pytest.raises(Exception, match="The seed must be a whole number"):
        seed_at(seed=number)
