"""Seeds a recipe in memory and counts it, to say how far it is from what was read."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from qprof.seeding.cardinalities.counts import ARTIST, GENRE, PLAYLIST, TRACK, Joint
from qprof.seeding.library.content import Content
from qprof.seeding.library.recipe import Recipe
from qprof.seeding.library.sizes import scaled

MOST_ROWS = 200_000
"""A recipe of more rows is tried at a smaller scale."""


def scale_for(recipe: Recipe) -> float:
    """Return the scale to try `recipe` at: 1, or less where it makes more than `MOST_ROWS`."""
    rows = scaled(recipe, 1.0).expected_rows
    return 1.0 if rows <= MOST_ROWS else MOST_ROWS / rows


def rehearse(recipe: Recipe, scale: float, seed: int) -> Mapping[str, Joint]:
    """Return the pairs of counts of the library that `seed` and `scale` would make."""
    seeded = _Seeded()
    sizes = scaled(recipe, scale)
    for block in Content(recipe, sizes, seed).blocks():
        seeded.take(block.table, block.columns)
    return seeded.pairs(sizes.artists, recipe.genres, sizes.playlists)


class _Seeded:
    """Counts the rows as they come; of a row only its keys are looked at."""

    def __init__(self) -> None:
        self._tracks = 0
        self._artists_of: dict[object, list[object]] = defaultdict(list)
        self._genres_of: dict[object, list[object]] = defaultdict(list)
        self._albums: Counter[object] = Counter()
        self._lists: Counter[object] = Counter()
        self._entries: dict[object, list[object]] = defaultdict(list)

    def take(self, table: str, columns: tuple[object, ...]) -> None:
        keys: list[list[object]] = [list(each) for each in columns[:2]]  # type: ignore[call-overload]
        if table == "albums":
            self._albums.update(keys[1])
        elif table == "tracks":
            self._tracks += len(keys[0])
        elif table in ("track_artists", "track_genres", "playlist_tracks"):
            for one, other in zip(*keys, strict=True):
                self._pairs_of(table)[one].append(other)

    def _pairs_of(self, table: str) -> dict[object, list[object]]:
        named = {"track_artists": self._artists_of, "track_genres": self._genres_of}
        return named.get(table, self._entries)

    def pairs(self, artists: int, genres: int, playlists: int) -> dict[str, Joint]:
        return {
            ARTIST: self._of_artists(artists),
            GENRE: self._of_genres(genres),
            PLAYLIST: self._of_playlists(playlists),
            TRACK: self._of_tracks(),
        }

    def _of_artists(self, artists: int) -> Joint:
        tracks = Counter(artist for own in self._artists_of.values() for artist in own)
        return Counter((self._albums[each], tracks[each]) for each in range(1, artists + 1))

    def _of_genres(self, genres: int) -> Joint:
        tracks: Counter[object] = Counter()
        artists: dict[object, set[object]] = defaultdict(set)
        for track, own in self._genres_of.items():
            tracks.update(own)
            for genre in own:
                artists[genre].update(self._artists_of[track])
        return Counter((tracks[each], len(artists[each])) for each in range(1, genres + 1))

    def _of_playlists(self, playlists: int) -> Joint:
        return Counter(
            (len(own), len({genre for track in own for genre in self._genres_of[track]}))
            for own in (self._entries.get(each, []) for each in range(1, playlists + 1))
        )

    def _of_tracks(self) -> Joint:
        lists = Counter(track for own in self._entries.values() for track in own)
        return Counter(
            (lists[each], len(self._genres_of.get(each, ()))) for each in range(1, self._tracks + 1)
        )
