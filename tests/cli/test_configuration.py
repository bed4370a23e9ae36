"""[tool.qprof] and qprof.toml, through the command line."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from qprof.runs.request import from_config
from qprof.targets.config import read_config, settings_beyond
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
    (here / "qprof.toml").write_text('fail-on = "note"\nextend-select = ["QP402"]\n')
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
    assert in_process("profile", "artists.names", "-d", tiny).code == 1


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


SHOP = "tests.apps.oddities:optional"


@pytest.fixture
def below(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder of a repository that has its settings at its root."""
    (here / ".git").mkdir()
    (here / "src" / "deep").mkdir(parents=True)
    monkeypatch.chdir(here / "src" / "deep")
    return here


def test_settings_are_searched_upwards(below: Path, tiny: str) -> None:
    """Up to the root of the repository; the file is named, and -q names nothing."""
    shutil.copy(tiny.removeprefix("sqlite:///"), below / "own.db")
    (below / "qprof.toml").write_text(f'target = "{SHOP}"\ndatabase = "sqlite:///own.db"\n')
    said = in_process("profile")
    assert said.code == 0, said.all
    assert "optional" in said.out
    assert f"settings of {Path('..', '..', 'qprof.toml')}." in said.err
    assert in_process("profile", "-q").err == ""


def test_the_nearest_settings_win(below: Path) -> None:
    """A pyproject.toml without a table of ours is passed by."""
    (below / "qprof.toml").write_text('target = "far:away"\n')
    (below / "src" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert read_config(None, Path.cwd()).target == "far:away"
    (below / "src" / "qprof.toml").write_text('target = "near:by"\n')
    assert read_config(None, Path.cwd()).target == "near:by"


def test_no_settings_are_taken_from_above_the_repository(below: Path) -> None:
    """They would be somebody else's; nor from above a folder that is in none."""
    (below / "qprof.toml").write_text('target = "far:away"\n')
    (below / "src" / ".git").mkdir()
    assert read_config(None, Path.cwd()).target is None
    (below / "src" / ".git").rmdir()
    (below / ".git").rmdir()
    assert read_config(None, Path.cwd()).target is None
    assert settings_beyond(Path.cwd()) == below / "qprof.toml"


def test_settings_beyond_the_repository_are_named(below: Path, tiny: str) -> None:
    """With what uses them; once named, what they name is beside them."""
    (below / ".git").rmdir()
    shutil.copy(tiny.removeprefix("sqlite:///"), below / "own.db")
    (below / "qprof.toml").write_text(f'target = "{SHOP}"\ndatabase = "sqlite:///own.db"\n')
    file = str(Path("..", "..", "qprof.toml"))
    said = in_process("profile", "artists.names")
    assert f"{file} is not read, since no repository holds it and this folder" in said.err
    assert f"To use it: --config {file}\n" in said.err
    said = in_process("profile", "--config", file)
    assert (said.code, "optional" in said.out) == (0, True), said.all


@pytest.mark.parametrize(
    ("url", "placed"),
    [
        ("sqlite:///own.db", "sqlite:///{}/own.db"),
        ("sqlite+aiosqlite:///own.db?mode=ro", "sqlite+aiosqlite:///{}/own.db?mode=ro"),
        ("sqlite:////tmp/own.db", "sqlite:////tmp/own.db"),
        ("sqlite://", "sqlite://"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("postgresql://host/own", "postgresql://host/own"),
        ("env:DATABASE_URL", "env:DATABASE_URL"),
    ],
)
def test_a_database_is_where_the_settings_are(below: Path, url: str, placed: str) -> None:
    """A relative file is beside them, whatever folder qprof is run in."""
    (below / "qprof.toml").write_text(f'database = "{url}"\n')
    assert read_config(None, Path.cwd()).database == placed.format(below.as_posix())


def test_a_setting_can_be_a_variable(
    here: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read when it is needed, and is no secret that the file holds."""
    (here / "qprof.toml").write_text(f'target = "{SHOP}"\ndatabase = "env:SHOP_URL"\n')
    monkeypatch.delenv("SHOP_URL", raising=False)
    said = refused(in_process("profile", "-q"), 2)
    assert "there is no variable SHOP_URL. Type: export SHOP_URL=VALUE" in said
    (here / "empty.py").write_text("")
    assert in_process("scan", str(here)).code == 0
    monkeypatch.setenv("SHOP_URL", tiny)
    assert in_process("profile", "-q").code == 0


def test_variables_stand_between_the_command_line_and_the_settings(
    here: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """QPROF_TARGET and QPROF_DATABASE, for a shell or a job of CI."""
    (here / "qprof.toml").write_text('target = "far:away"\ndatabase = "sqlite:///none.db"\n')
    monkeypatch.setenv("QPROF_TARGET", SHOP)
    monkeypatch.setenv("QPROF_DATABASE", tiny)
    assert in_process("profile", "-q").code == 0
    other = in_process("profile", "-q", "-t", "tests.apps.oddities:Careful")
    assert "Careful.count" in other.out


@pytest.mark.parametrize("command", [["check"], ["baseline", "write"]])
@pytest.mark.parametrize("settings", ["", 'fail-on = "error"\n'])
def test_a_gate_does_not_pass_on_the_sample(
    command: list[str], settings: str, here: Path, tiny: str
) -> None:
    """Whatever the user's own code does; a library that qprof made is meant when it is named."""
    (here / "qprof.toml").write_text(settings)
    assert "There is nothing to check" in refused(in_process(*command), 2)
    other = here / "other.db"
    sqlite3.connect(other).execute("CREATE TABLE t (a)").connection.close()
    named = ["-d", f"sqlite:///{other}", "-q"]
    assert "There is nothing to check" in refused(in_process(*command, *named), 2)
    assert in_process(*command, "albums.with_artist", "-d", tiny, "-q").code == 0


def test_a_look_at_the_sample_says_that_it_is_one(
    here: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to add for one's own code."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    said = in_process("profile", "albums.with_artist")
    assert "the built-in sample library. For your own code, add --target" in said.err
