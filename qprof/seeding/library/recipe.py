"""A recipe: what a library holds, and how large that is at a scale.

Checks combinations of values that are each valid alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Generic, TypeVar

from qprof.seeding.library.distributions import Distribution, constant, weighted
from qprof.seeding.library.library_error import RecipeError


@dataclass(frozen=True, order=True)
class Discography:
    """What an artist has. `genre` is the rank of its main genre, 1 the largest; 0 is none."""

    tracks: int = 0
    albums: int = 0
    genre: int = 0
    of_genre: int = 0
    """How many of the tracks are of the main genre."""
    genres: int = 0
    """How many genres its tracks have, the main one among them."""


@dataclass(frozen=True, order=True)
class Tracklist:
    """What a playlist has: tracks, and how many genres these have; 0 is any number of genres."""

    tracks: int = 0
    genres: int = 0


Kind = TypeVar("Kind", Discography, Tracklist)


@dataclass(frozen=True)
class Kinds(Generic[Kind]):
    """Kinds in ascending order, and how likely each place in that order is."""

    kinds: tuple[Kind, ...]
    places: Distribution

    @classmethod
    def of(cls, counted: Sequence[tuple[Kind, int]]) -> Kinds[Kind]:
        """Take each kind as often as there are parents of it; at least one kind."""
        inorder = sorted(counted)
        kinds = tuple(kind for kind, _ in inorder)
        return Kinds(kinds, weighted({i: float(n) for i, (_, n) in enumerate(inorder)}))

    def at(self, quantiles: Iterable[float]) -> list[Kind]:
        """Read the kind at each of the quantiles, which are in [0, 1); larger has more tracks."""
        return [self.kinds[place] for place in self.places.at(quantiles)]

    def chances(self) -> list[tuple[Kind, float]]:
        """Return each kind with its share of all parents."""
        before = (0.0, *self.places.cumulative)
        shares = [b - a for a, b in zip(before, self.places.cumulative, strict=False)]
        return list(zip(self.kinds, shares, strict=True))

    def mean(self, part: str) -> float:
        """Return the value to expect of one part of a kind, such as "tracks"."""
        return float(sum(getattr(kind, part) * share for kind, share in self.chances()))

    def most(self, part: str) -> int:
        """Return the largest value of one part of a kind."""
        return max(int(getattr(kind, part)) for kind in self.kinds)


MOST_ROWS = 200_000_000


@dataclass(frozen=True)
class Sizes:
    """How many artists and playlists there will be, and about how many rows in all."""

    artists: int
    playlists: int
    expected_rows: int


def scaled(recipe: Recipe, scale: float) -> Sizes:
    """Multiply the artists and playlists; what belongs to each of them, and genres, stay.

    Raises `RecipeError` if the scale is no number above 0, or leaves too few or too many rows.
    """
    if isinstance(scale, bool) or not isfinite(scale) or scale <= 0:
        raise RecipeError(
            f"The scale must be a number above 0, not {scale}; write for example 0.5."
        )
    if recipe.artists * scale > MOST_ROWS or recipe.playlists * scale > MOST_ROWS:
        raise RecipeError(_too_large(recipe, scale, recipe.artists * scale))
    artists = int(recipe.artists * scale + 0.5)
    playlists = max(int(recipe.playlists * scale + 0.5), min(1, recipe.playlists))
    rows = artists * _rows_per_artist(recipe)
    rows += playlists * (1 + recipe.mean_entries) + recipe.genres
    _check(recipe, scale, artists, rows)
    return Sizes(artists, playlists, int(rows))


def _rows_per_artist(recipe: Recipe) -> float:
    per_track = 2 + recipe.guests_per_track.mean + recipe.genres_per_track.mean
    return 1 + recipe.mean_albums + recipe.mean_tracks * per_track


def _check(recipe: Recipe, scale: float, artists: int, rows: float) -> None:
    needed = recipe.guests_per_track.most + 1
    if artists < needed:
        raise RecipeError(
            f"Scale {scale:g} leaves {artists} of the {recipe.artists} artists of recipe "
            f"{recipe.name}, which needs {needed}; use {needed / recipe.artists:.2g} or more."
        )
    if rows > MOST_ROWS:
        raise RecipeError(_too_large(recipe, scale, rows))


def _too_large(recipe: Recipe, scale: float, rows: float) -> str:
    return (
        f"Recipe {recipe.name} at scale {scale:g} makes about {rows:,.0f} rows, over the limit of "
        f"{MOST_ROWS:,}; use a scale below {scale * MOST_ROWS / rows:.2g}."
    )


_NONE, _ONE, TWO, TEN = constant(0), constant(1), constant(2), constant(10)


@dataclass(frozen=True)
class Recipe:
    """How large each table is and how its rows hang together.

    An artist has albums; its tracks are counted for the artist or for each album, whichever of the
    two is not None. Skews are exponents: the one at rank r is chosen with weight `r ** -skew`.
    Discographies say what an artist has of everything at once, and oust the first two; there
    `tracks_per_album` says only how unevenly an artist's tracks lie on its albums. Tracklists
    do the same for playlists. `genre_tracks` are weights by rank, in place of a skew.
    A recipe's `children` multiplies what each artist and each playlist has, and is worked into the
    distributions here.
    """

    name: str
    description: str = ""
    artists: int = 20
    the_artists: float = 0.0
    albums_per_artist: Distribution = TWO
    tracks_per_artist: Distribution | None = None
    tracks_per_album: Distribution | None = None
    guests_per_track: Distribution = _NONE
    genres: int = 10
    genres_per_track: Distribution = _ONE
    genre_skew: float = 0.0
    playlists: int = 0
    tracks_per_playlist: Distribution = _NONE
    track_skew: float = 0.0
    overrides: tuple[tuple[str, str], ...] = ()
    discographies: Kinds[Discography] | None = None
    genre_tracks: tuple[int, ...] = ()
    tracklists: Kinds[Tracklist] | None = None

    @property
    def mean_albums(self) -> float:
        """How many albums an artist has on average."""
        if self.discographies is not None:
            return self.discographies.mean("albums")
        return self.albums_per_artist.mean

    @property
    def most_genres(self) -> int:
        """The highest rank or number of genres that an artist or a playlist names."""
        artists = self.discographies and max(
            self.discographies.most("genre"), self.discographies.most("genres")
        )
        return max(artists or 0, self.tracklists.most("genres") if self.tracklists else 0)

    @property
    def mean_entries(self) -> float:
        """How many tracks a playlist has on average."""
        if self.tracklists is not None:
            return self.tracklists.mean("tracks")
        return self.tracks_per_playlist.mean

    @property
    def mean_tracks(self) -> float:
        """How many tracks an artist has on average."""
        if self.discographies is not None:
            return self.discographies.mean("tracks")
        if self.tracks_per_artist is not None:
            return self.tracks_per_artist.mean
        return self.albums_per_artist.mean * (self.tracks_per_album or TEN).mean


_EXCLUSIVE = (
    ("tracks_per_artist", "tracks_per_album", "both count the tracks"),
    ("tracks_per_artist", "discographies", "both count the tracks"),
    ("albums_per_artist", "discographies", "both count the albums"),
    ("tracks_per_playlist", "tracklists", "both count the entries of playlists"),
    ("genre_skew", "genre_tracks", "both say how large the genres are"),
)


def others(key: str) -> set[str]:
    """Return the keys that say in another way what `key` says."""
    return {each for *pair, _ in _EXCLUSIVE if key in pair for each in pair if each != key}


def check_keys(where: str, values: Mapping[str, object]) -> None:
    """Refuse two keys that say the same."""
    for one, other, what in _EXCLUSIVE:
        if one in values and other in values:
            raise RecipeError(f"The {where}: {one} and {other} {what}; keep one of them.")


def check(where: str, recipe: Recipe) -> None:
    """Refuse values that are each in order but contradict each other."""
    for wrong, sentence in _contradictions(recipe):
        if wrong:
            raise RecipeError(f"The {where}: {sentence}.")


def _contradictions(recipe: Recipe) -> list[tuple[bool, str]]:
    guests, genres = recipe.guests_per_track.most, recipe.genres_per_track.most
    return [
        (
            recipe.tracks_per_album is not None
            and recipe.tracks_per_album.most > 0
            and recipe.mean_albums == 0
            and recipe.discographies is None,
            "tracks_per_album needs albums, and albums_per_artist is 0; use tracks_per_artist",
        ),
        (
            genres > recipe.genres,
            f"genres_per_track goes up to {genres}, and genres is {recipe.genres}; "
            f"set genres to {genres} or more",
        ),
        (
            guests >= recipe.artists,
            f"guests_per_track goes up to {guests} other artists, and artists is "
            f"{recipe.artists}; set artists to {guests + 1} or more",
        ),
        (
            recipe.playlists > 0 and recipe.mean_entries > 0 and not recipe.mean_tracks,
            "tracks_per_playlist needs tracks, and there are none; set tracks_per_playlist to 0",
        ),
        *_genre_contradictions(recipe),
    ]


def _genre_contradictions(recipe: Recipe) -> list[tuple[bool, str]]:
    ranks, sizes = recipe.most_genres, len(recipe.genre_tracks)
    return [
        (
            ranks > recipe.genres,
            f"discographies or tracklists go up to genre {ranks}, and genres is {recipe.genres}; "
            f"set genres to {ranks} or more",
        ),
        (
            sizes not in (0, recipe.genres),
            f"genre_tracks has {sizes} genres, and genres is {recipe.genres}; "
            f"set genres to {sizes}",
        ),
    ]
