"""A real shop's library, read through its developers' own models."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.door import ROOT, by_process
from tests.runs.conftest import CHINOOK

pytestmark = pytest.mark.skipif(
    not CHINOOK.is_file(), reason="../shared/data/chinook.sqlite is not there"
)

URL = "sqlite:///../shared/data/chinook.sqlite"
TARGET = ["--target", "tests.apps.chinook:Shop", "--database", URL]
Ask = Any

ROWS = {
    "playlists.with_tracks": "SELECT count(*) FROM Playlist p "
    "LEFT JOIN PlaylistTrack t ON t.PlaylistId = p.PlaylistId",
    "playlists.with_sales": "SELECT count(*) FROM Playlist p "
    "LEFT JOIN PlaylistTrack t ON t.PlaylistId = p.PlaylistId "
    "LEFT JOIN InvoiceLine i ON i.TrackId = t.TrackId "
    "LEFT JOIN PlaylistTrack o ON o.TrackId = t.TrackId",
    "artists.catalogue": "SELECT count(*) FROM Artist r "
    "LEFT JOIN Album a ON a.ArtistId = r.ArtistId "
    "LEFT JOIN Track t ON t.AlbumId = a.AlbumId",
}
NEEDED = {
    "playlists.with_tracks": "SELECT (SELECT count(*) FROM Playlist) + "
    "(SELECT count(*) FROM PlaylistTrack)",
    "playlists.with_sales": "SELECT (SELECT count(*) FROM Playlist) + "
    "2 * (SELECT count(*) FROM PlaylistTrack) + (SELECT count(*) FROM InvoiceLine "
    "WHERE TrackId IN (SELECT TrackId FROM PlaylistTrack))",
    "artists.catalogue": "SELECT (SELECT count(*) FROM Artist) + (SELECT count(*) FROM Album) "
    "+ (SELECT count(*) FROM Track WHERE AlbumId IS NOT NULL)",
}
"""Roots and distinct pairs; the playlists of tracks are the same links once more."""


def _state() -> tuple[str, list[str]]:
    folder = [each.name for each in CHINOOK.parent.iterdir()]
    return hashlib.sha256(CHINOOK.read_bytes()).hexdigest(), sorted(folder)


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Compare all calls of the shop as its developers would; the file stays as it is."""
    before = _state()
    arguments = ["compare", *TARGET, "--repeat", "1", "--format", "json"]
    said = by_process(*arguments, cache=tmp_path_factory.mktemp("cache"), cwd=ROOT)
    assert (said.code, said.err) == (0, "")
    assert _state() == before
    return json.loads(said.out)


def _call(report: Any, name: str) -> Any:
    (found,) = [each for each in report["calls"] if each["name"] == name]
    return found


@pytest.mark.parametrize("call", ROWS)
def test_joined_rows_are_those_of_plain_sql(call: str, compared: Any, ask: Ask) -> None:
    """The same joins, written by hand."""
    assert _call(compared, call)["rows"] == ask(f"sqlite:///{CHINOOK}", ROWS[call])[0][0]


@pytest.mark.parametrize("call", NEEDED)
def test_needed_rows_are_those_of_plain_sql(call: str, compared: Any, ask: Ask) -> None:
    """Roots and distinct pairs, counted table by table."""
    found = _call(compared, call)["needed"]["rows"]
    assert found == ask(f"sqlite:///{CHINOOK}", NEEDED[call])[0][0]


def test_all_plans_give_the_same_objects(compared: Any) -> None:
    """Five calls under six plans."""
    plans = [plan for each in compared["comparisons"] for plan in each["plans"]]
    assert len(plans) == 30
    assert all(plan["identical"] for plan in plans if plan["plan"] != "as-written")


def test_the_lazy_call_is_an_n_plus_one(compared: Any, ask: Ask) -> None:
    """A load of albums for each artist."""
    artists = ask(f"sqlite:///{CHINOOK}", "SELECT count(*) FROM Artist")[0][0]
    own = {each["rule"]: each for each in compared["findings"] if each["call"] == "artists.names"}
    assert own["QP201"]["evidence"]["queries"] == artists


def test_siblings_are_found(compared: Any) -> None:
    """Tracks' sales and playlists are joined side by side; the chain of albums is not."""
    found = {each["call"] for each in compared["findings"] if each["rule"] == "QP101"}
    assert found == {"playlists.with_sales"}


def test_a_finding_points_into_the_user_s_file(compared: Any) -> None:
    """Relative to the folder that the command runs in."""
    files = {each["location"]["file"] for each in compared["findings"]}
    assert files == {"tests/apps/chinook.py"}


def test_a_profile_leaves_the_file_as_it_is(cache_folder: Path) -> None:
    """Bytes, and no journal beside it."""
    before = _state()
    assert by_process("profile", *TARGET, cache=cache_folder, cwd=ROOT).code == 0
    assert _state() == before


@pytest.fixture
def cache_folder(tmp_path: Path) -> Path:
    """Return a cache folder that nothing is seeded into."""
    return tmp_path
