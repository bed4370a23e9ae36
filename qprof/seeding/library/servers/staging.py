"""The tables of a library under the names that they have while they are loaded.

They are bare: keys, indices and foreign keys come after the rows. The texts sort and compare byte
by byte, as SQLite's do, whatever the server's own collation is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Column, Index, MetaData, String, Table
from sqlalchemy.types import TypeEngine

from qprof.seeding.library.models import Base, LibraryInfo

NEW, OLD = "qprof_new_", "qprof_old_"
"""What the names of tables begin with that are not in place yet, or no more."""


def library_tables() -> list[Table]:
    """Every table of a library, parents before children."""
    return Base.metadata.sorted_tables


def content_tables() -> list[Table]:
    """Every table but the one that says how the library was made."""
    return [table for table in library_tables() if table.name != LibraryInfo.__tablename__]


def staged(table: Table, collation: str, *, key: bool, comment: str | None = None) -> Table:
    """Copy a table under its new name: its columns and, with `key`, its primary key."""
    columns = [
        Column(
            column.name,
            _collated(column.type, collation),
            nullable=column.nullable,
            primary_key=key and column.primary_key,
        )
        for column in table.columns
    ]
    return Table(
        f"{NEW}{table.name}",
        MetaData(),
        *columns,
        comment=comment,
        mysql_engine="InnoDB",
        mariadb_engine="InnoDB",
    )


def _collated(kind: TypeEngine[Any], collation: str) -> TypeEngine[Any]:
    return type(kind)(kind.length, collation) if isinstance(kind, String) else kind


def primary_key(table: Table, quote: Callable[[str], str]) -> str:
    """Write the clause of ALTER TABLE that adds the primary key."""
    return f"ADD PRIMARY KEY ({', '.join(quote(column.name) for column in table.primary_key)})"


def indices(table: Table) -> list[Index]:
    """Every secondary index of a table, in an order that does not change."""
    return sorted(table.indexes, key=lambda index: str(index.name))


def foreign_keys(table: Table, prefix: str = "") -> Iterator[str]:
    """Write the clause of ALTER TABLE for each foreign key, to tables with `prefix` in front.

    By hand: SQLAlchemy's AddConstraint would keep the model from declaring the key ever again.
    """
    for column in table.columns:
        for key in column.foreign_keys:
            to = key.column
            yield f"ADD FOREIGN KEY ({column.name}) REFERENCES {prefix}{to.table.name} ({to.name})"
