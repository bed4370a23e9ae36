"""What was counted: how many parents have how many children, and of two kinds at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from qprof.seeding.library.recipe import Discography, Tracklist

Histogram = Mapping[int, int]
"""How many parents have each number of children."""
Joint = Mapping[tuple[int, int], int]
"""How many parents have each pair of numbers of children, of two kinds."""

ARTIST = "artist: albums × tracks"
GENRE = "genre: tracks × artists"
PLAYLIST = "playlist: tracks × genres"
TRACK = "track: playlists × genres"


@dataclass(frozen=True)
class Counts:
    """Everything that is read of a database; None or empty where it has nothing of the kind."""

    discographies: Mapping[Discography, int]
    tracks_per_album: Histogram | None = None
    guests_per_track: Histogram | None = None
    """How many artists a track has beside the first."""
    genres_per_track: Histogram | None = None
    genre_tracks: tuple[int, ...] = ()
    """Tracks of each genre, descending."""
    tracklists: Mapping[Tracklist, int] = field(default_factory=dict)
    pairs: Mapping[str, Joint] = field(default_factory=dict)
    tracks: int = 0
    """All tracks; those that hang on no artist are in no discography."""

    @property
    def artists(self) -> int:
        """How many artists there are."""
        return sum(self.discographies.values())

    @property
    def owned_tracks(self) -> int:
        """How many tracks hang on an artist."""
        return sum(kind.tracks * many for kind, many in self.discographies.items())


def amplification(joint: Mapping[tuple[float, float], int] | Joint) -> float:
    """Return the rows of both kinds joined at once ÷ the rows needed, as docs/counting.md has it.

    Joined are Σ max(1, a) · max(1, b) over the parents, needed are the parents, Σ a and Σ b.
    """
    joined = sum(max(1, a) * max(1, b) * many for (a, b), many in joint.items())
    needed = sum((1 + a + b) * many for (a, b), many in joint.items())
    return joined / needed if needed else 0.0
