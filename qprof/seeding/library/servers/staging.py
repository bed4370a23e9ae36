"""The tables of a library under the names that they have while they are loaded.

They are bare: keys, indices and foreign keys come after the rows. The texts sort and compare byte
by byte, as SQLite's do, whatever the server's own collation is.

A job is what is to be seeded, whichever server it is; rows go many in one INSERT, where a driver
has no better path.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import URL, Column, Connection, DateTime, Dialect, Index, MetaData, String, Table
from sqlalchemy.types import TypeEngine

from qprof.seeding.library.content import Block
from qprof.seeding.library.models import Base, LibraryInfo
from qprof.seeding.library.provenance import Provenance
from qprof.seeding.library.target_file import Wrote

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


ROWS_PER_STATEMENT = 1_000


def insert_block(connection: Connection, prefix: str, block: Block) -> None:
    """Insert the rows of a block into its table, whose name has `prefix` in front."""
    rows = list(zip(*_typed(block), strict=True))
    for first in range(0, len(rows), ROWS_PER_STATEMENT):
        some = rows[first : first + ROWS_PER_STATEMENT]
        marks = _marks(connection.dialect, len(some), len(block.columns))
        connection.exec_driver_sql(
            f"INSERT INTO {prefix}{block.table} VALUES {marks}", tuple(chain.from_iterable(some))
        )


def _typed(block: Block) -> Iterator[Sequence[object] | Iterable[object]]:
    """Yield the columns of a block, moments as such: not every driver takes them as text."""
    for column, values in zip(
        Base.metadata.tables[block.table].columns, block.columns, strict=True
    ):
        yield map(_moment, values) if isinstance(column.type, DateTime) else values


@lru_cache(maxsize=2_048)
def _moment(written: object) -> datetime:
    return datetime.fromisoformat(str(written))


@lru_cache(maxsize=32)
def _marks(dialect: Dialect, rows: int, width: int) -> str:
    """Write the placeholders of that many rows, as the driver wants them."""
    style = dialect.paramstyle
    if style == "numeric_dollar":
        each = (f"${number}" for number in range(1, rows * width + 1))
        return ", ".join(f"({', '.join(group)})" for group in zip(*[each] * width, strict=True))
    one = ", ".join(["?" if style == "qmark" else "%s"] * width)
    return ", ".join([f"({one})"] * rows)


@dataclass(frozen=True)
class Job:
    """One library, on its way to one database."""

    url: URL
    blocks: Iterable[Block]
    provenance: Provenance
    wrote: Wrote
    replace: bool

    @property
    def place(self) -> str:
        """The database for people: its options are left out, since one may be a password."""
        return self.url.set(query={}).render_as_string(hide_password=True)

    def deal(self, load: Callable[[Block], None]) -> dict[str, int]:
        """Hand every block to `load`, tell the progress, and answer with the rows of each table."""
        counts = Counter({table.name: 0 for table in content_tables()})
        for block in self.blocks:
            load(block)
            counts[block.table] += len(block.columns[0])
            self.wrote(block.table, counts[block.table])
        return dict(counts)
