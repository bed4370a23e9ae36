"""What makes the command line easy to type: short forms, patterns, words, completion, the tour."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qprof import __version__
from qprof.cli.app import app
from qprof.runs.rules import RULES
from qprof.targets.code import choose, load_target
from tests.cli.door import in_process, refused

NAMES = "albums.with_artist", "albums.newest"


def calls(text: str) -> list[str]:
    """Return the names of the calls of a JSON report."""
    return [each["name"] for each in json.loads(text)["calls"]]


def test_a_pattern_names_several_calls(here: Path, tiny: str) -> None:
    """In their order, each once; what lacks an argument is left out, and fails nothing."""
    said = in_process(
        "profile", "genres.*", "genres.shares", "artists.get_b*", "-d", tiny, "--json"
    )
    assert said.code == 0, said.all
    assert calls(said.out) == ["genres.shares", "artists.get_by_id"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("albums.*", 3),
        ("albums", 3),
        ("*.get_all", 3),
        ("artists.search", 1),
        ("search", 1),
        ("*", 15),
    ],
)
def test_what_a_pattern_stands_for(name: str, found: int) -> None:
    """A star, the part of a name before a dot, or the end of one name."""
    offered = load_target("qprof.seeding.library.repositories:Repositories")
    assert len(choose(offered, [name])) == found


def test_the_end_of_several_names_is_refused(here: Path, tiny: str) -> None:
    """All of them are meant by a pattern, which is named."""
    said = refused(in_process("profile", "get_all", "-d", tiny, "-q"), 2)
    assert (
        "3 calls end in get_all: artists.get_all, playlists.get_all and tracks.get_all"
        in " ".join(said.split())
    )
    assert "'*.get_all'" in said


@pytest.mark.parametrize("name", ["artist.*", "albums.newes", "album", "*.nothing"])
def test_a_pattern_that_fits_nothing_is_refused(name: str, here: Path, tiny: str) -> None:
    """With the nearest name, as any other."""
    assert "Unknown call" in refused(in_process("profile", name, "-d", tiny, "-q"), 2)


def test_an_argument_needs_one_call_of_a_pattern(here: Path, tiny: str) -> None:
    """Of several, nobody knows whose it is."""
    several = in_process("profile", "artists.*", "--arg", "query=A", "-d", tiny, "-q")
    assert "--arg belongs to one call" in refused(several, 2)
    one = in_process("profile", "artists.sea*", "--arg", "query=A", "-d", tiny, "-q")
    assert one.code == 0, one.all


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("report.json", "{"),
        ("report.html", "<!doctype html>"),
        ("report.md", "#"),
        ("report.xml", "<?xml"),
        ("report.csv", "call,plan"),
        ("report.sarif", "{"),
    ],
)
def test_the_ending_of_a_file_says_the_format(
    name: str, begins: str, here: Path, tiny: str
) -> None:
    """With -o; stdout has nothing then."""
    said = in_process("profile", NAMES[0], "-d", tiny, "-q", "-o", name)
    assert (said.code, said.out) == (0, ""), said.all
    assert (here / name).read_text(encoding="utf-8").startswith(begins)


def test_a_file_that_was_written_is_named(here: Path, tiny: str) -> None:
    """On stderr, and not with --quiet."""
    named = ("profile", "artists.names", "-d", tiny, "-f", "html=report.html")
    assert "Wrote report.html.\n" in in_process(*named).err
    said = in_process(*named, "-q")
    assert (said.code, said.out, said.err) == (0, "", "")


def test_formats_agree_on_the_line_of_a_finding(here: Path, tiny: str) -> None:
    """It is the one to edit, whoever reads it."""
    shown = in_process("profile", "-d", tiny, "--full").out
    table = re.findall(r"^  --> (\S+:\d+)", shown, re.MULTILINE)
    concise = in_process("profile", "-d", tiny, "-f", "concise").out
    assert len(table) > 2
    assert set(table) <= set(re.findall(r"^(\S+:\d+): QP", concise, re.MULTILINE))


def test_json_goes_where_o_says(here: Path, tiny: str) -> None:
    """--json is -f json."""
    named = ["profile", NAMES[0], "-d", tiny, "-q"]
    assert in_process(*named, "--json", "-o", "any.thing").out == ""
    assert calls((here / "any.thing").read_text(encoding="utf-8")) == [NAMES[0]]
    assert in_process("report", "any.thing", "--json").out == (here / "any.thing").read_text()


@pytest.mark.parametrize("more", [["-f", "json", "-f", "csv"], ["-f", "json=a.json"]])
def test_o_is_for_one_format(more: list[str], here: Path, tiny: str) -> None:
    """Two would overwrite each other; one that names a file has one."""
    said = in_process("profile", NAMES[0], "-d", tiny, "-q", *more, "-o", "b.json")
    assert "-o b.json is for one format that names no file" in refused(said, 2)


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (["n+1"], "QP201"),
        (["N+1"], "QP201"),
        (["n", "plus", "one"], "QP201"),
        (["cartesian"], "QP101"),
        (["Cartesian", "explosion"], "QP101"),
        (["qp103"], "QP103"),
        (["lazy", "swallowed"], "QP203"),
    ],
)
def test_a_rule_is_found_by_words(words: list[str], rule: str) -> None:
    """As people call it."""
    assert in_process("rule", *words).out.startswith(f"{rule} ")


def test_several_rules_are_listed() -> None:
    """By the beginning of an id, or words that several have; nothing names all."""
    listed = in_process("rule", "QP4").out.splitlines()
    assert [each[:5] for each in listed] == [r.id for r in RULES if r.id.startswith("QP4")]
    assert len(in_process("rule", "limit").out.splitlines()) > 1
    assert len(in_process("rule").out.splitlines()) == len(RULES)
    assert "Did you mean 'QP101'" in refused(in_process("rule", "QP1O1"), 2)


def test_v_is_the_version() -> None:
    """In capitals."""
    assert in_process("-V").out == f"qprof {__version__}\n"


def completed(words: str, do: str = "complete_bash") -> str:
    """Return what a shell is told."""
    count = str(len(words.split()) - (not words.endswith(" ")))
    told = {"_QPROF_COMPLETE": do, "COMP_WORDS": words, "COMP_CWORD": count}
    return CliRunner(env=told).invoke(app, [], prog_name="qprof").output


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_there_for_each_shell(shell: str) -> None:
    """What --install-completion puts into its start file."""
    assert f"_QPROF_COMPLETE=complete_{shell}" in completed("qprof", f"source_{shell}")


def test_completion_offers_commands_and_options() -> None:
    """None of which is imported for their names."""
    assert completed("qprof pro").split() == ["profile"]
    assert "--target" in completed("qprof profile --ta").split()


def test_completion_offers_the_calls_of_the_target(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what was typed, a variable, or the settings; a target that is wrong offers none."""
    assert completed("qprof profile artists.g").split() == ["artists.get_all", "artists.get_by_id"]
    typed = "qprof compare -t tests.apps.oddities:Careful C"
    assert "Careful.count" in completed(typed).split()
    monkeypatch.setenv("QPROF_TARGET", "tests.apps.oddities:Careful")
    assert "Careful.count" in completed("qprof profile C").split()
    monkeypatch.delenv("QPROF_TARGET")
    (here / "qprof.toml").write_text('target = "no.such:Thing"\n')
    assert completed("qprof profile C").strip() == ""


def test_the_tour_shows_one_finding_of_each_kind(
    here: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The errors first, each with a fix, in 80 columns; then what to type."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    said = in_process("demo", "-q")
    assert (said.code, said.err) == (0, "")
    heads = [line for line in said.out.splitlines() if line.startswith(("error", "warn", "note"))]
    ids = [line.split("[")[1].split("]")[0] for line in heads]
    assert {"QP101", "QP103", "QP201", "QP202", "QP301", "QP302"} <= {*ids}
    assert len(ids) == len({*ids})
    levels = [line.split("[")[0] for line in heads]
    assert levels == sorted(levels, key=["error", "warning", "note"].index)
    code = ("- ", "+ ")
    text = [line for line in said.out.splitlines() if line.lstrip(" 0123456789")[:2] not in code]
    assert max(map(len, text)) <= 80
    assert "qprof profile --target" in said.out.splitlines()[-1]
