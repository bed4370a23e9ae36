from __future__ import annotations

import inspect
import warnings

import pytest
from sqlalchemy.exc import SAWarning
from sqlalchemy.orm import Session

from qprof.seeding.library.repositories import Repositories

KINDS = {
    name: type(getattr(Repositories(None), name)) for name in dir(Repositories) if name[0] != "_"
}
CALLS = [
    f"{name}.{method}"
    for name, kind in KINDS.items()
    for method, _ in inspect.getmembers(kind, inspect.isfunction)
    if not method.startswith("_")
]


@pytest.fixture
def repositories(engine):
    with Session(engine) as session:
        yield Repositories(session)


@pytest.mark.parametrize("call", CALLS)
def test_every_method_runs_without_arguments(repositories, call):
    """A call can be profiled by its name alone, and finds something in the smallest library."""
    repository, method = call.split(".")
    with warnings.catch_warnings():
        if call == "tracks.count_in_genre":
            warnings.simplefilter("ignore", SAWarning)
        assert getattr(getattr(repositories, repository), method)()


@pytest.mark.parametrize("call", CALLS)
def test_every_method_says_what_it_reads(call):
    """Each method has a docstring, and the last line of an exhibit names its rule."""
    repository, method = call.split(".")
    text = inspect.getdoc(getattr(KINDS[repository], method))
    assert text
    assert "Exhibit" not in text or text.splitlines()[-1].startswith("Exhibit: QP")


def test_search_finds_by_the_start_of_the_name(repositories):
    """A wildcard in the query is a letter like any other."""
    found = repositories.artists.search("The")
    assert [artist.name for artist in found] == sorted(artist.name for artist in found)
    assert all(artist.name.startswith("The ") for artist in found)
    assert repositories.artists.search("%") == []


def test_search_and_get_all_agree(repositories):
    """The audited method and the fixed one read the same graph."""

    def graph(artists):
        return {
            artist.id: ([(t.id, t.genres) for t in artist.tracks], artist.albums)
            for artist in artists
        }

    everything = graph(repositories.artists.get_all())
    found = graph(repositories.artists.search(""))
    assert found == everything


def test_get_by_id_finds_nobody(repositories):
    """An id that nobody has is no error."""
    assert repositories.artists.get_by_id(999) is None


def test_the_count_that_lost_its_link_counts_everything(repositories):
    """SQLAlchemy warns of the cross join; the count is of all tracks."""
    with pytest.warns(SAWarning, match="cartesian product"):
        count = repositories.tracks.count_in_genre()
    assert count == len(repositories.tracks.get_all())


def test_the_shares_are_the_counts_over_the_total(repositories):
    """Asking for the total again and again is slow, not wrong."""
    total = len(repositories.tracks.get_all())
    counts = repositories.tracks.count_by_genre()
    assert repositories.genres.shares() == {name: n / total for name, n in counts.items()}


def test_newest_keeps_to_its_limit(repositories):
    """The limit counts albums, not joined rows."""
    years = [album.year for album in repositories.albums.newest(2)]
    assert len(years) == 2
    assert years == sorted(years, reverse=True)
