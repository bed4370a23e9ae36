"""qprof scan at the command line."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.door import in_process, refused
from tests.scan.trees import IMPORTS, MODELS

SEARCH = (
    IMPORTS
    + "def search():\n    return select(Artist).options("
    + "joinedload(Artist.tracks), joinedload(Artist.albums)).limit(5)\n"
)


@pytest.fixture
def tree(here: Path) -> Path:
    """Return a folder with models and one bad function."""
    (here / "models.py").write_text(MODELS, encoding="utf-8")
    (here / "repo.py").write_text(SEARCH, encoding="utf-8")
    return here


def test_the_table_fits_80_columns_and_says_what_it_speaks_of(tree: Path) -> None:
    said = in_process("scan")
    hint = "`qprof scan --fix` shows the fixes as a diff; `--fix --write` applies them.\n"
    assert (said.code, said.err) == (0, hint)
    assert in_process("scan", "--quiet").err == ""
    assert in_process("scan", "models.py").err == ""
    assert "SQLAlchemy," not in said.out
    assert said.out.startswith("Found 2 problems: 1 warning, 1 note\n")
    assert max(map(len, said.out.splitlines())) <= 80
    assert "  --> repo.py:7 (search)" in said.out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--fail-on", "note"], 1),
        (["--fail-on", "warning", "--ignore", "QP401"], 0),
        (["--fail-on", "note", "--select", "QP501", "--select", "n-plus-one"], 0),
        (["models.py", "--fail-on", "note"], 0),
        (["--exclude", "repo.py", "--fail-on", "note"], 0),
    ],
)
def test_exit_codes(arguments: list[str], code: int, tree: Path) -> None:
    assert in_process("scan", *arguments).code == code


def test_a_saved_scan_can_be_rendered_again(tree: Path) -> None:
    """Its rules are not all of those that measure."""
    (tree / "extra.py").write_text("x = 1  # qprof: ignore[QP501]\n", encoding="utf-8")
    in_process("scan", "-f", "json=scan.json")
    report = json.loads((tree / "scan.json").read_text(encoding="utf-8"))
    assert [each["rule"] for each in report["findings"]] == ["QP401", "QP002", "QP101"]
    again = in_process("report", "scan.json")
    assert again.out == in_process("scan").out


def test_fix_prints_a_patch_and_writes_only_when_asked(tree: Path) -> None:
    """What it prints is taken by git apply, and comes to what --write does."""
    shown = in_process("scan", "--fix")
    assert (tree / "repo.py").read_text(encoding="utf-8") == SEARCH
    assert "Would change 2 loader calls in 1 file; add --write to do it." in shown.err
    subprocess.run(["git", "apply", "-"], input=shown.out, text=True, cwd=tree, check=True)
    applied = (tree / "repo.py").read_text(encoding="utf-8")
    (tree / "repo.py").write_text(SEARCH, encoding="utf-8")
    written = in_process("scan", "--fix", "--write")
    assert (tree / "repo.py").read_text(encoding="utf-8") == applied != SEARCH
    assert "No risky loader options" in written.out
    assert "nothing to fix" in in_process("scan", "--fix", "--write").err
    assert sorted(each.name for each in tree.iterdir()) == ["models.py", "repo.py"]


def test_a_link_stays_a_link(tree: Path) -> None:
    """What it leads to is changed."""
    (tree / "real").mkdir()
    (tree / "repo.py").rename(tree / "real" / "repo.py")
    (tree / "repo.py").symlink_to(tree / "real" / "repo.py")
    in_process("scan", "repo.py", "models.py", "--fix", "--write")
    assert (tree / "repo.py").is_symlink()
    assert "joinedload(" not in (tree / "real" / "repo.py").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_parsed_ends_with_3(tree: Path) -> None:
    """The rest is scanned."""
    (tree / "old.py").write_text("print 'hello'\n", encoding="utf-8")
    said = in_process("scan")
    assert said.code == 3
    assert "not scanned: old.py:1 is not Python that can be parsed" in said.out
    assert "Found 2 problems: 1 warning, 1 note; 1 file could not be scanned" in said.out


REFUSED = {
    "path": (["missing"], 2, "There is no file or folder 'missing' to scan."),
    "rule": (["--select", "QP1011"], 2, "Did you mean 'QP101'?"),
    "write": (["--write"], 2, "--write needs --fix"),
    "two outputs": (["--fix", "-f", "json"], 2, "name a file"),
    "report": (["--with", "models.py"], 2, "models.py is not JSON"),
    "nothing": (["empty"], 3, "There is no Python file to scan in `empty`."),
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_wrong_usage_is_refused(wrong: str, tree: Path) -> None:
    (tree / "empty").mkdir()
    arguments, code, words = REFUSED[wrong]
    assert words in refused(in_process("scan", *arguments), code)
