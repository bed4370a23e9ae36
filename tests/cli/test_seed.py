"""`qprof seed` as a process: wrong input, interruption, a full disk."""

import hashlib
import os
import resource
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.door import Said, by_process, command, environment, refused

WRONG: dict[str, tuple[list[str], int, str]] = {
    "recipe": (["--recipe", "chinok"], 2, "chinook"),
    "recipe file": (["--recipe", "none.toml"], 2, "none.toml"),
    "key": (["--recipe", "tiny", "--set", "artist=3"], 2, "artists"),
    "value": (["--recipe", "tiny", "--set", "artists=many"], 2, "artists=many"),
    "form": (["--recipe", "tiny", "--set", "artists"], 2, "NAME=VALUE"),
    "twice": (["--recipe", "tiny", "--set", "genres=3", "--set", "genres=4"], 2, "twice"),
    "scale": (["--recipe", "tiny", "--scale", "-1"], 2, "scale"),
    "no number": (["--recipe", "tiny", "--scale", "nan"], 2, "scale"),
    "folder": (["--recipe", "tiny", "-d", "sqlite:///none/x.db"], 2, "none"),
    "memory": (["--recipe", "tiny", "-d", "sqlite://"], 2, "sqlite:///library.db"),
    "other database": (["--recipe", "tiny", "-d", "oracle://u:secret@h/d"], 2, "SQLite"),
    "no server": (
        ["--recipe", "tiny", "-d", "postgresql+psycopg://u:secret@127.0.0.1:1/d"],
        3,
        "reach",
    ),
    "no URL": (["--recipe", "tiny", "-d", "library.db"], 2, "sqlite:///library.db"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_wrong_input_makes_nothing(kind: str, tmp_path: Path) -> None:
    """One sentence, the exit code, and an empty folder."""
    arguments, code, said = WRONG[kind]
    found = by_process("seed", *arguments, cache=tmp_path)
    assert said in refused(found, code)
    assert "secret" not in found.all
    assert list(tmp_path.iterdir()) == []


def test_seeding_says_what_was_made(tmp_path: Path) -> None:
    """On stderr; the file is the only thing in the folder."""
    said = by_process("seed", "--recipe", "tiny", cache=tmp_path)
    assert (said.code, said.out) == (0, "")
    assert "6 artists" in said.err
    assert [each.name for each in tmp_path.iterdir()] == ["library.db"]


def test_a_library_is_replaced_only_when_told(tmp_path: Path) -> None:
    """Exit 2 and the word --replace, then 0."""
    by_process("seed", "--recipe", "tiny", cache=tmp_path)
    assert "--replace" in refused(by_process("seed", "--recipe", "tiny", cache=tmp_path), 2)
    assert by_process("seed", "--recipe", "tiny", "--replace", cache=tmp_path).code == 0


def test_another_file_is_never_replaced(tmp_path: Path) -> None:
    """Not even with --replace."""
    (tmp_path / "library.db").write_text("diary")
    refused(by_process("seed", "--recipe", "tiny", "--replace", cache=tmp_path), 2)
    assert (tmp_path / "library.db").read_text() == "diary"


def test_a_library_in_use_is_not_replaced(tmp_path: Path) -> None:
    """Somebody holds it: exit 3, and it stays."""
    by_process("seed", "--recipe", "tiny", cache=tmp_path)
    with closing(sqlite3.connect(tmp_path / "library.db", isolation_level=None)) as owner:
        owner.execute("BEGIN EXCLUSIVE")
        said = by_process("seed", "--recipe", "tiny", "--replace", cache=tmp_path)
    assert "close what is using it" in refused(said, 3)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _interrupted(folder: Path, sent: signal.Signals) -> Said:
    """Seed something large over the old library, and stop it once the new file grows."""
    arguments = command("seed", "--recipe", "chinook", "--scale", "200", "--replace")
    process = subprocess.Popen(
        arguments,
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if any(each.stat().st_size > 100_000 for each in folder.glob(".qprof-*")):
            break
        time.sleep(0.02)
    process.send_signal(sent)
    out, err = process.communicate(timeout=60)
    return Said(process.returncode, out, err)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_loses_nothing(sent: signal.Signals, tmp_path: Path) -> None:
    """One sentence, exit 130, no half-made file, and the old library byte for byte."""
    by_process("seed", "--recipe", "tiny", cache=tmp_path)
    before = _digest(tmp_path / "library.db")
    refused(_interrupted(tmp_path, sent), 130)
    assert [each.name for each in tmp_path.iterdir()] == ["library.db"]
    assert _digest(tmp_path / "library.db") == before


def _limited() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))


def _on_a_full_disk(folder: Path, *arguments: str) -> Said:
    done = subprocess.run(
        command(*arguments),
        cwd=folder,
        env={**environment(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=_limited,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    """No file may grow beyond 200 kB: one sentence, exit 3, and the old library is intact."""
    by_process("seed", "--recipe", "tiny", cache=tmp_path)
    before = _digest(tmp_path / "library.db")
    refused(_on_a_full_disk(tmp_path, "seed", "--recipe", "chinook", "--replace"), 3)
    assert [each.name for each in tmp_path.iterdir()] == ["library.db"]
    assert _digest(tmp_path / "library.db") == before


def test_a_full_disk_leaves_no_report(tmp_path: Path) -> None:
    """A report that does not fit is not written in part."""
    by_process("seed", "--recipe", "tiny", cache=tmp_path)
    (tmp_path / "old.json").write_text("old")
    done = subprocess.run(
        command("profile", "-d", "sqlite:///library.db", "-f", "json=old.json"),
        cwd=tmp_path,
        env={**environment(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=lambda: (
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
            resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000)),
        ),
    )
    refused(Said(done.returncode, done.stdout, done.stderr), 2)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["library.db", "old.json"]
    assert (tmp_path / "old.json").read_text() == "old"


def test_a_sample_that_does_not_fit_is_told(tmp_path: Path) -> None:
    """The cache is on the full disk: exit 3, and nothing stays in it."""
    said = _on_a_full_disk(tmp_path, "profile", "genres.shares", "--quiet")
    refused(said, 3)
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write all")
def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    """Exit 3 and the system's word."""
    tmp_path.chmod(0o500)
    refused(by_process("seed", "--recipe", "tiny", cache=tmp_path), 3)
