"""Wrong input: one sentence that says what to type next, and an exit code."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.door import in_process, refused

ODD = "tests.apps.oddities"

USAGE: dict[str, tuple[list[str], str]] = {
    "call": (["profile", "artists.serch"], "Did you mean 'artists.search'?"),
    "plan": (["compare", "artists.search", "--plan", "selectn"], "Did you mean 'selectin'?"),
    "strategy": (
        ["compare", "artists.search", "--plan", "Artist.tracks=selctin"],
        "Did you mean 'selectin'?",
    ),
    "path": (
        ["compare", "artists.search", "--plan", "Artist.track=lazy"],
        "Did you mean 'Artist.tracks'?",
    ),
    "path twice": (
        ["compare", "artists.search", "--plan", "Artist.tracks=joined,Artist.tracks=lazy"],
        "gives Artist.tracks twice: joined and lazy.",
    ),
    "empty plan": (["compare", "artists.search", "--plan", "Artist.tracks="], "PATH=STRATEGY"),
    "format": (["profile", "--format", "tabel"], "Did you mean 'table'?"),
    "format without a file": (["profile", "--format", "json="], "names no file"),
    "rule to select": (["profile", "--select", "QP1O1"], "Did you mean 'QP101'?"),
    "rule to ignore": (["profile", "--ignore", "n-plus-on"], "Did you mean 'n-plus-one'?"),
    "rule page": (["rule", "QP999"], "List all by: qprof rule."),
    "rule by a misspelled name": (
        ["rule", "cartesan-explosion"],
        "Unknown rule 'cartesan-explosion'. Did you mean 'cartesian-explosion'?",
    ),
    "call that is like none": (["profile", "Nope"], "Unknown call 'Nope'. Known: albums."),
    "argument's name": (
        ["profile", "artists.search", "--arg", "qery=A"],
        "Did you mean 'query'?",
    ),
    "argument's form": (["profile", "artists.search", "--arg", "query"], "NAME=VALUE"),
    "argument twice": (
        ["profile", "artists.search", "--arg", "query=A", "--arg", "query=B"],
        "twice",
    ),
    "argument of another kind": (
        ["profile", "artists.get_by_id", "--arg", "artist_id=abc"],
        "--arg artist_id=abc does not fit: artist_id of artists.get_by_id is int. "
        "Type --arg artist_id=1, for example.",
    ),
    "argument without a call": (["profile", "--arg", "query=A"], "name that call"),
    "level": (["profile", "artists.search", "--fail-on", "eror"], "Did you mean 'error'?"),
    "repeat": (["compare", "artists.search", "--repeat", "0"], "at least 1"),
    "target's form": (["profile", "--target", "shop"], "package.module:attribute"),
    "target's module": (["profile", "--target", "no_such_shop:Shop"], "no module 'no_such_shop'"),
    "target's attribute": (["profile", "--target", f"{ODD}:comits"], "Did you mean 'commits'?"),
    "target without a session": (
        ["profile", "--target", f"{ODD}:no_session"],
        "no_session needs query. Say it with --arg query=VALUE",
    ),
    "target that nobody named": (
        ["profile", "--target", f"{ODD}:ALONE"],
        "takes no session, so it is run only if it is named",
    ),
    "module that raises": (
        ["profile", "--target", "tests.apps.broken.raising:x"],
        "cannot be imported: RuntimeError: boom (",
    ),
    "module that ends the process": (
        ["profile", "--target", "tests.apps.broken.ending:x"],
        "Put what it runs below if __name__",
    ),
    "target that is no code": (["profile", "--target", f"{ODD}:NOTHING"], "has no call"),
    "missing argument": (
        ["profile", "needs_more", "--target", ODD + ":needs_more"],
        "--arg wanted=VALUE",
    ),
}


@pytest.mark.parametrize("wrong", USAGE)
def test_wrong_usage_is_refused(wrong: str, here: Path, tiny: str) -> None:
    """Exit 2, and the sentence names the nearest valid word or the form."""
    arguments, said = USAGE[wrong]
    if arguments[0] != "rule":
        arguments = [*arguments, "--database", tiny, "--quiet"]
    assert said in refused(in_process(*arguments), 2)


def test_a_call_that_is_left_out_alone_is_told_once(here: Path) -> None:
    """The error says it: one line."""
    target = ["--target", f"{ODD}:Sessionless"]
    assert "run only if it is named" in refused(in_process("profile", *target), 2)


def test_a_session_has_to_come_from_somewhere(here: Path) -> None:
    """A user's code is not run on the sample library."""
    said = in_process("profile", "--target", f"{ODD}:commits", "--quiet")
    assert "Add --database URL" in refused(said, 2)


def test_a_call_that_leaves_the_named_database_is_refused(here: Path, tiny: str) -> None:
    """Its figures would be said to speak for another."""
    said = in_process("profile", "-t", f"{ODD}:own_engine", "-d", tiny, "-q")
    assert "it opens its own (sqlite)" in refused(said, 3)


CALLS = {
    "raises": ("raises", "raises raised RuntimeError: the shop is closed"),
    "ends the process": ("ends", "ends raised SystemExit: 0"),
    "cannot be made": ("Needy", "Needy.all raised LookupError: no tenant"),
    "writes": ("writes", "writes to the database, and qprof only reads"),
    "sends nothing": ("is_silent", "No statement was seen in is_silent"),
}


@pytest.mark.parametrize("command", ["profile", "compare"])
@pytest.mark.parametrize("kind", CALLS)
def test_a_call_that_cannot_be_measured_is_refused(
    kind: str, command: str, here: Path, tiny: str
) -> None:
    """Exit 3, with the call's name and what it did."""
    name, said = CALLS[kind]
    target = ["--target", f"{ODD}:{name}", "--database", tiny, "--quiet"]
    assert said in refused(in_process(command, *target), 3)


def test_of_several_calls_that_fail_the_first_is_told(
    here: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are counted."""
    code = "class Shut:\n    def __init__(self, session): ...\n"
    code += "".join(f"    def {name}(self): raise KeyError({name!r})\n" for name in "abc")
    (here / "shut.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(here)
    said = refused(in_process("profile", "--target", "shut:Shut", "-d", tiny, "-q"), 3)
    assert "Shut.a raised KeyError: 'a'" in said
    assert said.endswith(" 2 more calls failed, too.")


@pytest.mark.parametrize("command", ["profile", "compare", "predict", "check"])
def test_a_write_beside_what_reads_is_left_out(command: str, here: Path, tiny: str) -> None:
    """It is said to be so, and fails only where it was asked for."""
    options = ["--target", f"{ODD}:Shelves", "--database", tiny]
    said = in_process(command, *options)
    assert (said.code, "Left out: Shelves.add writes to the database" in said.err) == (0, True)
    named = in_process(command, "Shelves.add", "Shelves.all", *options)
    told = " ".join(named.out.split())
    assert (named.code, "not measured: Shelves.add writes to the database" in told) == (3, True)


def test_a_prediction_that_knows_nothing_is_no_success(here: Path, tiny: str) -> None:
    """Exit 3, and the database's reason once; also beside a call that can be predicted."""
    with closing(sqlite3.connect("less.db")) as less:
        with closing(sqlite3.connect(tiny.removeprefix("sqlite:///"))) as whole:
            whole.backup(less)
        less.execute("DROP TABLE genres")
        less.commit()
    said = refused(in_process("predict", "artists.search", "-d", "sqlite:///less.db", "-q"), 3)
    assert said.startswith("artists.search: nothing could be predicted: ")
    assert said.endswith("no such table: genres.")
    both = in_process("predict", "artists.search", "albums.with_artist", "-d", "sqlite:///less.db")
    assert (both.code, both.out.count("no such table")) == (0, 1), both.all


def test_a_call_that_raises_says_where(here: Path, tiny: str) -> None:
    """File, line and function of the user's own code."""
    said = in_process("profile", "-t", f"{ODD}:raises", "-d", tiny, "-q")
    assert "oddities.py:" in refused(said, 3)
    assert "in raises" in said.err


@pytest.mark.parametrize("call", ["generated", "mapped", "optional", "later"])
def test_odd_calls_can_be_measured(call: str, here: Path, tiny: str) -> None:
    """Iterators are exhausted, an optional session is given, a coroutine is awaited."""
    said = in_process("profile", "-t", f"{ODD}:{call}", "-d", tiny, "-q")
    assert said.code == 0, said.err


def test_a_property_that_asks_the_database_is_a_call(here: Path, tiny: str) -> None:
    """Looking for repositories sends nothing and survives what a property raises."""
    said = in_process("profile", "-t", f"{ODD}:Careful", "-d", tiny, "-q")
    assert "Careful.count" in said.out
    assert "Careful.size" in said.out


def test_a_static_method_without_a_session_is_no_call(here: Path, tiny: str) -> None:
    """A class method with one is."""
    said = in_process("profile", "-t", f"{ODD}:Careful", "-d", tiny, "-q")
    assert "shout" not in said.all
    assert "Careful.make" in said.out


def test_what_a_call_prints_is_no_part_of_the_report(here: Path, tiny: str) -> None:
    """It goes to stderr, so that JSON stays JSON."""
    said = in_process("profile", "-t", f"{ODD}:prints", "-d", tiny, "-f", "json")
    assert json.loads(said.out)["calls"][0]["name"] == "prints"
    assert "hello" in said.err


def test_objects_that_a_commit_expired_are_unknown(here: Path, tiny: str) -> None:
    """Neither the same nor different, with the reason."""
    said = in_process("compare", "-t", f"{ODD}:commits", "-d", tiny, "-q", "--repeat", "1")
    assert said.code == 0
    assert "a commit expired them" in " ".join(said.out.split())
