"""The SELECTs that count: each answers with numbers and how often they occur, never with a key."""

from typing import Any

from sqlalchemy import CTE, ColumnElement, FromClause, Select, case, func, literal_column, select

from qprof.seeding.cardinalities.relations import Sources, tally

Counting = Select[Any]
"""Columns of whole numbers; the last says how many parents have them."""


def discographies(sources: Sources) -> Counting:
    """Tracks, albums, main genre by rank, tracks of it, genres; artists."""
    artists, tracks = sources.keys("artists"), tally(sources.owners, "tracks_of_artist", "other")
    joined: FromClause = artists.outerjoin(tracks, tracks.c.one == artists.c.one)
    columns: dict[str, ColumnElement[Any] | None] = {"tracks": tracks.c.n}
    columns |= dict.fromkeys(("albums", "genre", "of_genre", "genres"))
    if sources.albums is not None:
        albums = tally(sources.albums, "albums_of_artist", "other")
        joined = joined.outerjoin(albums, albums.c.one == artists.c.one)
        columns["albums"] = albums.c.n
    if sources.genres is not None:
        main = _main_genres(sources, sources.genres)
        joined = joined.outerjoin(main, main.c.one == artists.c.one)
        columns |= {"genre": main.c.rank_, "of_genre": main.c.n, "genres": main.c.genres}
    return _counted(joined, columns)


def _main_genres(sources: Sources, genres: CTE) -> CTE:
    """Of each artist the genre of most of its tracks, by rank; of equals, the larger genre."""
    owners, ranks = sources.owners, _ranks(genres)
    chosen = select(owners.c.other.label("artist"), genres.c.other.label("genre"))
    chosen = chosen.add_columns(func.count().label("n"))
    # Grouped before the ranks are joined: SQLite would start from the ranks.
    each = chosen.select_from(owners.join(genres, genres.c.one == owners.c.one)).group_by(
        owners.c.other, genres.c.other
    )
    of_artists = each.cte("genres_of_artists")
    order = (of_artists.c.n.desc(), ranks.c.rank_)
    place = func.row_number().over(partition_by=of_artists.c.artist, order_by=order)
    columns = of_artists.c.artist.label("one"), ranks.c.rank_, of_artists.c.n
    joined = of_artists.join(ranks, ranks.c.one == of_artists.c.genre)
    placed = select(*columns, place.label("place")).select_from(joined).cte("placed_genres")
    return _first(placed)


def _ranks(genres: CTE) -> CTE:
    """Every genre with its rank by tracks, 1 the largest."""
    sizes = tally(genres, "sizes_of_genres", "other")
    rank = func.row_number().over(order_by=(sizes.c.n.desc(), sizes.c.one))
    return select(sizes.c.one, rank.label("rank_")).cte("ranks_of_genres")


def _first(placed: CTE) -> CTE:
    """Of each artist the genre in the first place, and how many there are.

    Grouped, not filtered: SQLite joins a filtered one without an index.
    """
    rank, n = (
        func.max(case((placed.c.place == 1, placed.c[name]))).label(name) for name in ("rank_", "n")
    )
    columns = placed.c.one, rank, n, func.count().label("genres")
    return select(*columns).group_by(placed.c.one).cte("main_genres")


def children(parents: CTE, pairs: CTE, by: str = "one") -> Counting:
    """Children; parents, those without children among them."""
    counts = tally(pairs, "children", by)
    joined = parents.outerjoin(counts, counts.c.one == parents.c.one)
    return _counted(joined, {"n": counts.c.n})


def every(sources: Sources, thing: str) -> Counting:
    """How many there are of `thing`."""
    return select(func.count()).select_from(sources.keys(thing))


def guests(sources: Sources) -> Counting:
    """Artists beside the first; tracks that have an artist."""
    counts = tally(sources.credits, "artists_of_track")
    return _counted(counts, {"n": counts.c.n - 1})


def albums_and_tracks(sources: Sources, albums: CTE) -> Counting:
    """Albums, tracks; artists."""
    artists, tracks = sources.keys("artists"), tally(sources.credits, "tracks_of_artist", "other")
    joined: FromClause = artists.outerjoin(tracks, tracks.c.one == artists.c.one)
    own = tally(albums, "albums_of_artist", "other")
    joined = joined.outerjoin(own, own.c.one == artists.c.one)
    return _counted(joined, {"albums": own.c.n, "tracks": tracks.c.n})


def tracks_and_artists(sources: Sources, genres: CTE) -> Counting:
    """Tracks, artists; genres."""
    credits = sources.credits
    return _both(
        sources.keys("genres"), genres, credits, on=("other", "one"), then=("one", "other")
    )


def tracks_and_genres(sources: Sources, entries: CTE, genres: CTE | None) -> Counting:
    """Tracks, genres; playlists."""
    playlists = sources.keys("playlists")
    if genres is None:
        counts = tally(entries, "entries")
        joined = playlists.outerjoin(counts, counts.c.one == playlists.c.one)
        return _counted(joined, {"tracks": counts.c.n, "genres": None})
    return _both(playlists, entries, genres, on=("one", "other"), then=("one", "other"))


def _both(
    parents: CTE, first: CTE, second: CTE, *, on: tuple[str, str], then: tuple[str, str]
) -> Counting:
    """Distinct children of `first`, and distinct children of these in `second`; parents."""
    joined = parents.outerjoin(first, first.c[on[0]] == parents.c.one)
    joined = joined.outerjoin(second, second.c[then[0]] == first.c[on[1]])
    many = func.count(first.c[on[1]].distinct()).label("a")
    further = func.count(second.c[then[1]].distinct()).label("b")
    each = select(many, further).select_from(joined).group_by(parents.c.one).subquery()
    return _counted(each, {"a": each.c.a, "b": each.c.b})


def playlists_and_genres(sources: Sources, entries: CTE, genres: CTE) -> Counting:
    """Playlists, genres; tracks."""
    tracks = sources.keys("tracks")
    lists = tally(entries, "playlists_of_track", "other")
    own = tally(genres, "genres_of_track")
    joined = tracks.outerjoin(lists, lists.c.one == tracks.c.one)
    joined = joined.outerjoin(own, own.c.one == tracks.c.one)
    return _counted(joined, {"playlists": lists.c.n, "genres": own.c.n})


def _counted(source: FromClause, columns: dict[str, ColumnElement[Any] | None]) -> Counting:
    """Count how often each combination occurs; a column that is None, or not there, is 0."""
    there = {
        name: func.coalesce(found, 0).label(name)
        for name, found in columns.items()
        if found is not None
    }
    inner = select(*there.values()).select_from(source).subquery()
    chosen = [inner.c[name] if name in there else literal_column("0") for name in columns]
    return select(*chosen, func.count()).group_by(*inner.c)
