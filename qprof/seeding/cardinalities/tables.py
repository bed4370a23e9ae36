"""The tables of a user's database, and which of them hold artists, albums, tracks and so on."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from sqlalchemy import Connection, inspect

from qprof.domain.errors import QprofError
from qprof.domain.registry import unknown

THINGS = ("artists", "albums", "tracks", "genres", "playlists")
LINKS = ("track_artists", "track_genres", "playlist_tracks")
REQUIRED = ("artists", "tracks")


@dataclass(frozen=True)
class Reference:
    """A foreign key of one column: the column, and the table and column that it names."""

    column: str
    table: str
    key: str


@dataclass(frozen=True)
class Table:
    """A table by its primary key and its foreign keys; nothing else of it is looked at."""

    name: str
    key: tuple[str, ...]
    references: tuple[Reference, ...]


def read_tables(connection: Connection) -> dict[str, Table]:
    """Return the tables of the default schema by name; views are none of them."""
    inspector = inspect(connection)
    keys, references = inspector.get_multi_pk_constraint(), inspector.get_multi_foreign_keys()
    return {
        name: Table(
            name,
            tuple(keys[schema, name]["constrained_columns"] if (schema, name) in keys else ()),
            tuple(_references(references.get((schema, name), ()))),
        )
        for schema, name in sorted(keys, key=str)
    }


def _references(found: Iterable[Mapping[str, object]]) -> Iterable[Reference]:
    for each in found:
        own, other = each["constrained_columns"], each["referred_columns"]
        if isinstance(own, list) and isinstance(other, list) and len(own) == len(other) == 1:
            yield Reference(own[0], str(each["referred_table"]), other[0])


def check_mapping(mapping: Mapping[str, str], tables: Mapping[str, Table]) -> None:
    """Raise QprofError for a thing or a table that does not exist."""
    for thing, name in mapping.items():
        if thing not in THINGS + LINKS:
            raise unknown("key", thing, THINGS + LINKS, "in --map")
        if name not in tables:
            raise unknown("table", name, tables, "in the database")


def match(mapping: Mapping[str, str], tables: Mapping[str, Table]) -> dict[str, Table]:
    """Return the table of each thing that there is one of.

    A table is found by its name, singular or plural, whatever its case; else by its last word
    (`shop_artist`). Raises QprofError where artists or tracks are missing, or two tables could be
    meant.
    """
    check_mapping(mapping, tables)
    found = {
        thing: tables[mapping[thing]] if thing in mapping else _by_name(thing, tables)
        for thing in THINGS
    }
    for thing in REQUIRED:
        if found[thing] is None:
            raise _missing(thing, tables)
    return {thing: table for thing, table in found.items() if table is not None}


def _by_name(thing: str, tables: Mapping[str, Table]) -> Table | None:
    word = singular(thing)
    exact = [table for table in tables.values() if singular(table.name) == word]
    chosen = exact or _by_last_word(word, tables.values())
    if len(chosen) > 1:
        names = " or ".join(table.name for table in chosen)
        raise QprofError(
            f"The {thing} could be in {names}; say which, for example "
            f"--map {thing}={chosen[0].name}."
        )
    return chosen[0] if chosen else None


def _by_last_word(word: str, tables: Iterable[Table]) -> list[Table]:
    """Return the tables of the fewest words: those of more may link two things."""
    found = [table for table in tables if singular(_words(table.name)[-1]) == word]
    fewest = min((len(_words(table.name)) for table in found), default=0)
    return [table for table in found if len(_words(table.name)) == fewest]


def singular(name: str) -> str:
    """Return `name` in small letters, without what separates words, and without a plural's s."""
    return re.sub(r"[^a-z0-9]", "", name.lower()).removesuffix("s")


def _words(name: str) -> list[str]:
    return re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", name) or [name]


def _missing(thing: str, tables: Mapping[str, Table]) -> QprofError:
    names = {name.lower(): name for name in tables}
    close = get_close_matches(thing, names, n=1)
    example = names[close[0]] if close else "TABLE"
    return QprofError(
        f"No table of the database is named after {thing}; add --map {thing}={example}. "
        f"Tables: {listed(list(tables))}."
    )


def listed(names: Sequence[str]) -> str:
    """Return the first 20 names and how many more there are."""
    more = f" and {len(names) - 20:,} more" if len(names) > 20 else ""
    return (", ".join(names[:20]) or "none") + more
