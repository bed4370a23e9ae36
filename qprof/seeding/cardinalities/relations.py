"""How the tables hang together: foreign keys, and link tables that hold two of them.

Each relation is a subselect of two columns, `one` and `other`, that all counting starts from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import CTE, ColumnElement, FromClause, case, column, func, select, table

from qprof.domain.errors import QprofError
from qprof.seeding.cardinalities.tables import Reference, Table, singular


@dataclass(frozen=True)
class Keyed:
    """The table of a thing, and the column of its primary key."""

    table: str
    key: str


@dataclass(frozen=True)
class Pairs:
    """The two columns whose values pair things; a row that lacks one of them pairs nothing."""

    table: str
    left: str
    right: str
    is_link: bool = False


@dataclass
class Relations:
    """What was found; None where the database has nothing of the kind."""

    things: dict[str, Keyed]
    album_artist: Pairs | None = None
    track_album: Pairs | None = None
    track_artist: Pairs | None = None
    """None where an artist's tracks come through its albums."""
    track_genre: Pairs | None = None
    playlist_track: Pairs | None = None
    notes: list[str] = field(default_factory=list)
    """A sentence for each thing that is not there, or that was taken from elsewhere."""


def relate(
    found: Mapping[str, Table], mapping: Mapping[str, str], tables: Mapping[str, Table]
) -> Relations:
    """Return the relations between the tables `found`.

    Raises QprofError for a table whose key is not one column, for two link tables of which either
    may be meant, and where no way leads from artists to tracks.
    """
    relations = Relations({thing: _keyed(table) for thing, table in found.items()})
    links = _Links(found, mapping, tables, relations.notes)
    relations.album_artist = links.between("albums", "artists")
    relations.track_album = links.between("tracks", "albums")
    relations.track_artist = links.between("tracks", "artists", "track_artists")
    relations.track_genre = links.between("tracks", "genres", "track_genres")
    relations.playlist_track = links.between("playlists", "tracks", "playlist_tracks")
    _check_way(relations, found)
    relations.notes += _missing(relations)
    return relations


def _keyed(table: Table) -> Keyed:
    if len(table.key) == 1:
        return Keyed(table.name, table.key[0])
    what = f"a primary key of {len(table.key)} columns" if table.key else "no primary key"
    raise QprofError(
        f"The table {table.name} has {what}, and one column is needed to count by; "
        "name another table with --map."
    )


@dataclass
class _Links:
    found: Mapping[str, Table]
    mapping: Mapping[str, str]
    tables: Mapping[str, Table]
    notes: list[str]

    def between(self, left: str, right: str, link: str = "") -> Pairs | None:
        """Return what pairs two things: the link table named after both, a foreign key, a link.

        A foreign key of a playlist is no list of its tracks.
        """
        if left not in self.found or right not in self.found:
            return None
        one, other = self.found[left], self.found[right]
        chosen = self._mapped(one, other, link) if link in self.mapping else None
        linking = [table for table in self.tables.values() if self._joins(table, one, other)]
        named = [table for table in linking if _is_named_after(table, one, other)]
        has_key = bool(_ends(one, other)) and left != "playlists"
        if chosen is None and len(named) == 1:
            chosen = named[0]
        if link == "track_artists" and self._through_albums():
            linking = [table for table in linking if _is_pure(table, one, other)]
        if chosen is None and not has_key and linking:
            chosen = _only(linking, one, other, link)
        if chosen is not None:
            ends = self._end(chosen, one), self._end(chosen, other)
            return Pairs(chosen.name, ends[0].column, ends[1].column, is_link=True)
        return Pairs(one.name, one.key[0], self._end(one, other).column) if has_key else None

    def _through_albums(self) -> bool:
        albums = self.found.get("albums")
        ends = albums and _ends(self.found["tracks"], albums)
        return bool(albums and ends and _ends(albums, self.found["artists"]))

    def _mapped(self, one: Table, other: Table, name: str) -> Table:
        table = self.tables[self.mapping[name]]
        for end in (one, other):
            if not _ends(table, end):
                raise QprofError(
                    f"--map {name}={table.name}: the table has no foreign key to {end.name}; "
                    "name one that links the two."
                )
        return table

    def _joins(self, table: Table, one: Table, other: Table) -> bool:
        things = {each.name for each in self.found.values()}
        return table.name not in things and bool(_ends(table, one) and _ends(table, other))

    def _end(self, table: Table, other: Table) -> Reference:
        """Return the foreign key to `other`: of several, the one named after it."""
        ends = _ends(table, other)
        if len(ends) > 1:
            ends.sort(
                key=lambda end: (singular(other.name) not in singular(end.column), end.column)
            )
            self.notes.append(
                f"{table.name} refers to {other.name} by {len(ends)} columns; "
                f"{ends[0].column} was read."
            )
        return ends[0]


def _is_pure(table: Table, one: Table, other: Table) -> bool:
    """Return whether the key of a table is that of the two things, and nothing else."""
    columns = {end.column for end in (*_ends(table, one), *_ends(table, other))}
    return len(table.key) == 2 and set(table.key) <= columns


def _only(linking: list[Table], one: Table, other: Table, name: str) -> Table:
    if len(linking) == 1:
        return linking[0]
    candidates = " or ".join(table.name for table in linking)
    key = f"--map {name}={linking[0].name}" if name else "--map with another table"
    raise QprofError(f"{candidates} could link {one.name} to {other.name}; say which: {key}.")


def _ends(table: Table, other: Table) -> list[Reference]:
    return [
        each for each in table.references if each.table == other.name and (each.key,) == other.key
    ]


def _is_named_after(table: Table, one: Table, other: Table) -> bool:
    name = singular(table.name)
    words = singular(one.name), singular(other.name)
    return name.removeprefix(words[0]).removeprefix("s") == words[1] or (
        name.removeprefix(words[1]).removeprefix("s") == words[0]
    )


def _check_way(relations: Relations, found: Mapping[str, Table]) -> None:
    through_albums = relations.track_album and relations.album_artist
    if not relations.track_artist and not through_albums:
        artists, tracks = found["artists"].name, found["tracks"].name
        raise QprofError(
            f"No foreign key leads from {tracks} to {artists}, neither through a link table nor "
            "through albums; name the right tables, for example --map track_artists=TABLE."
        )


def _missing(relations: Relations) -> list[str]:
    has = relations.things
    said = {
        "There are no albums: none are made.": not relations.album_artist,
        "No foreign key leads from tracks to albums: an artist's tracks are spread over its albums "
        "evenly.": relations.album_artist and not relations.track_album,
        "There is no link from tracks to artists: an artist's tracks come through its "
        "albums.": not relations.track_artist,
        "A track has one artist at most: it is a foreign key.": relations.track_artist
        and not relations.track_artist.is_link,
        "A track has one genre at most: it is a foreign key.": relations.track_genre
        and not relations.track_genre.is_link,
        "There are no genres of tracks: those of the base recipe are kept.": not (
            relations.track_genre
        ),
        "There are no playlists: none are made.": "playlists" not in has,
        "No link leads from playlists to tracks: they are made empty.": "playlists" in has
        and not relations.playlist_track,
    }
    return [sentence for sentence, holds in said.items() if holds]


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
