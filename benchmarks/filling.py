"""`python -m benchmarks.filling [SCALE]`: a library file, against SQLite alone.

The floor inserts the same rows, a hundred to a statement, from parameters that are all in memory,
and builds the same indices, by sqlite3 and with the pragmas that suit it. Seeding deals the rows
out, too. CPU time, one process; a tenth of a million tracks for each unit of SCALE.
"""

import resource
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any

from sqlalchemy import URL
from tabulate import tabulate

from qprof.library.recipes import load_recipe
from qprof.library.seeding import seed

RECIPE, ROUNDS = "fma", 3
_PRAGMAS = ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE")
_HUNDRED = 100


@dataclass
class Filled:
    """A table that is ready to be inserted."""

    create: str
    insert: str
    row: str
    whole: Sequence[tuple[Any, ...]]
    rest: Sequence[tuple[Any, ...]]


def read(path: Path) -> tuple[list[Filled], list[str]]:
    """Return the tables of a library, and its indices."""
    source = sqlite3.connect(path)
    schema = source.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    made = schema.fetchall()
    tables = [_table(source, name, sql) for kind, name, sql in made if kind == "table"]
    return tables, [sql for kind, _, sql in made if kind == "index"]


def _table(source: sqlite3.Connection, name: str, create: str) -> Filled:
    cursor = source.execute(f"SELECT * FROM {name}")
    row = f"({', '.join('?' * len(cursor.description))})"
    rows = cursor.fetchall()
    last = len(rows) - len(rows) % _HUNDRED
    starts = range(0, last, _HUNDRED)
    whole = [tuple(v for r in rows[at : at + _HUNDRED] for v in r) for at in starts]
    return Filled(create, f"INSERT INTO {name} VALUES ", row, whole, rows[last:])


def floor(path: Path, tables: list[Filled], indices: list[str]) -> None:
    """Write the same file by sqlite3 alone."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    for each in tables:
        connection.execute(each.create)
        connection.executemany(each.insert + ", ".join([each.row] * _HUNDRED), each.whole)
        connection.executemany(each.insert + each.row, each.rest)
    for index in indices:
        connection.execute(index)
    connection.execute("COMMIT")
    connection.close()


def peak() -> float:
    """Return the most MiB that this process has held (Linux counts in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print one line."""
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    recipe = load_recipe(RECIPE)
    with tempfile.TemporaryDirectory() as folder:
        seed(_url(folder, "first"), recipe, scale=0.01)
        before = peak()
        times: list[tuple[float, float]] = []
        above = 0.0
        for number in range(ROUNDS):
            started = process_time()
            made = seed(_url(folder, f"seeded{number}"), recipe, scale=scale)
            taken = process_time() - started
            above = above or peak() - before
            tables, indices = read(Path(folder, f"seeded{number}"))
            started = process_time()
            floor(Path(folder, f"floor{number}"), tables, indices)
            times.append((taken, process_time() - started))
    ratios = [taken / bare for taken, bare in times]
    spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
    shown = (f"{made.counts['tracks']:,}", f"{made.rows:,}", len(indices), spread, f"{above:.0f}")
    heads = ("tracks", "rows", "indices", "÷ sqlite3 alone", "MiB above the imports")
    print(tabulate([shown], heads, disable_numparse=True))


def _url(folder: str, name: str) -> URL:
    return URL.create("sqlite", database=str(Path(folder, name)))


if __name__ == "__main__":
    main()
