"""The rows of a library, block by block; a block is worked out, written and forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, cycle, repeat
from random import Random

from qprof.seeding.library.dealing import TracksByGenre, by_weight, dealt, genre_dealer
from qprof.seeding.library.distributions import (
    Popularity,
    Shuffle,
    batches,
    constant,
    cycle_slice,
    is_chosen,
    quantiles,
    run_of_quantiles,
)
from qprof.seeding.library.recipe import Recipe, Sizes
from qprof.seeding.library.vocabulary import Vocabulary, genre_names, make_vocabulary


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
        cycle_slice(words.countries, artists.start, len(artists)),
        [1950 + artist * 29 % 70 for artist in artists],
        [f"https://images.example/artists/{artist}.jpg" for artist in artists],
        cycle_slice(words.biographies, artists.start, len(artists)),
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


_TRACKS_PER_BATCH = 20_000
_ENTRIES_PER_BATCH = 50_000
_BITRATES = (128, 192, 256, 320, 320, 880, 1411)


@dataclass(frozen=True)
class Block:
    """Some rows of one table, as columns in the order of the table."""

    table: str
    columns: tuple[Sequence[object], ...]


class Content:
    """Deals out everything that a recipe holds; the same arguments deal the same rows.

    Each part has a source of chance of its own, seeded by text: a number would do for its negative
    too, and a shared source would change the albums when somebody changes the genres.
    """

    def __init__(self, recipe: Recipe, sizes: Sizes, seed: int) -> None:
        self._recipe, self._sizes, self._seed = recipe, sizes, seed
        self._words: Vocabulary = make_vocabulary(f"{seed}/words")
        self._artist_chance = self._chance("artists")
        self._track_chance = self._chance("tracks")
        self._ranks = Shuffle.of(sizes.artists, self._artist_chance)
        self._album_start = self._artist_chance.random()
        self._durations = [int(self._track_chance.triangular(45, 720, 215)) for _ in range(509)]
        self._plays = [int(self._track_chance.paretovariate(0.8)) % 10_000 - 1 for _ in range(251)]
        self._albums = self._tracks = 0
        self._by_genre = TracksByGenre(recipe.genres)

    def _chance(self, part: str) -> Random:
        return Random(f"{self._seed}/{part}")

    def blocks(self) -> Iterator[Block]:
        """Deal every row once, parents before children."""
        names = genre_names(self._recipe.genres, self._words.adjectives)
        yield Block("genres", (range(1, len(names) + 1), names))
        yield from self._artist_blocks()
        yield from self._playlist_blocks()

    def _artist_blocks(self) -> Iterator[Block]:
        recipe = self._recipe
        genres = genre_dealer(recipe, self._chance("genres"))
        size = max(1, int(_TRACKS_PER_BATCH / max(1.0, recipe.mean_tracks)))
        for first, count in batches(self._sizes.artists, size):
            artists = range(first, first + count)
            ranks = [self._ranks[index - 1] for index in artists]
            yield Block("artists", artist_columns(artists, ranks, recipe.the_artists, self._words))
            sizes = quantiles(ranks, self._sizes.artists, self._artist_chance)
            albums, tracks, owners, homes = self._discography(artists, sizes)
            yield albums
            yield self._track_block(tracks, homes)
            yield self._credits(tracks, owners)
            drawn = genres(sizes, len(tracks))
            if recipe.tracklists is not None:
                self._by_genre.add(tracks, drawn)
            yield Block("track_genres", (_spread(tracks, map(len, drawn)), _joined(drawn)))

    def _discography(
        self, artists: range, sizes: Sequence[float]
    ) -> tuple[Block, range, list[int], Sequence[int | None]]:
        """Deal the albums of some artists; then the ids, artists and albums of their tracks.

        One quantile says how large an artist is: who has many albums has many tracks.
        """
        recipe = self._recipe
        kinds = recipe.discographies.at(sizes) if recipe.discographies is not None else None
        album_counts = (
            [kind.albums for kind in kinds] if kinds else recipe.albums_per_artist.at(sizes)
        )
        albums = range(self._albums + 1, self._albums + sum(album_counts) + 1)
        album_artists = _spread(artists, album_counts)
        homes: Sequence[int | None]
        if kinds:
            counts = [kind.tracks for kind in kinds]
            owners = _spread(artists, counts)
            homes = self._apportioned(albums, album_counts, counts)
        elif recipe.tracks_per_artist is not None:
            counts = recipe.tracks_per_artist.at(sizes)
            owners = _spread(artists, counts)
            homes = dealt(albums, album_counts, counts)
        else:
            points = run_of_quantiles(self._albums, len(albums), self._album_start)
            counts = (recipe.tracks_per_album or constant(0)).at(points)
            owners, homes = _spread(album_artists, counts), _spread(albums, counts)
        tracks = range(self._tracks + 1, self._tracks + len(owners) + 1)
        block = self._album_block(albums, album_artists)
        self._albums, self._tracks = self._albums + len(albums), tracks.stop - 1
        return block, tracks, owners, homes

    def _apportioned(
        self, albums: range, album_counts: list[int], counts: list[int]
    ) -> list[int | None]:
        """Deal the tracks of each artist to its albums as unevenly as `tracks_per_album` is."""
        uneven = self._recipe.tracks_per_album
        if uneven is None:
            return dealt(albums, album_counts, counts)
        weights = uneven.at(run_of_quantiles(self._albums, len(albums), self._album_start))
        return by_weight(albums, album_counts, counts, weights)

    def _album_block(self, albums: range, artists: Sequence[int]) -> Block:
        count, words = len(albums), self._words
        titles = cycle_slice(words.titles[::-1], albums.start, count)
        years = [1960 + number * 37 % 65 for number in albums]
        covers = [f"https://covers.example/{number}.jpg" for number in albums]
        labels = cycle_slice(words.labels, albums.start, count)
        return Block("albums", (albums, artists, titles, years, labels, covers))

    def _track_block(self, tracks: range, homes: Sequence[int | None]) -> Block:
        first, count, words = tracks.start, len(tracks), self._words
        columns = (
            tracks,
            homes,
            cycle_slice(words.titles, first, count),
            cycle_slice(self._durations, first, count),
            cycle_slice(_BITRATES, first, count),
            list(map("/music/{:08d}.flac".format, tracks)),
            cycle_slice(self._plays, first, count),
            cycle_slice(words.moments, first, count),
        )
        return Block("tracks", columns)

    def _credits(self, tracks: range, owners: list[int]) -> Block:
        guests = self._recipe.guests_per_track
        if not guests.most:
            return Block("track_artists", (tracks, owners))
        chance, others = self._track_chance, range(1, self._sizes.artists)
        counts = guests.at(chance.random() for _ in tracks)
        lineups = [
            sorted([owner, *(self._other(owner, step) for step in chance.sample(others, count))])
            if count
            else [owner]
            for owner, count in zip(owners, counts, strict=True)
        ]
        return Block("track_artists", (_spread(tracks, map(len, lineups)), _joined(lineups)))

    def _other(self, artist: int, step: int) -> int:
        return (artist - 1 + step) % self._sizes.artists + 1

    def _playlist_blocks(self) -> Iterator[Block]:
        recipe, total, chance = self._recipe, self._sizes.playlists, self._chance("playlists")
        ranks = Shuffle.of(total, chance)
        shuffle = Shuffle.of(self._tracks, chance)
        popularity = Popularity(self._tracks, recipe.track_skew, chance, shuffle)
        size = max(1, int(_ENTRIES_PER_BATCH / max(1.0, recipe.mean_entries)))
        for first, count in batches(total, size):
            playlists = range(first, first + count)
            points = quantiles([ranks[index - 1] for index in playlists], total, chance)
            if recipe.tracklists is None:
                counts = recipe.tracks_per_playlist.at(points)
                entries = [popularity.choose(each) for each in counts]
            else:
                kinds = recipe.tracklists.at(points)
                entries = [self._by_genre.choose(kind, chance) for kind in kinds]
            yield self._playlist_block(playlists)
            yield Block(
                "playlist_tracks", (_spread(playlists, map(len, entries)), _joined(entries))
            )

    def _playlist_block(self, playlists: range) -> Block:
        first, count, words = playlists.start, len(playlists), self._words
        names = [f"{noun} {number}" for noun, number in zip(cycle(words.nouns), playlists)]
        owners = cycle_slice(words.first_names, first, count)
        return Block(
            "playlists", (playlists, names, owners, cycle_slice(words.moments, first, count))
        )


def _spread(items: Sequence[int], counts: Sequence[int] | map[int]) -> list[int]:
    """Repeat each item as often as its count says."""
    return list(chain.from_iterable(map(repeat, items, counts)))


def _joined(groups: Sequence[list[int]]) -> list[int]:
    return list(chain.from_iterable(groups))
