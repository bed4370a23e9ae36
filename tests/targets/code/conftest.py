import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.door import ROOT, Said, environment
from tests.cli.forking import run_forked
from tests.targets.code.cases import CONVENTIONS

Figures = dict[str, tuple[int, int, int]]
Qprof = Callable[..., Said]


@pytest.fixture(scope="session")
def python() -> Callable[..., str]:
    """Return what runs a Python command beside the application `music`, and gives its output."""

    def run(*arguments: str, cwd: Path) -> str:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=cwd,
            env=_environment(cwd),
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    return run


def _environment(folder: Path) -> dict[str, str]:
    known = environment(folder / "cache")
    path = [str(CONVENTIONS), known["PYTHONPATH"], str(ROOT)]
    return {**known, "PYTHONPATH": os.pathsep.join(path)}


@pytest.fixture(scope="session")
def filled(
    tmp_path_factory: pytest.TempPathFactory, python: Callable[..., str]
) -> Callable[..., Path]:
    """Return what makes a folder with a library `music.db` of so many of each."""
    made: dict[Any, Path] = {}

    def fill(**counts: int) -> Path:
        key = tuple(sorted(counts.items()))
        if key not in made:
            made[key] = tmp_path_factory.mktemp("music")
            program = "import pathlib, music.filling as f; f.fill(pathlib.Path('music.db'), **{!r})"
            python("-c", program.format(counts), cwd=made[key])
        return made[key]

    return fill


@pytest.fixture(scope="session")
def folder(filled: Callable[..., Path]) -> Path:
    """Return a folder with the usual `music.db`, which no test changes."""
    return filled()


@pytest.fixture(scope="session")
def by_hand(folder: Path, python: Callable[..., str]) -> Figures:
    """Return queries, rows and cells of every case, as SQLite gave them to its own user."""
    found = json.loads(python("-m", "tests.targets.code.by_hand", cwd=folder))
    return {name: tuple(figures) for name, figures in found.items()}


@pytest.fixture(scope="session")
def qprof() -> Qprof:
    """Return what runs a command of qprof in a folder, as its user does."""

    def run(*arguments: str, cwd: Path) -> Said:
        return Said(*run_forked(arguments, cwd, _environment(cwd)))

    return run
