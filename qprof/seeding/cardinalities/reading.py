"""Counts a database: a few SELECTs in one read-only transaction, of which numbers come back."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from qprof.domain.errors import MeasureError
from qprof.seeding.cardinalities import queries
from qprof.seeding.cardinalities.counts import (
    ARTIST,
    GENRE,
    PLAYLIST,
    TRACK,
    Counts,
    Histogram,
    Joint,
)
from qprof.seeding.cardinalities.relations import Relations, Sources, relate
from qprof.seeding.cardinalities.tables import match, read_tables
from qprof.seeding.library.recipe import Discography, Tracklist
from qprof.targets.database import unreachable


@dataclass(frozen=True)
class Read:
    """A database as it was found: its relations, and its counts."""

    relations: Relations
    counts: Counts


def read(engine: Engine, mapping: Mapping[str, str]) -> Read:
    """Count the database of `engine`, whose tables are named by `mapping` or found by their names.

    Raises QprofError where tables or relations are missing, MeasureError where there is nothing
    to count or the database fails.
    """
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                # Its default lets each SELECT see what others committed in between.
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            tables = read_tables(connection)
            relations = relate(match(mapping, tables), mapping, tables)
            return Read(relations, _counts(connection, relations))
    except DBAPIError as error:
        raise unreachable(error, engine.url) from None


def _counts(connection: Connection, relations: Relations) -> Counts:
    sources = Sources(relations)
    ask = _Connection(connection)
    kinds = {Discography(*row): many for *row, many in ask.rows(queries.discographies(sources))}
    pairs = _pairs(ask, sources)
    counts = Counts(
        discographies=kinds,
        tracks_per_album=_tracks_per_album(ask, sources),
        guests_per_track=_guests(ask, sources, relations),
        genres_per_track=_genres_per_track(ask, sources),
        genre_tracks=_descending(pairs.get(GENRE, {})),
        tracklists=_tracklists(ask, sources, relations),
        pairs=pairs,
        tracks=ask.number(queries.every(sources, "tracks")),
    )
    _check(counts, relations)
    return counts


class _Connection:
    """Asks over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, query: queries.Counting) -> list[tuple[int, ...]]:
        return [tuple(int(each) for each in row) for row in self._connection.execute(query)]

    def number(self, query: queries.Counting) -> int:
        return self.rows(query)[0][0]

    def histogram(self, query: queries.Counting) -> Histogram:
        return {row[0]: row[1] for row in self.rows(query)}

    def joint(self, query: queries.Counting) -> Joint:
        return {(one, other): many for one, other, many in self.rows(query)}


def _pairs(ask: _Connection, sources: Sources) -> dict[str, Joint]:
    """Return the siblings of which the database has both."""
    albums, entries, genres = sources.albums, sources.entries, sources.genres
    found: dict[str, Joint] = {}
    if albums is not None:
        found[ARTIST] = ask.joint(queries.albums_and_tracks(sources, albums))
    if genres is not None:
        found[GENRE] = ask.joint(queries.tracks_and_artists(sources, genres))
    if entries is not None and genres is not None:
        found[PLAYLIST] = ask.joint(queries.tracks_and_genres(sources, entries, genres))
        found[TRACK] = ask.joint(queries.playlists_and_genres(sources, entries, genres))
    return found


def _tracks_per_album(ask: _Connection, sources: Sources) -> Histogram | None:
    if sources.albums is None or sources.homes is None:
        return None
    return ask.histogram(queries.children(sources.keys("albums"), sources.homes, "other"))


def _guests(ask: _Connection, sources: Sources, relations: Relations) -> Histogram | None:
    if relations.track_artist is None or not relations.track_artist.is_link:
        return None
    return ask.histogram(queries.guests(sources))


def _genres_per_track(ask: _Connection, sources: Sources) -> Histogram | None:
    if sources.genres is None:
        return None
    return ask.histogram(queries.children(sources.keys("tracks"), sources.genres))


def _tracklists(ask: _Connection, sources: Sources, relations: Relations) -> dict[Tracklist, int]:
    if "playlists" not in relations.things:
        return {}
    if sources.entries is None:
        return {Tracklist(): ask.number(queries.every(sources, "playlists"))}
    query = queries.tracks_and_genres(sources, sources.entries, sources.genres)
    return {Tracklist(*row): many for *row, many in ask.rows(query)}


def _descending(joint: Joint) -> tuple[int, ...]:
    sizes = [tracks for (tracks, _), many in joint.items() for _ in range(many)]
    return tuple(sorted(sizes, reverse=True))


def _check(counts: Counts, relations: Relations) -> None:
    if not counts.owned_tracks:
        artists = relations.things["artists"].table
        raise MeasureError(
            f"There is nothing to count: no row of {artists} has a track. Name a database that "
            "holds data, or other tables with --map."
        )
