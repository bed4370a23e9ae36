from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from typer.testing import CliRunner

from qprof.cli.app import app
from qprof.seeding.library.library_error import (
    AlreadyThere,
    BadTarget,
    NoDriver,
    NotOurs,
    SeedFailed,
)
from qprof.seeding.library.models import Base
from qprof.seeding.library.provenance import read_provenance
from tests.servers.conftest import run, shown, tables

pytestmark = pytest.mark.server
OURS = set(Base.metadata.tables)
ROOT = Path(__file__).resolve().parents[2]
PRECIOUS = (
    "CREATE TABLE artists (id integer PRIMARY KEY, dear varchar(9))",
    "INSERT INTO artists VALUES (1, 'gold')",
)


def seed_number(url) -> int | None:
    engine = create_engine(url)
    found = read_provenance(engine)
    engine.dispose()
    return found.seed if found else None


@pytest.fixture
def qprof(monkeypatch):
    """Run the command line in this process, whose signals stay as they are."""
    monkeypatch.setattr("qprof.cli.interruption.signal.signal", lambda *_: None)
    return lambda *arguments: CliRunner().invoke(app, arguments)


def test_a_library_is_kept_unless_replacing_was_asked_for(empty, seed_into):
    """The refusal says what is there and what to type."""
    seed_into(empty)
    with pytest.raises(AlreadyThere) as caught:
        seed_into(empty, seed=2)
    assert str(caught.value) == (
        f"{shown(empty)} holds a library already (recipe tiny, scale 1, seed 1); "
        "add --replace to replace it."
    )
    assert seed_number(empty) == 1
    seed_into(empty, seed=2, replace=True)
    assert seed_number(empty) == 2
    assert tables(empty) == OURS


@pytest.mark.parametrize("replace", [False, True])
def test_foreign_tables_are_left_alone(empty, seed_into, replace):
    """One table of somebody else with one of our names is enough to refuse."""
    run(empty, *PRECIOUS)
    with pytest.raises(NotOurs, match=r"qprof did not make them: artists; name another database\."):
        seed_into(empty, replace=replace)
    assert tables(empty) == {"artists"}
    assert run(empty, "SELECT * FROM artists") == [(1, "gold")]


def test_a_foreign_table_within_a_library_is_left_alone(empty, seed_into):
    """A library in which a table was exchanged is nobody's to drop."""
    seed_into(empty)
    run(empty, "DROP TABLE playlist_tracks", "CREATE TABLE playlist_tracks (dear integer)")
    with pytest.raises(NotOurs):
        seed_into(empty, replace=True)
    assert "playlist_tracks" in tables(empty)
    assert seed_number(empty) == 1


def test_other_tables_stay(empty, seed_into):
    """What has another name is not looked at."""
    run(empty, "CREATE TABLE precious (id integer)", "INSERT INTO precious VALUES (7)")
    seed_into(empty)
    seed_into(empty, seed=2, replace=True)
    assert run(empty, "SELECT * FROM precious") == [(7,)]
    assert tables(empty) == OURS | {"precious"}


def test_a_library_that_others_refer_to_is_not_replaced(empty, seed_into):
    """A foreign key of somebody else's table would lose what it refers to."""
    seed_into(empty)
    run(
        empty,
        "CREATE TABLE likes (artist_id integer REFERENCES artists (id))",
        "INSERT INTO likes VALUES (1)",
    )
    with pytest.raises((NotOurs, SeedFailed)) as caught:
        seed_into(empty, seed=2, replace=True)
    assert shown(empty) in str(caught.value)
    assert seed_number(empty) == 1
    assert tables(empty) == OURS | {"likes"}


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, RuntimeError, OSError])
@pytest.mark.parametrize("at", ["artists", "playlists"])
def test_an_interruption_leaves_nothing(empty, seed_into, interruption, at):
    """Stopped at any moment, the database is as it was."""

    def stop(table, done, total):
        if table == at:
            raise interruption

    with pytest.raises(interruption):
        seed_into(empty, progress=stop)
    assert tables(empty) == set()


def test_an_interruption_keeps_the_old_library(empty, seed_into):
    """The old library is there until the new one is whole."""

    def stop(table, done, total):
        raise KeyboardInterrupt

    seed_into(empty)
    with pytest.raises(KeyboardInterrupt):
        seed_into(empty, seed=2, replace=True, progress=stop)
    assert seed_number(empty) == 1
    assert tables(empty) == OURS


def test_the_old_library_can_be_read_meanwhile(empty, seed_into):
    """Readers see the old library until the new one takes its place."""
    seed_into(empty)
    seen = []
    seed_into(empty, seed=2, replace=True, progress=lambda *_: seen.append(seed_number(empty)))
    assert set(seen) == {1}
    assert seed_number(empty) == 2


def test_a_failure_in_the_middle_keeps_the_old_library(empty, seed_into, monkeypatch):
    """What the server refuses after the load is told, and undone."""
    seed_into(empty)
    monkeypatch.setattr(
        f"qprof.seeding.library.servers.{empty.get_backend_name()}.foreign_keys",
        lambda *_: ["ADD FOREIGN KEY (nothing) REFERENCES nowhere (id)"],
    )
    with pytest.raises(
        SeedFailed, match=r"(?i)no(where|thing).*; what was there before is there still\."
    ):
        seed_into(empty, seed=2, replace=True)
    assert seed_number(empty) == 1
    assert tables(empty) == OURS


def test_a_lost_connection_is_told(empty, seed_into):
    """A server that hangs up in the middle leaves what was there."""
    mine = {
        "postgresql": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
        "mariadb": "SELECT concat('KILL ', id) FROM information_schema.processlist "
        "WHERE db = database() AND id <> connection_id()",
    }[empty.get_backend_name()]

    def hang_up(table, done, total):
        if table == "artists":
            kills = [text for (text,) in run(empty, mine) if isinstance(text, str)]
            run(empty, *kills, "SELECT 1")

    seed_into(empty)
    with pytest.raises(SeedFailed, match="Cannot write the library to"):
        seed_into(empty, seed=2, replace=True, progress=hang_up)
    assert seed_number(empty) == 1
    assert tables(empty) == OURS


def test_a_library_in_use_is_not_replaced(empty, seed_into, monkeypatch):
    """Somebody else's open transaction keeps the old library where it is."""
    kind = empty.get_backend_name()
    short = {"postgresql": "100ms", "mariadb": 1}[kind]
    monkeypatch.setattr(f"qprof.seeding.library.servers.{kind}._LOCK_WAIT", short)
    seed_into(empty)
    engine = create_engine(empty)
    with engine.connect() as other:
        other.exec_driver_sql("SELECT count(*) FROM tracks")
        with pytest.raises(SeedFailed, match=r"(?i)lock.*timeout|timeout.*lock"):
            seed_into(empty, seed=2, replace=True)
    engine.dispose()
    assert seed_number(empty) == 1
    assert tables(empty) == OURS


def test_tables_that_appear_meanwhile_are_left_alone(empty, seed_into):
    """Two programs that make the same tables do not overwrite one another."""

    def appear(table, done, total):
        if table == "artists":
            run(empty, *PRECIOUS)

    with pytest.raises(NotOurs):
        seed_into(empty, progress=appear)
    assert tables(empty) == {"artists"}


def test_mariadb_lets_one_in_at_a_time(mariadb, seed_into):
    """Where a crash leaves tables behind, nobody clears up while somebody is at work."""
    refused = []

    def another(table, done, total):
        if table == "artists":
            with pytest.raises(SeedFailed, match="Another qprof is seeding"):
                seed_into(mariadb, seed=2)
            refused.append(table)

    seed_into(mariadb, progress=another)
    assert refused == ["artists"]
    assert seed_number(mariadb) == 1


def test_mariadb_clears_up_what_a_crash_has_left(mariadb, seed_into, monkeypatch):
    """Tables of a seeding that was killed go with the next one; those of others stay."""
    monkeypatch.setattr("qprof.seeding.library.servers.mariadb._clear_up", lambda *_: None)
    monkeypatch.setattr(
        "qprof.seeding.library.servers.mariadb._put_in_place", lambda *_, **__: 1 / 0
    )
    with pytest.raises(ZeroDivisionError):
        seed_into(mariadb)
    assert len(tables(mariadb)) == len(OURS)
    monkeypatch.undo()
    run(mariadb, "CREATE TABLE qprof_old_artists (dear integer)")
    seed_into(mariadb)
    assert tables(mariadb) == OURS | {"qprof_old_artists"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_nothing(empty, number):
    """Ctrl-C in the middle of a load: one sentence, exit code 130, and no table."""
    child = subprocess.Popen(
        [sys.executable, "-m", "qprof", "seed", "--scale", "40", "--database", shown(empty)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    busy = {
        "postgresql": "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() "
        "AND query LIKE 'COPY%%'",
        "mariadb": "SELECT 1 FROM information_schema.tables WHERE table_schema = database() "
        "AND table_name = 'qprof_new_tracks' AND table_rows > 1000",
    }[empty.get_backend_name()]
    deadline = time.monotonic() + 60
    while not run(empty, busy) and time.monotonic() < deadline:
        time.sleep(0.02)
    child.send_signal(number)
    _, said = child.communicate(timeout=60)
    assert (child.returncode, said) == (130, "error: stopped by Ctrl-C; nothing was written.\n")
    assert tables(empty) == set()


def test_an_unreachable_server_is_one_sentence(empty, qprof):
    """Exit code 3, the address, the driver's reason, and no password."""
    url = empty.set(port=1, password="hush-hush")
    done = qprof("seed", "--recipe", "tiny", "--database", shown(url))
    assert done.exit_code == 3
    assert done.stderr.startswith("error: Cannot reach ")
    assert "refused" in done.stderr
    assert done.stderr.endswith("check its address, its user and that the database exists.\n")
    assert "hush" not in done.stdout + done.stderr


def test_a_missing_database_is_one_sentence_and_a_hint(empty, qprof):
    done = qprof("seed", "--database", shown(empty.set(database="qprof_test_nowhere")))
    assert done.exit_code == 3
    error, hint = done.stderr.splitlines()
    assert "qprof_test_nowhere" in error
    assert hint.startswith("hint: check its address")


def test_a_wrong_password_is_not_shown(mariadb, qprof):
    """MariaDB checks it; the test server for PostgreSQL trusts everybody."""
    url = shown(mariadb.set(password="hush-hush"))
    for command in (["seed"], ["profile"]):
        done = qprof(*command, "--database", url)
        assert done.exit_code == 3
        assert "Access denied" in done.stderr
        assert "(1045" not in done.stderr
        assert "hush" not in done.stdout + done.stderr


def test_a_wrong_user_is_one_sentence(empty, qprof):
    done = qprof("seed", "--database", shown(empty.set(username="qprof_nobody")))
    assert done.exit_code == 3
    error, hint = done.stderr.splitlines()
    assert "qprof_nobody" in error
    assert hint.startswith("hint: check its address")


def test_mariadb_needs_the_name_of_a_database(mariadb, seed_into):
    with pytest.raises(BadTarget, match="names no database; add its name after the last slash"):
        seed_into(mariadb.set(database=""))


def test_an_option_that_the_driver_does_not_know_is_one_sentence(empty, qprof):
    url = empty.update_query_dict({"no_such_option": "1"})
    for command in ("seed", "profile"):
        done = qprof(command, "--database", shown(url))
        assert done.exit_code == 3
        assert "no_such_option" in done.stderr
        assert "Traceback" not in done.stderr


def test_refusals_of_the_command_have_exit_code_2(empty, qprof):
    """What is there already is a matter of what was typed."""
    assert qprof("seed", "--recipe", "tiny", "--database", shown(empty)).exit_code == 0
    again = qprof("seed", "--recipe", "tiny", "--database", shown(empty))
    assert again.exit_code == 2
    assert again.stderr.endswith("add --replace to replace it.\n")


def test_a_library_that_is_seeded_by_two_at_once(postgresql, seed_into):
    """PostgreSQL lets the first one win; the second one is told, and changes nothing."""
    problems = []

    def second():
        try:
            seed_into(postgresql, seed=2)
        except Exception as problem:
            problems.append(problem)

    thread = threading.Thread(target=second)

    def begin(table, done, total):
        if table == "artists":
            thread.start()
            thread.join(0.5)

    seed_into(postgresql, progress=begin)
    thread.join()
    assert [type(problem) for problem in problems] in ([SeedFailed], [AlreadyThere])
    assert seed_number(postgresql) == 1
    assert tables(postgresql) == OURS


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("postgresql+psycopg://me:hush@there/db", "pip install 'sqlalchemy-qprof[psycopg]'."),
        ("mariadb+pymysql://me:hush@there/db", "pip install 'sqlalchemy-qprof[pymysql]'."),
        (
            "postgresql+psycopg2://me:hush@there/db",
            "write postgresql+psycopg://… and pip install 'sqlalchemy-qprof[psycopg]'.",
        ),
        (
            "mysql://me:hush@there/db",
            "write mysql+pymysql://… and pip install 'sqlalchemy-qprof[pymysql]'.",
        ),
        (
            "mariadb://me:hush@there/db",
            "write mariadb+pymysql://… and pip install 'sqlalchemy-qprof[pymysql]'.",
        ),
    ],
)
@pytest.mark.parametrize("command", ["seed", "profile"])
def test_a_missing_driver_is_one_sentence(monkeypatch, qprof, url, advice, command):
    """Exit code 2, and the extra that brings the driver."""
    for module in ("psycopg", "psycopg2", "pymysql", "MySQLdb"):
        monkeypatch.setitem(sys.modules, module, None)
    done = qprof(command, "--database", url)
    assert done.exit_code == 2
    error, hint = done.stderr.splitlines()
    assert error.startswith("error: The driver ")
    assert error.endswith(" is not installed")
    assert hint == f"hint: {advice}"
    assert "hush" not in done.output


def test_a_missing_driver_in_the_library_itself(monkeypatch, seed_into):
    """The library says it without qprof's help, too."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(NoDriver, match=r"The driver for postgresql\+psycopg is not installed"):
        seed_into("postgresql+psycopg://me:hush@there/db")
