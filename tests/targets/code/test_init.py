"""The configuration to start with: what it lists, and that qprof itself takes it."""

import json
import re
from pathlib import Path

import pytest

from qprof.targets.config import read_config
from tests.cli.door import refused
from tests.targets.code.cases import CASES, DATABASE
from tests.targets.code.conftest import Qprof

TARGETS = sorted({case.target for case in CASES.values()})
_OFF = re.compile(r"^# (?=[\w-]+ = |\[)", re.MULTILINE)


def started(qprof: Qprof, folder: Path, target: str, *options: str) -> str:
    """Return what `qprof init` prints."""
    said = qprof("init", "--target", f"music.{target}", *options, cwd=folder)
    assert (said.code, said.err) == (0, "Add --write to keep this as qprof.toml.\n")
    return said.out


def test_it_lists_each_call_and_what_it_lacks(folder: Path, qprof: Qprof) -> None:
    """Arguments are lines to fill in."""
    assert started(qprof, folder, "class_methods:ArtistDAO", *DATABASE).endswith(
        """
[tool.qprof]
target = "music.class_methods:ArtistDAO"
database = "sqlite:///music.db"

# ArtistDAO.albums needs artist_id.
[tool.qprof.calls."ArtistDAO.albums"]
# artist_id = 1

# ArtistDAO.count is ready.

# ArtistDAO.search needs query.
[tool.qprof.calls."ArtistDAO.search"]
# query = "a"
"""
    )


def test_a_call_without_a_session_is_run_only_if_it_is_wanted(folder: Path, qprof: Qprof) -> None:
    """Its whole table is to be uncommented."""
    text = started(qprof, folder, "flask_models:Artist")
    assert "Artist.search needs query; it takes no session" in text
    assert '# [tool.qprof.calls."Artist.search"]\n# query = "a"\n' in text


def test_an_application_lists_its_requests(folder: Path, qprof: Qprof) -> None:
    """One with a parameter in its path is given the key of a row that is there."""
    text = started(qprof, folder, "wsgi_app:app")
    assert '# GET /artists is ready.\n[tool.qprof.calls."GET /artists"]\n' in text
    assert (
        "# GET /artists/<int:artist_id> is ready, with the first of artists.id.\n"
        '[tool.qprof.calls."GET /artists/<int:artist_id>"]\nartist_id = 1\n'
    ) in text


def test_what_cannot_run_is_not_called_ready(folder: Path, qprof: Qprof) -> None:
    """The code that later runs a call decides: here, no database is named."""
    text = started(qprof, folder, "class_methods:ArtistDAO")
    assert "# ArtistDAO.count needs a session.\n" in text
    assert "# The calls need a session. One of these gives it:\n# database = " in text


@pytest.mark.parametrize("target", TARGETS)
def test_what_it_prints_is_a_configuration(
    target: str, folder: Path, qprof: Qprof, tmp_path: Path
) -> None:
    """As it stands, and with every line uncommented."""
    text = started(qprof, folder, target)
    for each in (text, _OFF.sub("", text)):
        (tmp_path / "qprof.toml").write_text(each, encoding="utf-8")
        assert read_config(None, tmp_path).target == f"music.{target}"


def test_what_it_writes_can_be_profiled(folder: Path, qprof: Qprof, tmp_path: Path) -> None:
    """Calls that lack nothing run at once, the others when their arguments are uncommented."""
    (tmp_path / "music.db").write_bytes((folder / "music.db").read_bytes())
    target = ("--target", "music.class_methods:ArtistDAO")
    said = qprof("init", *target, *DATABASE, "--write", cwd=tmp_path)
    assert (said.code, said.out) == (0, "")
    assert said.err == "Wrote qprof.toml: 3 calls, 1 of them ready to run. Next: qprof profile.\n"

    def names() -> list[str]:
        done = qprof("profile", "--format", "json", cwd=tmp_path)
        assert done.code == 0, done.err
        return [call["name"] for call in json.loads(done.out)["calls"]]

    assert names() == ["ArtistDAO.count"]
    file = tmp_path / "qprof.toml"
    file.write_text(_OFF.sub("", file.read_text()))
    assert names() == ["ArtistDAO.albums", "ArtistDAO.count", "ArtistDAO.search"]


def test_listed_requests_are_run(folder: Path, qprof: Qprof, tmp_path: Path) -> None:
    """Without being named."""
    (tmp_path / "music.db").write_bytes((folder / "music.db").read_bytes())
    assert qprof("init", "-t", "music.wsgi_app:app", "--write", cwd=tmp_path).code == 0
    done = qprof("profile", "--format", "json", cwd=tmp_path)
    assert done.code == 0, done.err
    names = [call["name"] for call in json.loads(done.out)["calls"]]
    assert names == ["GET /artists", "GET /artists/<int:artist_id>"]


def test_a_file_that_is_there_is_kept(folder: Path, qprof: Qprof, tmp_path: Path) -> None:
    """Unless it is said to be replaced."""
    file = tmp_path / "qprof.toml"
    file.write_text("# mine\n")
    words = ("init", "-t", "music.class_methods:ArtistDAO", "--write")
    assert "add --force" in refused(qprof(*words, cwd=tmp_path), 2)
    assert file.read_text() == "# mine\n"
    assert qprof(*words, "--force", cwd=tmp_path).code == 0
    assert "ArtistDAO" in file.read_text()


WRONG = {
    "no target": ([], "qprof init --target PACKAGE.MODULE:ATTRIBUTE"),
    "attribute": (["-t", "music.class_methods:ArtistDOA"], "Did you mean 'ArtistDAO'?"),
    "setup": (
        ["-t", "music.own_engine:Library", "--setup", "music.opening:opend"],
        "Did you mean 'opened'?",
    ),
    "sessions": (
        ["-t", "music.class_methods:ArtistDAO", "--sessions", "music.decorated:SessionLoca"],
        "Did you mean 'SessionLocal'?",
    ),
    "database": (
        ["-t", "music.class_methods:ArtistDAO", "--database", "music.db"],
        "Write sqlite:///music.db",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_would_not_work_is_not_written(name: str, qprof: Qprof, tmp_path: Path) -> None:
    """It is one sentence, and no file."""
    words, said = WRONG[name]
    assert said in refused(qprof("init", *words, "--write", cwd=tmp_path), 2)
    assert not (tmp_path / "qprof.toml").exists()
