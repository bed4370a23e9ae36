"""`python -m benchmarks.seeding`: how fast a server is seeded, by its bulk path and without it.

Times are of whole seedings, generation, keys, indices and statistics included; they are
interleaved, and only their ratios within one run mean anything. The servers are those of
QPROF_TEST_POSTGRESQL and QPROF_TEST_MARIADB; each run makes a database of its own and drops it.
"""

import os
import secrets
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from types import ModuleType
from unittest.mock import patch

from sqlalchemy import URL, Connection, Table, create_engine, insert, make_url
from sqlalchemy.pool import NullPool
from tabulate import tabulate

from qprof.seeding.library.content import Block
from qprof.seeding.library.models import Base
from qprof.seeding.library.recipes import load_recipe
from qprof.seeding.library.seeding import seed
from qprof.seeding.library.servers import mariadb, postgresql
from qprof.seeding.library.servers.staging import NEW, _typed, insert_block, staged

ROUNDS = 3
SCALE = 10.0
SERVERS: Mapping[str, ModuleType] = {
    "QPROF_TEST_POSTGRESQL": postgresql,
    "QPROF_TEST_MARIADB": mariadb,
}

Load = Callable[[Connection, Block], None]


def by_values(connection: Connection, block: Block) -> None:
    """Insert a thousand rows to a statement."""
    insert_block(connection, NEW, block)
    _commit(connection)


def by_executemany(connection: Connection, block: Block) -> None:
    """Insert as an application does: SQLAlchemy's insert() with a list of rows."""
    table = _table(block)
    names = [column.name for column in table.columns]
    rows = [dict(zip(names, row, strict=True)) for row in zip(*_typed(block), strict=True)]
    if rows:
        connection.execute(insert(table), rows)
    _commit(connection)


def _table(block: Block) -> Table:
    return staged(Base.metadata.tables[block.table], "C", key=False)


def _commit(connection: Connection) -> None:
    if connection.dialect.name != "postgresql":
        connection.commit()


@contextmanager
def new_database(server: URL) -> Iterator[URL]:
    """Make a database that is dropped at the end."""
    name = f"qprof_bench_{secrets.token_hex(6)}"
    engine = create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        try:
            yield server.set(database=name)
        finally:
            connection.exec_driver_sql(f"DROP DATABASE {name}")


def seconds(server: URL, module: ModuleType, load: Load) -> tuple[float, int]:
    """Return how long one seeding takes, and how many rows it writes."""
    with new_database(server) as url, patch.object(module, "_load", load):
        started = perf_counter()
        made = seed(url, load_recipe("chinook"), scale=SCALE)
        return perf_counter() - started, made.rows


def main() -> None:
    """Print the table."""
    lines = []
    for variable, module in SERVERS.items():
        if variable not in os.environ:
            print(f"{variable} is not set: left out.", file=sys.stderr)
            continue
        lines += _lines(make_url(os.environ[variable]), module)
    print(tabulate(lines, ("server", "way", "rows", "seconds", "÷ as seeded"), floatfmt=".2f"))


def _lines(server: URL, module: ModuleType) -> Iterator[tuple[str, str, str, float, float]]:
    ways: Mapping[str, Load] = {
        "as seeded": module._load,
        "VALUES x 1,000": by_values,
        "executemany": by_executemany,
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    rows = 0
    for _ in range(ROUNDS):
        for way, load in ways.items():
            taken, rows = seconds(server, module, load)
            times[way].append(taken)
    medians = {way: statistics.median(taken) for way, taken in times.items()}
    for way, median in medians.items():
        yield server.drivername, way, f"{rows:,}", median, median / medians["as seeded"]


if __name__ == "__main__":
    main()
