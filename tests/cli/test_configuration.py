"""[tool.qprof] and qprof.toml, through the command line."""

from pathlib import Path

import pytest

from qprof.runs.request import from_config
from qprof.targets.config import read_config
from tests.cli.door import Said, in_process, refused

WRONG = {
    "unknown key": ('targt = "a:b"', "Did you mean 'target'?"),
    "target's type": ("target = 3", "target is 3"),
    "select's type": ('select = "QP101"', "it has to be a list"),
    "item's type": ("ignore = [1]", "it has to be a text"),
    "unknown rule": ('ignore = ["QP1O1"]', "Did you mean 'QP101'?"),
    "level": ('fail-on = "eror"', "Did you mean 'error'?"),
    "unknown threshold": ("[thresholds]\nrow-amplification = 2", "'rows-amplification'?"),
    "threshold's type": ('[thresholds]\nrows-amplification = "2"', "has to be a number above zero"),
    "threshold of zero": ("[thresholds]\nlazy-loads = 0", "has to be a number above zero"),
    "threshold of truth": ("[thresholds]\nlazy-loads = true", "has to be a number above zero"),
    "threshold of nan": ("[thresholds]\nrows-amplification = nan", "has to be a number above"),
    "thresholds' type": ("thresholds = 3", "it has to be a table"),
    "unknown call": ('[calls."artists.serch"]\nquery = "A"', "Did you mean 'artists.search'?"),
    "unknown argument": ('[calls."artists.search"]\nqery = "A"', "Did you mean 'query'?"),
    "calls' type": ('calls = ["artists.search"]', "it has to be a table"),
    "a truth's type": ('try-indexes = "yes"', "it has to be true or false"),
    "TOML": ("target =", "is not TOML"),
}


def profile(tiny: str, *more: str) -> Said:
    """Profile the audited search with whatever configuration is found."""
    return in_process("profile", "artists.search", "--database", tiny, *more)


@pytest.mark.parametrize("file", ["qprof.toml", "pyproject.toml"])
@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_setting_is_refused(kind: str, file: str, here: Path, tiny: str) -> None:
    """Exit 2, with the file and the key, wherever it stands."""
    text, said = WRONG[kind]
    if file == "pyproject.toml":
        text = "[tool.qprof]\n" + text.replace("[thresholds]", "[tool.qprof.thresholds]")
        text = text.replace("[calls.", "[tool.qprof.calls.")
    (here / file).write_text(text)
    assert said in refused(profile(tiny), 2)


def test_a_missing_configuration_is_refused(here: Path, tiny: str) -> None:
    """A file that was named has to be there."""
    assert "none.toml" in refused(profile(tiny, "--config", "none.toml"), 2)


def test_a_configuration_that_is_no_text_is_refused(here: Path, tiny: str) -> None:
    """Bytes that are no UTF-8."""
    (here / "qprof.toml").write_bytes(b"\xff\xfe")
    assert "cannot be read" in refused(profile(tiny), 2)


@pytest.mark.parametrize("text", ["", "[project]\nname = 'x'\n", "[tool.other]\na = 1\n"])
def test_a_project_without_settings_has_the_defaults(text: str, here: Path, tiny: str) -> None:
    """Any pyproject.toml will do."""
    (here / "pyproject.toml").write_text(text)
    assert profile(tiny).code == 0


def test_other_tools_tables_of_a_wrong_shape_are_told(here: Path, tiny: str) -> None:
    """`tool` that is no table is a sentence, not a traceback."""
    (here / "pyproject.toml").write_text("tool = 3\n")
    refused(profile(tiny), 2)


def test_qprof_toml_wins(here: Path, tiny: str) -> None:
    """It is more specific than pyproject.toml."""
    (here / "pyproject.toml").write_text('[tool.qprof]\nfail-on = "eror"\n')
    (here / "qprof.toml").write_text('fail-on = "never"\n')
    assert profile(tiny).code == 0


def test_the_command_line_wins(here: Path, tiny: str) -> None:
    """What is typed now is meant."""
    (here / "qprof.toml").write_text('fail-on = "note"\n')
    code = in_process("profile", "albums.with_artist", "-d", tiny, "--fail-on", "never").code
    assert code == 0


@pytest.mark.parametrize("typed", [None, True, False])
@pytest.mark.parametrize("text", ["", "try-indexes = true"])
def test_indexes_are_tried_where_that_is_asked_for(
    text: str, typed: bool | None, here: Path
) -> None:
    """Never by default; what is typed wins in both directions."""
    (here / "qprof.toml").write_text(text)
    request = from_config(read_config(None, here), try_indexes=typed)
    assert request.try_indexes is (bool(text) if typed is None else typed)


def test_a_configured_level_fails(here: Path, tiny: str) -> None:
    """Without anything typed."""
    (here / "qprof.toml").write_text('fail-on = "note"\n')
    assert in_process("profile", "albums.with_artist", "-d", tiny).code == 1


def test_a_configured_argument_is_used(here: Path, tiny: str) -> None:
    """It stands in the call's signature."""
    (here / "qprof.toml").write_text('[calls."artists.get_by_id"]\nartist_id = 3\n')
    said = in_process("compare", "artists.get_by_id", "-d", tiny, "--repeat", "1")
    assert "artists.get_by_id(artist_id=3)" in said.out


def test_a_typed_argument_is_a_number_where_it_looks_like_one(here: Path, tiny: str) -> None:
    """--arg artist_id=3 is 3, not '3'."""
    arguments = ["compare", "artists.get_by_id", "-d", tiny, "--repeat", "1"]
    said = in_process(*arguments, "--arg", "artist_id=3")
    assert "artists.get_by_id(artist_id=3)" in said.out


def test_a_configured_argument_of_another_kind_is_refused(here: Path, tiny: str) -> None:
    """TOML says itself what is a number."""
    (here / "qprof.toml").write_text('[calls."artists.get_by_id"]\nartist_id = "3"\n')
    said = refused(in_process("profile", "artists.get_by_id", "-d", tiny, "-q"), 2)
    assert "is '3': artist_id of artists.get_by_id is int. Write artist_id = 1," in said


@pytest.mark.parametrize("value", ["The", "1e5", "true", "a = b", "[", "2020-01-01", "{x = 1}", ""])
def test_what_is_no_number_stays_text(value: str, here: Path, tiny: str) -> None:
    """Nothing has to be quoted twice."""
    arguments = ["compare", "artists.search", "-d", tiny, "--repeat", "1"]
    said = in_process(*arguments, "--arg", f"query={value}")
    assert f"artists.search(query={value!r})" in said.out


def test_a_threshold_changes_the_level(here: Path, tiny: str) -> None:
    """Far above what the data shows, a path that is loaded lazily is no finding."""
    (here / "qprof.toml").write_text("[thresholds]\nlazy-loads = 1000\n")
    assert "QP201" not in in_process("profile", "albums.titles_by_artist", "-d", tiny).out
