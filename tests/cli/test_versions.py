"""What is too old is said in one sentence, and nothing of it is imported."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy

from qprof.cli import versions
from tests.cli.door import ROOT, command, environment

PACKAGE = Path(versions.__file__).resolve().parents[1]
EARLY = ("__init__.py", "__main__.py", "cli/__init__.py", "cli/versions.py")
"""What an old Python reads before it is told that it is old."""


@pytest.mark.parametrize("version", ["1.4.54", "2.0.29", "2.0.0b4"])
@pytest.mark.parametrize("arguments", [["profile"], ["--help"], ["run", "--", "x.py"]])
def test_an_old_sqlalchemy_is_refused(version: str, arguments: list[str], tmp_path: Path) -> None:
    """Whatever the command is; the old package is not even imported."""
    package = tmp_path / "sqlalchemy"
    package.mkdir()
    (package / "__init__.py").write_text(
        f'from nowhere import nothing\n__version__ = "{version}"\n'
    )
    known = environment(tmp_path)
    done = subprocess.run(
        command(*arguments),
        cwd=tmp_path,
        env={**known, "PYTHONPATH": os.pathsep.join([str(tmp_path), known["PYTHONPATH"]])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(
        f"error: qprof needs SQLAlchemy 2.0.30 or later, and this environment has {version}. Type: "
    )
    assert line.endswith("-m pip install 'sqlalchemy>=2.0.30'.")


def test_an_old_python_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the version that it is."""
    monkeypatch.setattr(sys, "version_info", (3, 8, 18, "final", 0))
    assert versions.too_old().startswith(
        "qprof needs Python 3.10 or later, and this is Python 3.8.18 ("
    )


def test_what_is_installed_is_new_enough() -> None:
    """And its version is the one that an import would bring."""
    assert versions.too_old() == ""
    assert versions.sqlalchemy_version() == sqlalchemy.__version__


def test_a_missing_sqlalchemy_is_left_to_the_import(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which says best what is missing."""
    monkeypatch.setattr(sys, "path", [])
    assert versions.sqlalchemy_version() == ""


@pytest.mark.parametrize(
    ("version", "older"),
    [("1.4.54", True), ("2.0.29", True), ("2.0.30", False), ("2.1.0b1", False), ("2.1.9", False)],
)
def test_versions_are_compared_as_numbers(
    version: str, older: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a 9 meets a 30, and for a beta."""
    monkeypatch.setattr(versions, "sqlalchemy_version", lambda: version)
    assert bool(versions.too_old()) is older


def test_the_versions_are_those_of_the_package() -> None:
    """pyproject.toml asks for the same."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    python = re.search(r'requires-python = ">=([\d.]+)"', text)
    package = re.search(r'"sqlalchemy\[asyncio\]>=([\d.]+),', text)
    assert python is not None
    assert package is not None
    assert python[1] == ".".join(map(str, versions.PYTHON))
    assert package[1] == ".".join(map(str, versions.SQLALCHEMY))


@pytest.mark.parametrize("name", EARLY)
def test_an_old_python_can_read_what_tells_it(name: str) -> None:
    """The grammar of Python 3.7."""
    ast.parse((PACKAGE / name).read_text(encoding="utf-8"), feature_version=(3, 7))
