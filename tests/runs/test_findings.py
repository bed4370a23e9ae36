"""What must be found, and what must never be, on libraries whose content plain SQL knows."""

from collections.abc import Callable
from typing import Any

import pytest

from qprof.runs.profile import profile
from qprof.runs.request import Request
from tests.runs.reports import compared, plan_of, profiled

PRODUCT = """
    SELECT artists.id,
           max(1, (SELECT count(*) FROM albums WHERE artist_id = artists.id)) *
           (SELECT max(1, coalesce(sum(max(1, (SELECT count(*) FROM track_genres g
                                               WHERE g.track_id = a.track_id))), 0))
            FROM track_artists a WHERE a.artist_id = artists.id) AS rows
    FROM artists WHERE name LIKE 'The%' ORDER BY rows DESC, artists.id LIMIT 1
"""
"""The artist whose own albums × tracks' genres is largest, and how many rows that is."""

Seeded = Callable[..., str]
Ask = Callable[[str, str], list[tuple[Any, ...]]]


def test_the_verdict_names_the_worst_root(seeded: Seeded, ask: Ask) -> None:
    """On the heavy-tailed default library, as SQL counts it."""
    url = seeded("chinook")
    ((artist, rows),) = ask(url, PRODUCT)
    (call,) = profiled(url, "artists.search").calls
    assert f"(Artist {artist} alone brings {rows:,} rows" in call.verdict


def test_the_default_search_is_an_error(seeded: Seeded) -> None:
    """The shape of a real library shows the damage."""
    (found,) = profiled(seeded("chinook"), "artists.search").findings
    assert (found.rule, found.level) == ("QP101", "error")


def test_a_plan_that_leaves_a_path_out_loads_it_for_nothing_no_more(seeded: Seeded) -> None:
    """The lazy plan of a call that reads no track has no QP301; the others have."""
    (comparison,) = compared(seeded("audit"), "artists.names").comparisons
    idle = {
        each.plan for each in comparison.plans if "QP301" in {one.rule for one in each.findings}
    }
    assert idle == {each.plan for each in comparison.plans} - {"lazy"}


@pytest.mark.parametrize("recipe", ["tiny", "audit", "chinook"])
def test_a_nested_chain_is_never_cartesian(recipe: str, seeded: Seeded) -> None:
    """Albums → tracks → genres duplicates, and does not explode."""
    report = profiled(seeded(recipe, 0.4), "artists.with_discography")
    assert "QP101" not in {each.rule for each in report.findings}


@pytest.fixture(scope="module")
def many(seeded: Seeded) -> str:
    """Return a library of more than 500 artists, who have hardly anything else."""
    return seeded(
        "tiny",
        artists="601",
        albums_per_artist="1",
        tracks_per_album="1",
        genres_per_track="1",
        guests_per_track="0",
        playlists="0",
    )


def test_chunks_of_500_parents_are_no_n_plus_one(many: str, ask: Ask) -> None:
    """1 root, and 2 chunks for each of 3 paths with 601 parents each."""
    assert ask(many, "SELECT count(*) FROM artists") == [(601,)]
    report = profiled(many, "artists.get_all")
    assert report.calls[0].queries == 1 + 3 * 2
    assert [each.rule for each in report.findings] == ["QP403"]


def test_the_lazy_plan_is_an_n_plus_one_with_its_count(many: str) -> None:
    """601 loads of each path, in the findings of that plan alone."""
    (comparison,) = compared(many, "artists.get_all").comparisons
    found = {each.paths: each for each in plan_of(comparison, "lazy").findings}
    assert {each.rule for each in found.values()} == {"QP201"}
    assert {path: each.evidence["queries"] for path, each in found.items()} == {
        ("Artist.tracks",): 601,
        ("Artist.tracks.genres",): 601,
        ("Artist.albums",): 601,
    }
    assert plan_of(comparison, "selectin").findings == ()


EXHIBITS = {
    "artists.search": "QP101",
    "artists.with_discography": "QP102",
    "tracks.count_in_genre": "QP103",
    "albums.titles_by_artist": "QP201",
    "genres.shares": "QP202",
    "artists.names": "QP301",
    "artists.track_counts": "QP302",
    "albums.newest": "QP401",
    "albums.with_artist": "QP402",
    "tracks.get_all": "QP403",
}
CLEAN = {
    "artists.get_all": ["QP403"],
    "playlists.overview": [],
    "tracks.get_all": ["QP403"],
    "tracks.count_by_genre": [],
}
"""What is said of the good ones, as a note: that they read all there is."""


@pytest.mark.parametrize("call", EXHIBITS)
def test_each_exhibit_shows_its_rule(call: str, seeded: Seeded) -> None:
    """What the docstring promises."""
    found = profiled(seeded("chinook", 0.4), call).findings
    assert EXHIBITS[call] in {each.rule for each in found}


@pytest.mark.parametrize("call", CLEAN)
def test_the_good_calls_show_nothing(call: str, seeded: Seeded) -> None:
    """No rule cries wolf, and a note is no verdict."""
    report = profiled(seeded("chinook", 0.4), call)
    assert [each.rule for each in report.findings] == CLEAN[call]
    assert {each.level for each in report.findings} <= {"note"}
    assert report.calls[0].verdict.endswith(": no more than its objects need.")


def test_the_page_is_priced_as_sql_counts_it(seeded: Seeded, ask: Ask) -> None:
    """The first 50 tracks with their albums, and their genres by one more query."""
    url = seeded("chinook", 0.4)
    ((tracks,),) = ask(url, "SELECT count(*) FROM tracks")
    ((links,),) = ask(url, "SELECT count(*) FROM track_genres")
    ((of_page,),) = ask(
        url,
        "SELECT count(*) FROM track_genres "
        "WHERE track_id IN (SELECT id FROM tracks ORDER BY id LIMIT 50)",
    )
    (found,) = profiled(url, "tracks.get_all").findings
    assert found.evidence["roots"] == found.evidence["table_rows"] == tracks
    assert found.evidence["rows"] == tracks + links
    assert found.evidence["rows_saved"] == tracks + links - 50 - of_page


@pytest.mark.parametrize("call", EXHIBITS)
def test_each_finding_has_a_place_and_a_fix(call: str, seeded: Seeded) -> None:
    """Message, file and line in the user's code, evidence and fix."""
    for found in profiled(seeded("chinook", 0.4), call).findings:
        assert found.location is not None
        assert found.location.file.endswith(f"{call.partition('.')[0]}.py")
        assert found.message
        assert found.fix
        assert found.evidence


def test_a_repeat_finds_the_same(seeded: Seeded) -> None:
    """Figures, findings and fingerprints do not change from run to run."""
    url = seeded("tiny")
    first, second = (profile(Request(database=url), lambda _: None) for _ in range(2))
    assert first.findings == second.findings
    assert [(c.queries, c.rows, c.cells, c.needed) for c in first.calls] == [
        (c.queries, c.rows, c.cells, c.needed) for c in second.calls
    ]


def test_what_nobody_reads_is_priced_as_sql_counts_it(seeded: Seeded, ask: Ask) -> None:
    """A row for each link of artist and track, and the track's columns with the artist's key."""
    url = seeded("tiny")
    ((links,),) = ask(url, "SELECT count(*) FROM track_artists")
    found = profiled(url, "artists.names", "artists.track_counts").findings
    assert [(each.rule, each.paths) for each in found] == [
        ("QP301", ("Artist.tracks",)),
        ("QP302", ("Artist.tracks",)),
    ]
    for each in found:
        assert each.evidence["queries"] == 1
        assert each.evidence["rows"] == links
        assert each.evidence["cells"] == links * (8 + 1)


def test_the_incomplete_fix_names_the_method_to_copy(seeded: Seeded) -> None:
    """Two methods were forgotten, and pay more than get_all for the same paths."""
    names = ("artists.get_all", "artists.search", "artists.get_by_id")
    found = profiled(seeded("chinook", 0.4), *names).findings
    siblings = {each.call: each for each in found if each.evidence.get("model")}
    assert siblings.keys() == set(names[1:])
    for each in siblings.values():
        assert each.rule in {"QP101", "QP102"}
        assert each.evidence["model"] == "artists.get_all"
        assert "artists.get_all loads the same paths at less cost." in each.message
