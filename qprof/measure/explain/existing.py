"""The indexes that a table has already."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
