"""Indexes: those that a table has, and the CREATE INDEX that a person runs, as text."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, inspect

_PARTIAL = ("postgresql_where", "sqlite_where")


@dataclass(frozen=True)
class Indexes:
    """What serves a table, and the names that are taken."""

    names: frozenset[str]
    columns: tuple[tuple[str, ...], ...]
    """Of each index that holds all rows, up to the first expression."""

    def serve(self, held: Collection[str], between: Sequence[str] = ()) -> bool:
        """Return whether one begins with the columns `held` in any order, and then `between`."""
        whole = len(held) + len(between)
        return any(
            set(each[: len(held)]) == set(held) and each[len(held) : whole] == tuple(between)
            for each in self.columns
        )


def indexes_of(connection: Connection, table: Table) -> Indexes:
    """Return the indexes of `table`. Raises what the database raises, and if there is no table."""
    asked = inspect(connection)
    known = asked.get_indexes(table.name, table.schema, include_auto_indexes=True)
    primary = asked.get_pk_constraint(table.name, table.schema)["constrained_columns"]
    full = (each for each in known if not any(map(each.get("dialect_options", {}).get, _PARTIAL)))
    return Indexes(
        names=frozenset(str(each["name"]) for each in known),
        columns=(tuple(primary), *(tuple(_columns(each)) for each in full)),
    )


def _columns(index: Mapping[str, Any]) -> Iterator[str]:
    for each in index["column_names"]:
        if each is None:
            return
        yield each


_FORMATTED = ("format", "pyformat")
_DIGITS = 8


def plain(connection: Connection, sql: str) -> str:
    """Return `sql` as it is without a driver that formats it, for which each % stands twice."""
    return sql.replace("%%", "%") if connection.dialect.paramstyle in _FORMATTED else sql


def create_index(
    connection: Connection, table: Table, columns: Sequence[str], taken: Collection[str] = ()
) -> str:
    """Return the statement that makes an index on `columns`, by a name that is not `taken`."""
    prepared = connection.dialect.identifier_preparer
    name = prepared.quote(_name(connection, f"ix_{table.name}_{'_'.join(columns)}", taken))
    on = prepared.format_table(table)
    if connection.dialect.name == "sqlite" and table.schema:
        # https://sqlite.org/lang_createindex.html: the schema is that of the index.
        name, on = f"{prepared.quote_schema(table.schema)}.{name}", prepared.quote(table.name)
    listed = ", ".join(map(prepared.quote, columns))
    return plain(connection, f"CREATE INDEX {name} ON {on} ({listed})")


def _name(connection: Connection, wanted: str, taken: Collection[str]) -> str:
    """Return `wanted`, numbered where it is taken, and shortened where it is too long.

    PostgreSQL allows 63 bytes, MariaDB and MySQL 64 characters.
    """
    dialect = connection.dialect
    most = dialect.max_index_name_length or dialect.max_identifier_length
    number, name = 1, wanted
    while (short := _shortened(name, most)) in taken:
        number += 1
        name = f"{wanted}_{number}"
    return short


def _shortened(name: str, most: int) -> str:
    """Return `name` within `most` bytes; what is cut off makes the difference in its digits."""
    if len(name.encode()) <= most:
        return name
    digits = sha256(name.encode()).hexdigest()[:_DIGITS]
    kept = name.encode()[: most - _DIGITS - 1].decode(errors="ignore")
    return f"{kept}_{digits}"
