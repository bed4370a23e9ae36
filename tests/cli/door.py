"""The command line as its users meet it: a process of its own, or the same in this one."""

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

import qprof
from qprof.cli.app import app
from tests.cli.forking import run_forked

ROOT = Path(__file__).resolve().parents[2]
"""The checkout; `tests.apps` can be imported from here."""
PACKAGE = Path(qprof.__file__).resolve().parents[1]


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        """Everything that a reader could see."""
        return self.out + self.err


def environment(cache: Path) -> dict[str, str]:
    """Return this process's environment with a cache and a terminal of known kind."""
    path = os.pathsep.join([str(PACKAGE), os.environ.get("PYTHONPATH", "")]).strip(os.pathsep)
    return {
        **os.environ,
        "XDG_CACHE_HOME": str(cache),
        "PYTHONPATH": path,
        "PYTHONWARNINGS": "default",
        "COLUMNS": "80",
    }


def command(*arguments: str) -> list[str]:
    """Return the command line of `python -m qprof`."""
    return [sys.executable, "-m", "qprof", *arguments]


def by_process(*arguments: str, cache: Path, cwd: Path | None = None) -> Said:
    """Run a command in a process whose output goes to no terminal."""
    return Said(*run_forked(arguments, cwd or cache, environment(cache)))


def in_process(*arguments: str) -> Said:
    """Run a command here; what it does not catch is raised, as a traceback would show it."""
    result = CliRunner().invoke(app, list(arguments))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)


def refused(said: Said, code: int) -> str:
    """Return the sentence on stderr of a command that ended with `code` and printed nothing.

    It has a line that says what is wrong, and with code 2 always one that says what to type next.
    """
    assert said.code == code, said.all
    assert said.out == ""
    assert "Traceback" not in said.err
    wrong, *hints = said.err.splitlines()
    assert wrong.startswith("error: ")
    assert len(hints) == 1 or (code != 2 and not hints), said.err
    assert all(each.startswith("hint: ") for each in hints)
    sentence = wrong.removeprefix("error: ")
    for advice in (each.removeprefix("hint: ") for each in hints):
        if not _COMMAND.fullmatch(advice):
            sentence += (" " if advice[0].isupper() else "; ") + _COMMAND.sub("", advice)
    assert sentence.endswith((".", ")", '"', "?")), sentence
    return sentence


_COMMAND = re.compile(r" ?`(?:python -m )?qprof[^`]*`(?: says what it takes)?$")
"""The command at the end of a hint."""
