"""The rows of artists: bands with an article, bands without, and people."""

from __future__ import annotations

from collections.abc import Sequence

from qprof.seeding.library.spread import is_chosen, retold
from qprof.seeding.library.vocabulary import Vocabulary


def artist_columns(
    artists: range, ranks: Sequence[int], the_share: float, words: Vocabulary
) -> tuple[Sequence[object], ...]:
    """Deal the columns of some artists, whose `ranks` say how large each is (0: the largest).

    The article goes to large and small alike, beginning with the largest, so that a search for
    "The" meets the tail at any seed.
    """
    names = [
        _name(artist, is_chosen(rank, the_share), words)
        for artist, rank in zip(artists, ranks, strict=True)
    ]
    return (
        artists,
        [name for name, _ in names],
        [sort_name for _, sort_name in names],
        retold(words.countries, artists.start, len(artists)),
        [1950 + artist * 29 % 70 for artist in artists],
        [f"https://images.example/artists/{artist}.jpg" for artist in artists],
        retold(words.biographies, artists.start, len(artists)),
    )


def _name(artist: int, with_article: bool, words: Vocabulary) -> tuple[str, str]:
    """Name one artist, and say under which name to sort it."""
    band = f"{_pick(words.adjectives, artist)} {_pick(words.nouns, artist)}"
    if with_article:
        return f"The {band}", f"{band}, The"
    if artist % 2:
        return band, band
    first, last = _pick(words.first_names, artist), _pick(words.last_names, artist)
    return f"{first} {last}", f"{last}, {first}"


def _pick(pool: Sequence[str], artist: int) -> str:
    """Pick from a pool so that two pools of different length rarely pair the same again."""
    return pool[(artist + artist // len(pool)) % len(pool)]
