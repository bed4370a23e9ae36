"""What must be seen in calls whose cost or mistake does not show where they are made."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.door import Said, refused
from tests.targets.code.cases import DATABASE
from tests.targets.code.conftest import Qprof

Profiled = Callable[..., Any]


@pytest.fixture
def profiled(folder: Path, qprof: Qprof) -> Profiled:
    """Return what profiles `music.TARGET` and gives its report."""

    def profile(target: str, *options: str, cwd: Path = folder) -> Any:
        function = target.partition(":")[2]
        said = qprof("profile", function, "-t", f"music.{target}", "-f", "json", *options, cwd=cwd)
        assert said.code == 0, said.err
        return json.loads(said.out)

    return profile


def rules(report: Any) -> set[str]:
    """Return the rules that were broken."""
    return {each["rule"] for each in report["findings"] if each["level"] != "note"}


def remarks(report: Any) -> str:
    """Return the verdict and the notes of the one call."""
    (call,) = report["calls"]
    return " ".join([call["verdict"], *call["notes"]])


CLEAN = "no more than its objects need"
"""What is said of a call in which nothing was found."""


def test_a_mapping_that_joins_siblings_is_found(profiled: Profiled) -> None:
    """It is said that the mapping does it: the query has no option at all."""
    report = profiled("mapped:all_artists", *DATABASE)
    (found,) = (each for each in report["findings"] if each["rule"] == "QP101")
    assert (found["level"], found["paths"]) == ("error", ["Artist.tracks", "Artist.albums"])
    assert 'lazy="joined"' in found["message"]
    assert "selectinload(Artist.tracks)" in found["fix"]
    assert found["location"]["function"] == "all_artists"


def test_contains_eager_over_sibling_joins_is_found(profiled: Profiled) -> None:
    """And the advice is for joins that are written by hand."""
    report = profiled("costs:joined_by_hand", *DATABASE)
    (found,) = (each for each in report["findings"] if each["rule"] == "QP101")
    assert found["level"] == "error"
    assert "contains_eager" in found["fix"]


def test_a_session_for_each_row_is_an_n_plus_one(profiled: Profiled) -> None:
    """12 sessions of the application's own."""
    report = profiled("costs:artists_by_id")
    (found,) = (each for each in report["findings"] if each["rule"] == "QP201")
    assert found["evidence"]["queries"] == 12
    assert found["location"]["function"] == "get_by_id"


def test_eleven_questions_are_no_n_plus_one(profiled: Profiled) -> None:
    """Each is another one."""
    report = profiled("costs:statistics", *DATABASE)
    assert report["calls"][0]["queries"] == 11
    assert rules(report) == set()


def test_what_distinct_hides_is_not_called_clean(
    profiled: Profiled, filled: Callable[..., Path]
) -> None:
    """50 rows are seen; the engine builds 50 × 16 × 10 = 8,000 for them."""
    big = filled(artists=50, tracks=16, albums=10, genres=1)
    report = profiled("costs:names_under_distinct", *DATABASE, cwd=big)
    assert report["calls"][0]["rows"] == 50
    assert CLEAN not in remarks(report)
    assert "DISTINCT" in remarks(report)


def test_a_cached_call_is_said_to_be_cached(profiled: Profiled) -> None:
    """Its second run sends nothing."""
    report = profiled("costs:genre_names")
    assert "cached" in remarks(report)
    assert CLEAN not in remarks(report)


def test_what_is_not_iterated_is_counted_or_reported(profiled: Profiled) -> None:
    """A generator in the answer is exhausted; it has a row for each artist."""
    report = profiled("slips:page", *DATABASE)
    (call,) = report["calls"]
    assert (call["queries"], call["rows"]) == (2, 1 + 12)


def test_a_generator_that_nobody_iterates_is_reported(profiled: Profiled) -> None:
    """Its statement is not in the figures, so they are no praise."""
    report = profiled("slips:answer", *DATABASE)
    assert report["calls"][0]["queries"] == 1
    assert "not iterated" in remarks(report)
    assert "_names" in remarks(report)


def test_a_swallowed_detached_instance_is_reported(profiled: Profiled) -> None:
    """The application shows artists without albums and says nothing."""
    report = profiled("slips:swallowed")
    (found,) = report["findings"]
    assert (found["rule"], found["paths"]) == ("QP203", ["Artist.albums"])
    assert found["evidence"]["reads"] == report["calls"][0]["rows"] == 12
    assert not any("DetachedInstanceError" in note for note in report["calls"][0]["notes"])


ERRORS: dict[str, tuple[list[str], str]] = {
    "raises": (
        ["-t", "music.slips:raises", *DATABASE],
        "raises raised LookupError: no such shop (music/slips.py:",
    ),
    "returns nothing": (
        ["-t", "music.slips:returns_nothing", *DATABASE],
        "No statement was seen in returns_nothing.",
    ),
    "a touch that needs the session": (
        ["detached", "-t", "music.slips:detached", "--touch", "to_dict"],
        "after the session was closed",
    ),
    "closed session": (
        ["-t", "music.slips:find_artists", "--sessions", "music.slips:closed_session"],
        "closed",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_cannot_be_measured_is_one_sentence(name: str, folder: Path, qprof: Qprof) -> None:
    """Exit 3."""
    words, said = ERRORS[name]
    line = refused(qprof("profile", *words, "--quiet", cwd=folder), 3)
    assert said in line


USAGE: dict[str, tuple[list[str], str]] = {
    "arguments": (
        ["find_genre", "-t", "music.slips:find_genre", *DATABASE],
        "find_genre needs genre_id, name. Say it with --arg genre_id=VALUE",
    ),
    "attribute": (
        ["-t", "music.slips:find_artist", *DATABASE],
        "Did you mean 'find_artists'?",
    ),
    "method": (
        ["ArtistDAO.serch", "-t", "music.class_methods:ArtistDAO", *DATABASE],
        "Did you mean 'ArtistDAO.search'?",
    ),
    "module of a package": (
        ["-t", "music.slip:find_artists", *DATABASE],
        "Did you mean 'music.slips'?",
    ),
    "module that is a file": (
        ["-t", "music.slips.find:find_artists", *DATABASE],
        "There is no module 'music.slips.find'",
    ),
    "touch": (
        ["find_artists", "-t", "music.slips:find_artists", *DATABASE, "--touch", "to_dct"],
        "Did you mean 'to_dict'?",
    ),
    "setup": (
        ["-t", "music.own_engine:Library", "--setup", "music.opening:open"],
        "Did you mean 'opened'?",
    ),
    "request": (
        ["GET artists", "-t", "music.wsgi_app:app"],
        "Write 'GET /artists'.",
    ),
    "function that makes no application": (
        ["GET /artists", "-t", "music.slips:make_nothing"],
        "is no WSGI or ASGI application, nor a function that makes one without arguments",
    ),
    "function that needs more to make one": (
        ["GET /artists", "-t", "music.slips:needs_settings"],
        "is no WSGI or ASGI application, nor a function that makes one without arguments",
    ),
    "sessions of an application": (
        ["find_artists", "-t", "music.slips:find_artists", "--sessions", "music.wsgi_app:app"],
        "--sessions is a WSGI or ASGI application; name a sessionmaker",
    ),
    "no request": (["-t", "music.wsgi_app:app"], "GET /artists"),
}


@pytest.mark.parametrize("name", USAGE)
def test_a_wrong_word_is_one_sentence(name: str, folder: Path, qprof: Qprof) -> None:
    """Exit 2, with the nearest right one."""
    words, said = USAGE[name]
    assert said in refused(qprof("profile", *words, "--quiet", cwd=folder), 2)


def test_a_request_that_fails_is_one_sentence(folder: Path, qprof: Qprof) -> None:
    """Exit 3, with the status."""
    said = qprof("profile", "GET /artists/99", "-t", "music.wsgi_app:app", "-q", cwd=folder)
    assert "GET /artists/99 was answered with status 404 Not Found" in refused(said, 3)


def test_a_function_makes_the_application(folder: Path, qprof: Qprof) -> None:
    """One that needs no arguments, as Flask's application factories."""
    arguments = ("GET /artists/3", "-f", "json", "-q", "-t")
    made, there = (
        qprof("profile", *arguments, f"music.wsgi_app:{name}", cwd=folder)
        for name in ("create_app", "app")
    )
    figures = [json.loads(each.out)["calls"][0]["rows"] for each in (made, there)]
    assert figures[0] == figures[1] > 0


def test_a_call_that_returns_nothing_can_have_figures(profiled: Profiled) -> None:
    """It asked, and that is what is measured."""
    report = profiled("slips:refresh_all", *DATABASE)
    assert report["calls"][0]["queries"] == 13
    assert rules(report) == {"QP201"}


def test_a_call_without_arguments_is_left_out_and_said(folder: Path, qprof: Qprof) -> None:
    """Of all calls of a class, with what it lacks."""
    said: Said = qprof("profile", "-t", "music.class_methods:ArtistDAO", *DATABASE, cwd=folder)
    assert said.code == 0
    assert "Left out: ArtistDAO.search needs query." in said.err
    assert "Left out: ArtistDAO.albums needs artist_id." in said.err
    assert "ArtistDAO.count" in said.out
