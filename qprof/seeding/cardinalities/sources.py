"""Relations as subselects of two columns, `one` and `other`, that all counting starts from."""

from functools import cached_property
from typing import Any

from sqlalchemy import CTE, ColumnElement, FromClause, case, column, func, select, table

from qprof.seeding.cardinalities.relations import Keyed, Pairs, Relations


def pairs(of: Pairs, name: str) -> CTE:
    """Return the distinct pairs, those with a NULL left out."""
    source = table(of.table, column(of.left), column(of.right))
    one, other = source.c[of.left], source.c[of.right]
    chosen = select(one.label("one"), other.label("other")).distinct()
    return chosen.where(one.is_not(None), other.is_not(None)).cte(name)


def keys(thing: Keyed, name: str) -> CTE:
    """Return every key of a thing as `one`."""
    source = table(thing.table, column(thing.key))
    return select(source.c[thing.key].label("one")).cte(name)


def tally(of: FromClause, name: str, by: str = "one") -> CTE:
    """Return how many pairs each `one` has (or each `other`), as `one` and `n`."""
    chosen = select(of.c[by].label("one"), func.count().label("n"))
    return chosen.group_by(of.c[by]).cte(name)


class Sources:
    """The relations of one database; what it does not have is None."""

    def __init__(self, relations: Relations) -> None:
        self._relations, self._things = relations, relations.things

    def keys(self, thing: str) -> CTE:
        """Return every key of `thing`, which the database has."""
        return keys(self._things[thing], f"every_{thing}")

    @cached_property
    def albums(self) -> CTE | None:
        """Album and artist."""
        found = self._relations.album_artist
        return pairs(found, "album_artists_found") if found else None

    @cached_property
    def homes(self) -> CTE | None:
        """Track and album."""
        found = self._relations.track_album
        return pairs(found, "track_albums_found") if found else None

    @cached_property
    def genres(self) -> CTE | None:
        """Track and genre."""
        found = self._relations.track_genre
        return pairs(found, "track_genres_found") if found else None

    @cached_property
    def entries(self) -> CTE | None:
        """Playlist and track, however often the track is in it."""
        found = self._relations.playlist_track
        return pairs(found, "playlist_tracks_found") if found else None

    @cached_property
    def credits(self) -> CTE:
        """Track and artist, all of them."""
        if self._relations.track_artist:
            return pairs(self._relations.track_artist, "track_artists_found")
        return self._through_albums

    @cached_property
    def owners(self) -> CTE:
        """Track and the one artist that it counts for: the album's, else the first by key."""
        credits = self.credits
        chosen = select(credits.c.one, credits.c.other)
        order: list[ColumnElement[Any]] = [credits.c.other]
        if self._has_albums and self._relations.track_artist:
            through = self._through_albums
            same = (through.c.one == credits.c.one) & (through.c.other == credits.c.other)
            chosen = chosen.outerjoin(through, same)
            order.insert(0, case((through.c.one.is_not(None), 0), else_=1))
        place = func.row_number().over(partition_by=credits.c.one, order_by=order)
        ranked = chosen.add_columns(place.label("place")).cte("ranked_artists")
        return select(ranked.c.one, ranked.c.other).where(ranked.c.place == 1).cte("owners")

    @property
    def _has_albums(self) -> bool:
        return self.homes is not None and self.albums is not None

    @cached_property
    def _through_albums(self) -> CTE:
        homes, albums = self.homes, self.albums
        assert homes is not None
        assert albums is not None
        chosen = select(homes.c.one, albums.c.other).join(albums, albums.c.one == homes.c.other)
        return chosen.distinct().cte("artists_of_albums")
