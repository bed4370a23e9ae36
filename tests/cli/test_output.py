"""What a command prints, where to, and what it exits with."""

import json
import re
import stat
from pathlib import Path

import pytest

import qprof
from qprof.judge.detectors import DETECTORS
from qprof.runs.rules import RULES
from tests.cli.door import by_process, in_process, refused

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def wide(text: str) -> list[str]:
    """Return the lines over 80 columns; those of a diff are whole, to be pasted."""
    lines = [line for line in text.splitlines() if len(line) > 80]
    return [line for line in lines if line.lstrip(" 0123456789")[:2] not in ("- ", "+ ")]


@pytest.mark.parametrize("command", [["profile"], ["compare", "--repeat", "1"]])
def test_piped_output_is_plain_and_narrow(command: list[str], cache: Path, tiny: str) -> None:
    """No control codes and no line over 80 columns, for every built-in call."""
    said = by_process(*command, "--database", tiny, cache=cache)
    assert said.code == 0
    assert not CONTROL.search(said.all)
    assert wide(said.out) == []


@pytest.mark.parametrize("command", ["", "seed", "profile", "compare", "bench", "rule"])
def test_help_fits_80_columns(command: str, cache: Path) -> None:
    """The pages of all commands, as a process prints them."""
    said = by_process(*[each for each in (command, "--help") if each], cache=cache)
    assert (said.code, said.err) == (0, "")
    assert wide(said.out) == []


def test_the_version_is_printed(cache: Path) -> None:
    """Name and number, and nothing else."""
    said = by_process("--version", cache=cache)
    assert (said.code, said.out, said.err) == (0, f"qprof {qprof.__version__}\n", "")


def test_no_command_shows_the_help() -> None:
    """What to type is said at once."""
    assert "profile" in in_process().all


@pytest.mark.parametrize("rule", ["QP101", "qp101", "cartesian-explosion"])
def test_a_rule_has_a_page(rule: str) -> None:
    """By id in any case, or by name."""
    assert "Sibling collections in one SELECT" in in_process("rule", rule).out


def test_all_rules_are_listed() -> None:
    """Each by its id."""
    found = set(re.findall(r"QP\d+", in_process("rule").out))
    assert found == {each.id for each in RULES} >= {each.id for each in DETECTORS}


def test_a_report_goes_to_its_file(here: Path, tiny: str) -> None:
    """Nothing on stdout, and JSON of the schema in the file."""
    said = in_process("profile", "artists.search", "-d", tiny, "--format", "json=report.json")
    assert (said.code, said.out) == (0, "")
    assert json.loads((here / "report.json").read_text())["schema"] == "qprof.report/1"


def test_several_formats_can_be_asked_for(here: Path, tiny: str) -> None:
    """One to the terminal and one to a file."""
    said = in_process("profile", "artists.search", "-d", tiny, "-f", "table", "-f", "json=r.json")
    assert "artists.search" in said.out
    assert (here / "r.json").is_file()


def test_a_report_keeps_the_permissions_of_its_file(here: Path, tiny: str) -> None:
    """The new file takes the old one's mode."""
    file = here / "report.json"
    file.touch()
    file.chmod(0o640)
    in_process("profile", "artists.search", "-d", tiny, "-f", f"json={file}")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_new_report_follows_the_umask(here: Path, tiny: str) -> None:
    """As any new file of the user's would."""
    (here / "plain").touch()
    in_process("profile", "artists.search", "-d", tiny, "-f", "json=report.json")
    assert (here / "report.json").stat().st_mode == (here / "plain").stat().st_mode


@pytest.mark.parametrize("place", ["none/report.json", "folder"])
def test_a_report_that_cannot_be_written_is_refused(place: str, here: Path, tiny: str) -> None:
    """One sentence, and no half-written file beside it."""
    (here / "folder").mkdir()
    said = in_process("profile", "artists.search", "-d", tiny, "-f", f"json={place}")
    assert "cannot be written" in refused(said, 2)
    assert [each.name for each in here.rglob("*")] == ["folder"]


def test_a_failed_measurement_keeps_the_old_report(here: Path) -> None:
    """Nothing is opened before there is something to write."""
    (here / "report.json").write_text("old")
    in_process("profile", "-d", "sqlite:///none.db", "-f", "json=report.json")
    assert (here / "report.json").read_text() == "old"


LEVELS = [
    ("artists.search", "never", 0),
    ("albums.titles_by_artist", "error", 1),
    ("albums.titles_by_artist", "note", 1),
    ("albums.newest", "warning", 0),
    ("albums.newest", "note", 1),
    ("artists.names", "note", 1),
    ("albums.with_artist", "note", 0),
]


@pytest.mark.parametrize(("call", "level", "code"), LEVELS)
def test_findings_at_or_over_the_level_fail(
    call: str, level: str, code: int, here: Path, tiny: str
) -> None:
    """An exit code of 1 is a broken gate; the report is printed all the same."""
    said = in_process("profile", call, "-d", tiny, "--fail-on", level)
    assert said.code == code
    assert call in said.out


def test_an_ignored_rule_does_not_fail(here: Path, tiny: str) -> None:
    """What is not looked for is not found."""
    call = ["profile", "albums.titles_by_artist", "-d", tiny, "--fail-on", "error"]
    assert in_process(*call, "--ignore", "QP201").code == 0


def test_the_sample_library_is_announced_once(tmp_path: Path) -> None:
    """The first use says where it is; each says that it is the sample that is measured."""
    arguments = ["profile", "genres.shares"]
    first, second = (by_process(*arguments, cache=tmp_path) for _ in range(2))
    assert "Seeding the sample library" in " ".join(first.err.split())
    assert (first.code, second.code) == (0, 0)
    (line,) = second.err.splitlines()
    assert "the built-in sample library" in line


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Exit 3, and what to name instead."""
    (tmp_path / "file").touch()
    said = by_process("profile", "genres.shares", cache=tmp_path / "file", cwd=tmp_path)
    assert said.code == 3
    assert "XDG_CACHE_HOME" in said.err
    assert "Traceback" not in said.err


def test_a_call_without_its_argument_is_left_out_and_told(here: Path, tiny: str) -> None:
    """Of all calls of a target, those that can run do."""
    said = in_process("profile", "-t", "tests.apps.oddities:SOME", "-d", tiny)
    assert said.code == 0
    assert "Left out" in said.err
    assert "optional" in said.out
