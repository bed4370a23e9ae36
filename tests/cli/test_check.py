"""qprof check and qprof baseline, as a team uses them: a search that gets worse, and better."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qprof.seeding.library.recipes import load_recipe
from qprof.seeding.library.seeding import seed
from tests.apps.gate import worse
from tests.cli.door import Said, in_process, refused

FILE = "qprof-baseline.json"
NOTHING_GATED = "[budgets.default]\nrows-amplification = inf\ncells-amplification = inf\n"
SEARCH = "ArtistRepository.search"


@pytest.fixture(scope="session")
def audit(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the URL of 6 artists with 5 tracks of 3 genres, and 3 albums, each."""
    url = f"sqlite:///{tmp_path_factory.mktemp('audit') / 'audit.db'}"
    changes = {"artists": "6", "albums_per_artist": "3", "tracks_per_artist": "5"}
    seed(url, load_recipe("audit", changes))
    return url


Run = Callable[..., Said]


@pytest.fixture
def run(here: Path, audit: str) -> Run:
    """Return what runs a command on one version of the application."""

    def ran(command: str, version: str = "as_it_is", *more: str, url: str = audit) -> Said:
        target = f"tests.apps.gate.{version}:ArtistRepository"
        return in_process(*command.split(), "-t", target, "-d", url, *more)

    return ran


@pytest.fixture
def kept(run: Run, here: Path) -> bytes:
    """Write a baseline and return its bytes."""
    assert run("baseline write").code == 0
    return (here / FILE).read_bytes()


def breaches(said: Said) -> list[dict[str, Any]]:
    """Return the breaches of a JSON report that nothing lets pass."""
    return [each for each in json.loads(said.out)["breaches"] if not each["acknowledged"]]


def test_a_baseline_that_was_just_written_passes(run: Run, kept: bytes, here: Path) -> None:
    """The debt that it has is shown, as one that is let pass."""
    said = run("check")
    assert said.code == 0, said.all
    assert said.out.startswith("passed: ")
    assert "accepted" in said.out
    assert (here / FILE).read_bytes() == kept


def test_worse_fails_at_its_line(run: Run, kept: bytes, here: Path) -> None:
    """Exit 1, with the line of the statement that fetches most."""
    said = run("check", "worse", "-f", "json")
    assert said.code == 1
    found = {each["metric"]: each for each in breaches(said)}
    assert set(found) == {"rows", "cells"}
    source = Path(worse.__file__).read_text(encoding="utf-8").splitlines()
    for each in found.values():
        assert Path(each["location"]["file"]).name == "worse.py"
        assert "scalars(statement).unique()" in source[each["location"]["line"] - 1]
    assert (here / FILE).read_bytes() == kept


def test_worse_is_a_sentence_in_the_table(run: Run, kept: bytes) -> None:
    """By how much, its cause with the file and the line; no line is wider than 80 columns."""
    out = run("check", "worse").out
    text = " ".join(out.split())
    assert re.match(r"FAILED: \d of \d calls? got worse than the baseline ", text)
    assert re.search(
        r" ArtistRepository\.search limit now limit of rows [\d,]+ [\d,]+ \+\d+ %", text
    )
    assert re.search(
        r" error\[QP101\]: .* --> \S*worse\.py:\d+ \(ArtistRepository\.search\) ", text
    )
    assert "Fix it, or accept the new cost: qprof baseline update ArtistRepository.search" in text
    assert max(map(len, out.splitlines())) <= 80


def test_what_passes_with_a_finding_is_named(run: Run, here: Path) -> None:
    """No limit forbids it, and a reader of "passed" would not think of it."""
    (here / "qprof.toml").write_text(NOTHING_GATED)
    said = run("check", "as_it_is", SEARCH)
    text = " ".join(said.out.split())
    assert text.startswith("passed: 1 call within its limits note: 1 call passes with a finding ")
    assert re.search(
        rf"no limit forbids: {re.escape(SEARCH)} \(explosion: [\d.]+× the cells\)", text
    )


def test_better_passes_and_can_be_pruned(run: Run, kept: bytes, here: Path) -> None:
    """4 queries for 1, and fewer rows: the fix is no step back. Pruned, the bug fails."""
    said = run("check", "better")
    assert said.code == 0, said.all
    assert "qprof baseline prune ArtistRepository.search" in " ".join(said.out.split())
    assert (here / FILE).read_bytes() == kept
    assert run("baseline prune", "better").code == 0
    assert run("check", "better").code == 0
    assert run("check").code == 1


def test_a_worse_call_is_taken_only_with_an_answer(run: Run, kept: bytes, here: Path) -> None:
    """Reason, by whom, until when; and an answer that has expired is none."""
    assert "--reason" in refused(run("baseline update", "worse"), 2)
    assert (here / FILE).read_bytes() == kept
    answer = ["--reason", "they are shown", "--by", "Ada"]
    assert "without expires" in refused(run("baseline update", "worse", *answer), 2)
    passed = run("baseline update", "worse", *answer, "--expires", "2020-01-01")
    assert "--expires 2020-01-01 has passed" in refused(passed, 2)
    assert run("baseline update", "worse", *answer, "--expires", "9999-12-31").code == 0
    assert run("check", "worse").code == 0
    raised = (here / FILE).read_text(encoding="utf-8")
    (here / FILE).write_text(raised.replace("9999-12-31", "2020-01-01"), encoding="utf-8")
    said = run("check", "worse", "-f", "json")
    assert said.code == 1
    assert all("expired on 2020-01-01" in each["message"] for each in breaches(said))


def test_calls_and_entries_belong_together(run: Run, kept: bytes, here: Path) -> None:
    """In a whole run; a part of it leaves alone what it did not exercise."""
    said = run("check", "renamed", "-f", "json")
    assert said.code == 1
    gone = [each for each in breaches(said) if each["metric"] == "entries without a call"]
    assert [each["call"] for each in gone] == [SEARCH]
    new = [each for each in breaches(said) if each["metric"] == "metrics without an entry"]
    assert [each["call"] for each in new] == ["ArtistRepository.find"]
    assert run("check", "renamed", "ArtistRepository.names").code == 0
    assert run("baseline prune", "renamed", "ArtistRepository.names").code == 0
    assert (here / FILE).read_bytes() == kept


def test_write_replaces_nothing(run: Run, kept: bytes, here: Path) -> None:
    """And update and prune change a file that is there."""
    assert "baseline update" in refused(run("baseline write", "worse"), 2)
    assert (here / FILE).read_bytes() == kept
    (here / FILE).unlink()
    for command in ("baseline update", "baseline prune"):
        assert "baseline write" in refused(run(command), 2)
    assert not (here / FILE).exists()


BROKEN: dict[str, Callable[[str], str]] = {
    "cut off": lambda text: text[: len(text) // 2],
    "merge conflict": lambda text: text.replace("\n  {", "\n<<<<<<< HEAD\n  {", 1),
    "seed 2": lambda text: text.replace('"seed": 1', '"seed": 2'),
    "SQLAlchemy 1.4": lambda text: re.sub(r'("sqlalchemy": )"[\d.]+"', r'\1"1.4"', text),
    "schema": lambda text: text.replace("qprof.baseline/1", "qprof.baseline/9"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_file_that_cannot_be_used_is_left_alone(
    kind: str, run: Run, kept: bytes, here: Path
) -> None:
    """One sentence and exit 2, by each command that reads it."""
    broken = BROKEN[kind](kept.decode())
    (here / FILE).write_text(broken, encoding="utf-8")
    for command in ("check", "baseline update", "baseline prune"):
        assert kind in refused(run(command, "as_it_is", "ArtistRepository.names"), 2)
        assert (here / FILE).read_text(encoding="utf-8") == broken


def test_a_baseline_that_was_named_has_to_be_there(run: Run) -> None:
    """One that was not need not be, and that is said."""
    assert "none.json" in refused(run("check", "better", "--baseline", "none.json"), 2)
    said = run("check", "better")
    assert said.code == 0
    assert f"No {FILE}: only budgets were checked." in " ".join(said.out.split())


def test_the_bug_fails_the_default_budget(run: Run, here: Path) -> None:
    """And passes "at most 5 queries", as everyone else counts them."""
    assert run("check", "as_it_is", SEARCH).code == 1
    (here / "qprof.toml").write_text(f"{NOTHING_GATED}queries = 5\n")
    assert run("check", "as_it_is", SEARCH).code == 0


def test_the_fix_passes_with_601_parents(here: Path, tmp_path: Path, run: Run) -> None:
    """7 queries, with two chunks for each path: by default, and with a budget of 5 queries."""
    url = f"sqlite:///{tmp_path / 'many.db'}"
    changes = {"artists": "601", "the_artists": "1.0", "albums_per_artist": "1"}
    seed(url, load_recipe("audit", {**changes, "tracks_per_artist": "1", "genres_per_track": "1"}))
    (here / "qprof.toml").write_text("[budgets.default]\nqueries = 5\n")
    said = run("check", "better", SEARCH, "-f", "json", url=url)
    assert said.code == 0, said.out
    assert json.loads(said.out)["calls"][0]["queries"] == 7
    (here / "qprof.toml").write_text("[budgets.default]\nqueries = 3\n")
    assert run("check", "better", SEARCH, url=url).code == 1


WRONG = {
    "metric": ("[budgets.default]\nquerys = 5", "Did you mean 'queries'?"),
    "call": ('[budgets."ArtistRepository.serch"]\nrows = 5', f"Did you mean '{SEARCH}'?"),
    "half an answer": ('[budgets.default]\nrows = {limit = 5, by = "Ada"}', "without reason and"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_slip_in_a_budget_is_refused(kind: str, run: Run, here: Path) -> None:
    """Exit 2, with the nearest name."""
    text, said = WRONG[kind]
    (here / "qprof.toml").write_text(text)
    assert said in refused(run("check", "better", "ArtistRepository.names"), 2)


def test_a_warning_does_not_fail(run: Run, here: Path) -> None:
    """It is shown."""
    (here / "qprof.toml").write_text('[budgets.default]\nqueries = {limit = 0, level = "warning"}')
    said = run("check", "better", "ArtistRepository.names")
    assert said.code == 0
    assert re.search(r"^ArtistRepository\.names  \S*better\.py:\d+$", said.out, re.MULTILINE)
    assert re.search(r"^  \S.* warning$", said.out, re.MULTILINE)


def test_findings_gate_by_their_own_level(run: Run, here: Path) -> None:
    """--fail-on is of findings, and budgets are of figures."""
    (here / "qprof.toml").write_text(NOTHING_GATED)
    assert run("check", "as_it_is", SEARCH, "--fail-on", "error").code == 1


def timeless(text: str) -> str:
    """Return a JSON report without its times."""
    value = json.loads(text)
    for call in value["calls"]:
        call["seconds"] = None
    return json.dumps(value)


def test_two_runs_say_the_same(run: Run, kept: bytes, here: Path) -> None:
    """Times apart; and a baseline is the same bytes."""
    one, two = (run("check", "worse", "-f", "json").out for _ in range(2))
    assert timeless(one) == timeless(two)
    assert run("baseline write", "as_it_is", "--baseline", "again.json").code == 0
    assert (here / "again.json").read_bytes() == kept
