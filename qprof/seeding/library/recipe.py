"""What a library holds."""

from dataclasses import dataclass

from qprof.seeding.library.distributions import Distribution, constant
from qprof.seeding.library.kinds import Discography, Kinds, Tracklist

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
