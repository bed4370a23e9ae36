"""What is not needed is not imported: a command line is as quick as its imports."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from qprof import __version__
from qprof.cli.app import app
from qprof.cli.commands import COMMANDS, loaded

SEEN = "import sys; sys.argv = ['qprof', {!r}]; import qprof.cli as cli\n{}print(*sys.modules)"
RUN = "try: cli.main()\nexcept SystemExit: pass\n"


@pytest.mark.parametrize(
    ("option", "unwanted"),
    [
        ("--version", {"typer", "sqlalchemy", "tabulate", "qprof.report"}),
        ("--help", {"sqlalchemy", "tabulate", "rich", "qprof.report", "qprof.cli.seed"}),
    ],
)
def test_a_glance_imports_little(option: str, unwanted: set[str]) -> None:
    """Neither asks for what a measurement needs."""
    code = SEEN.format(option, RUN)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert unwanted & set(done.stdout.split()) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_each_command_says_of_itself(name: str) -> None:
    """The first line of a command's help is its line in the list."""
    assert loaded(name).help.splitlines()[0] == COMMANDS[name]


def test_the_version_is_the_same_with_anything_after_it() -> None:
    """Asked alone, Typer is not imported; it says the same."""
    assert CliRunner().invoke(app, ["--version"]).output == f"qprof {__version__}\n"


def test_a_slip_is_answered_by_what_is_nearest() -> None:
    """Commands that are not imported are suggested, too."""
    assert "Did you mean 'profile'" in CliRunner().invoke(app, ["prfile"]).output
