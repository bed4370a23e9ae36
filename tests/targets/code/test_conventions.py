"""Every convention, run by qprof and by its own user: SQLite gave both the same."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.door import Said
from tests.targets.code.cases import CASES
from tests.targets.code.conftest import Figures, Qprof

COMPARED = [name for name, case in CASES.items() if case.entities]


def _report(said: Said) -> Any:
    assert said.code == 0, said.err
    assert "Traceback" not in said.err
    return json.loads(said.out)


def test_every_case_is_run_by_hand(by_hand: Figures) -> None:
    """And nothing else is."""
    assert by_hand.keys() == CASES.keys()


def test_the_witness_counts_what_the_joins_multiply(by_hand: Figures) -> None:
    """7 artists have an "a"; each has 5 tracks of 2 genres and 3 albums, and 12 columns come."""
    rows = 7 * 5 * 2 * 3
    assert by_hand["session factory"] == (1, rows, rows * 12)


@pytest.mark.parametrize("name", CASES)
def test_a_profile_counts_what_its_user_gets(
    name: str, folder: Path, by_hand: Figures, qprof: Qprof
) -> None:
    """Queries, rows and cells, and what they need."""
    said = qprof("profile", *CASES[name].words, "--format", "json", cwd=folder)
    (call,) = _report(said)["calls"]
    assert call["name"] == CASES[name].call
    assert (call["queries"], call["rows"], call["cells"]) == by_hand[name]
    assert call["needed"] is not None


@pytest.mark.parametrize("name", COMPARED)
def test_a_comparison_proves_the_objects_equal(
    name: str, folder: Path, by_hand: Figures, qprof: Qprof
) -> None:
    """The call as written costs what its user gets, and plans give the same objects."""
    options = ("--format", "json", "--repeat", "1")
    said = qprof("compare", *CASES[name].words, *options, cwd=folder)
    (comparison,) = _report(said)["comparisons"]
    written = comparison["plans"][0]
    assert (written["queries"], written["rows"], written["cells"]) == by_hand[name]
    measured = [plan for plan in comparison["plans"] if plan["status"] == "measured"]
    assert {plan["plan"] for plan in measured} >= {"as-written", "selectin", "balanced"}
    assert [plan["plan"] for plan in measured if plan["identical"] is not True] == []


def test_a_profile_leaves_the_library_as_it_was(folder: Path, qprof: Qprof, tmp_path: Path) -> None:
    """Also where the application opens the file itself, for reading and writing."""
    file = tmp_path / "music.db"
    file.write_bytes((folder / "music.db").read_bytes())
    before = file.read_bytes()
    for name in ("own engine", "decorator that asks first", "ASGI request, async"):
        _report(qprof("profile", *CASES[name].words, "--format", "json", cwd=tmp_path))
    assert file.read_bytes() == before
    assert {each.name for each in tmp_path.iterdir()} <= {"music.db", "cache"}
