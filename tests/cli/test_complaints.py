"""The two lines of an error: what is wrong, and what to type next with the user's own words."""

import shutil
from pathlib import Path

import pytest

from qprof.cli.complaint import TYPED, complaint
from qprof.domain.errors import MeasureError, QprofError
from qprof.domain.registry import unknown
from tests.cli.door import in_process


def told(error: QprofError, *typed: str) -> list[str]:
    """Return the lines for an error after these words."""
    token = TYPED.set(typed)
    try:
        return list(complaint(error))
    finally:
        TYPED.reset(token)


def test_a_misspelled_call_gives_the_command_to_type(here: Path, tiny: str) -> None:
    """The other words stay; a database's address, which may hold a password, is not repeated."""
    said = in_process("profile", "artists.serch", "--database", tiny, "--quiet")
    assert said.err == (
        "error: Unknown call 'artists.serch'.\n"
        "hint: Did you mean 'artists.search'? "
        "`qprof profile artists.search --database … --quiet`\n"
    )


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (("--plan", "Artist.track=lazy"), "--plan Artist.tracks=lazy"),
        (("--plan", "Artist.track.genres=lazy"), "--plan Artist.tracks.genres=lazy"),
        (
            ("--plan", "Artist.tracks=joined,Artist.track=lazy"),
            "Artist.tracks=joined,Artist.tracks",
        ),
    ],
)
def test_a_name_is_exchanged_inside_of_a_word(typed: tuple[str, ...], shown: str) -> None:
    """Only where it is whole."""
    error = unknown("path", "Artist.track", ["Artist.tracks", "Artist.albums"])
    assert shown in told(error, "compare", *typed)[1]


@pytest.mark.parametrize(
    "typed",
    [
        ("--header", "Authorization: hunter2"),
        ("--header=Authorization: hunter2",),
        ("-d", "postgresql://u:hunter2@h/db"),
        ("--database=postgresql://u:hunter2@h/db",),
        ("--arg", "token=hunter2"),
        ("--login", "POST /login?password=hunter2"),
    ],
)
def test_a_secret_is_not_printed_again(typed: tuple[str, ...]) -> None:
    """The hint leaves a gap in its place."""
    error = unknown("call", "artists.serch", ["artists.search"])
    lines = told(error, "profile", "artists.serch", *typed)
    assert "hunter2" not in "".join(lines)
    assert "qprof profile artists.search" in lines[1]


def test_what_is_missing_is_added_to_what_was_typed(here: Path) -> None:
    """The command is whole, with the option at its end."""
    said = in_process("profile", "-t", "tests.apps.oddities:commits", "-q")
    assert said.err.endswith("`qprof profile -t tests.apps.oddities:commits -q --database URL`\n")


def test_wrong_usage_without_advice_points_to_the_help() -> None:
    """A failed measurement has no usage to correct."""
    assert told(QprofError("It is broken."), "compare") == [
        "error: It is broken.",
        "hint: `qprof compare --help` says what it takes",
    ]
    assert told(MeasureError("It is gone."), "compare") == ["error: It is gone."]


def test_advice_behind_a_semicolon_is_a_hint() -> None:
    """It begins as it was written."""
    assert told(QprofError("--repeat is 0; type 1 or more.")) == [
        "error: --repeat is 0",
        "hint: type 1 or more.",
    ]


def test_an_option_that_is_none_has_the_same_two_lines(here: Path) -> None:
    """Typer's own errors are told as ours."""
    wrong, hint = in_process("profile", "--jsn").err.splitlines()
    assert wrong.startswith("error: No such option: --jsn")
    assert hint.startswith("hint: `")
    assert hint.endswith("profile --help` says what it takes")
    assert in_process("profile", "--jsn").code == 2
    assert in_process("--nope").code == 2
    assert in_process("prfile").err.splitlines()[0].startswith("error: No such command 'prfile'.")


def test_qprof_alone_shows_its_help() -> None:
    """It is no error of words: nothing stands before the help, and no hint after it."""
    said = in_process()
    assert said.code == 2
    assert said.err.startswith("Usage: qprof")
    assert "hint:" not in said.err


def test_a_command_of_a_group_is_named_whole() -> None:
    """The help of the group alone does not say what `update` takes."""
    hint = told(QprofError("It is broken."), "baseline", "update", "X")[1]
    assert hint == "hint: `qprof baseline update --help` says what it takes"


def test_a_database_of_this_folder_is_named_where_one_is_missing(here: Path, tiny: str) -> None:
    """The first by name that is one; else none is made up for a file that is not there."""
    asked = ("profile", "-t", "tests.apps.oddities:commits", "-q")
    wrong = (*asked, "-d", "sqlite:///nope.db")
    assert in_process(*wrong).err.endswith("hint: Name one that is there.\n")
    (here / "a.db").write_text("no database")
    shutil.copy(tiny.removeprefix("sqlite:///"), here / "b $(id).db")
    shutil.copy(tiny.removeprefix("sqlite:///"), here / "shop.db")
    assert in_process(*wrong).err.endswith("such as sqlite:///shop.db.\n")
    assert in_process(*asked).err.endswith(" -q --database sqlite:///shop.db`\n")
