"""Writing blocks of rows into a new SQLite file, as fast as SQLAlchemy lets a driver be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from sqlalchemy import URL, Connection, Table, create_engine, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateIndex, CreateTable

from qprof.seeding.library.content import Block
from qprof.seeding.library.library_error import SeedFailed
from qprof.seeding.library.models import Base, LibraryInfo
from qprof.seeding.library.provenance import APPLICATION_ID, Provenance, info_rows

_ROWS_PER_STATEMENT = 100
# The file is thrown away if anything goes wrong, so it needs no journal. Neither a larger cache nor
# temp_store=MEMORY would help: both make the index sort two to four times slower.
_PRAGMAS = ("journal_mode=OFF", "synchronous=OFF", f"application_id={APPLICATION_ID}")

Wrote = Callable[[str, int], None]
"""Told after every block: the table, and how many rows it has by now."""


def write_library(
    path: Path, blocks: Iterable[Block], provenance: Provenance, wrote: Wrote
) -> dict[str, int]:
    """Fill an empty file with tables, rows and indices, in this order; answer rows per table.

    Raises `SeedFailed` if the disk is full or SQLite refuses.
    """
    engine = create_engine(URL.create("sqlite", database=str(path)), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            _create_tables(connection)
            connection.execute(insert(LibraryInfo), info_rows(provenance))
            counts = _insert_all(connection, blocks, wrote)
            connection.commit()
            _create_indices(connection)
            connection.commit()
    except DBAPIError as problem:
        raise SeedFailed(
            f"Cannot write the library in {path.parent} ({problem.orig}); "
            "free some space there, or name another file."
        ) from None
    return counts


def _create_tables(connection: Connection) -> None:
    for pragma in _PRAGMAS:
        connection.exec_driver_sql(f"PRAGMA {pragma}")
    for table in Base.metadata.sorted_tables:
        connection.execute(CreateTable(table))


def _create_indices(connection: Connection) -> None:
    for table in Base.metadata.sorted_tables:
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            connection.execute(CreateIndex(index))


def _content_tables() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if table.name != "library_info"]


def _insert_all(connection: Connection, blocks: Iterable[Block], wrote: Wrote) -> dict[str, int]:
    counts = Counter({table.name: 0 for table in _content_tables()})
    for block in blocks:
        _insert(connection, block)
        counts[block.table] += len(block.columns[0])
        wrote(block.table, counts[block.table])
    return dict(counts)


def _insert(connection: Connection, block: Block) -> None:
    """Insert a hundred rows to a statement, and the rest one by one."""
    width, rows = len(block.columns), len(block.columns[0])
    flat: list[object] = [None] * (width * rows)
    for place, column in enumerate(block.columns):
        flat[place::width] = column
    whole = rows - rows % _ROWS_PER_STATEMENT
    for first, last, each in ((0, whole, _ROWS_PER_STATEMENT), (whole, rows, 1)):
        step = width * each
        parameters = [tuple(flat[i : i + step]) for i in range(first * width, last * width, step)]
        if parameters:
            connection.exec_driver_sql(_statement(block.table, width, each), parameters)


def _statement(table: str, width: int, rows: int) -> str:
    one = f"({', '.join('?' * width)})"
    return f"INSERT INTO {table} VALUES {', '.join([one] * rows)}"
