"""Many rows in one INSERT: the bulk path of every driver that has no better one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain

from sqlalchemy import Connection, DateTime, Dialect

from qprof.seeding.library.content import Block
from qprof.seeding.library.models import Base

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
