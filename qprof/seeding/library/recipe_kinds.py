"""Reading the keys of a recipe that are lists: kinds of artists and playlists, sizes of genres.

A reader raises `ValueError` as those of `recipe_values` do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TypeVar

from qprof.seeding.library.recipe import Discography, Kinds, Tracklist
from qprof.seeding.library.recipe_values import MOST_CHILDREN, nearest, shown, whole

MOST_KINDS = 10_000
MOST_GENRES = 10_000
_MOST_PARENTS = 10_000_000
_Kind = TypeVar("_Kind", Discography, Tracklist)


def discographies(value: object) -> Kinds[Discography]:
    """Read the kinds of artists; where `genre` is named, all tracks are of it unless said."""
    counted = [_entry(each, n, "artists", Discography) for n, each in _entries(value, "artists")]
    return Kinds.of([(_with_genre(kind, n), much) for n, (kind, much) in enumerate(counted, 1)])


def tracklists(value: object) -> Kinds[Tracklist]:
    """Read the kinds of playlists."""
    entries = _entries(value, "playlists")
    return Kinds.of([_entry(each, n, "playlists", Tracklist) for n, each in entries])


def genre_tracks(value: object) -> tuple[int, ...]:
    """Read how many tracks each genre has, from the largest on; only their ratios count."""
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_GENRES:
        raise ValueError(
            f"must be a list of 1 to {MOST_GENRES:,} whole numbers, not {shown(value)}; "
            "write for example [120, 40, 8]"
        )
    read = tuple(map(whole(0, 1_000_000_000), value))
    if list(read) != sorted(read, reverse=True) or not read[0]:
        raise ValueError("must start with the largest genre and descend; write [120, 40, 8]")
    return read


def _entries(value: object, parents: str) -> list[tuple[int, object]]:
    if isinstance(value, list) and 1 <= len(value) <= MOST_KINDS:
        return list(enumerate(value, 1))
    raise ValueError(
        f"must be a list of 1 to {MOST_KINDS:,} tables, not {shown(value)}; "
        f"write for example [{{{parents} = 5, tracks = 10}}]"
    )


def _entry(value: object, place: int, parents: str, kind: type[_Kind]) -> tuple[_Kind, int]:
    names = [parents, *(field.name for field in fields(kind))]
    if not isinstance(value, Mapping) or parents not in value:
        example = f"write for example {{{parents} = 5, tracks = 10}}"
        raise ValueError(f'has an entry {place} without "{parents}", {shown(value)}; {example}')
    read: dict[str, int] = {}
    for name, number in value.items():
        if name not in names:
            advice = nearest(name, names)
            raise ValueError(f'has no part "{name}" in its entry {place}; {advice}')
        try:
            read[name] = _whole(name, parents, number)
        except ValueError as problem:
            raise ValueError(f'has an entry {place} whose "{name}" {problem}') from None
    much = read.pop(parents)
    return kind(**read), much


def _whole(name: str, parents: str, value: object) -> int:
    bounds = (1, _MOST_PARENTS) if name == parents else (0, MOST_CHILDREN)
    return whole(*bounds)(value)


def _with_genre(kind: Discography, place: int) -> Discography:
    """Fill in what an entry leaves out of its genres, and refuse what cannot be."""
    if kind.of_genre > kind.tracks:
        raise ValueError(
            f"has an entry {place} with {kind.of_genre} tracks of its main genre, of "
            f"{kind.tracks} in all; set of_genre to {kind.tracks} or less"
        )
    if not kind.genre:
        if kind.genres or kind.of_genre:
            raise ValueError(
                f"has an entry {place} with genres and no main genre; add genre = 1, or a "
                "higher rank"
            )
        return kind
    of_genre = kind.of_genre or kind.tracks
    return Discography(kind.tracks, kind.albums, kind.genre, of_genre, max(1, kind.genres))
