"""`python -m benchmarks.filling [RECIPE=SCALE…]`: a library file, against SQLite alone.

The floor inserts the same rows, a hundred to a statement, from parameters that are all in memory,
and builds the same indices, by sqlite3 and with the pragmas that suit it. Seeding deals the rows
out, too. CPU time, one process; a tenth of a million tracks for each unit of SCALE.
"""

import resource
import sqlite3
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from time import process_time
from typing import Any

from sqlalchemy import URL

from benchmarks.pages import asked, publish, spread
from qprof.seeding.library.recipes import load_recipe
from qprof.seeding.library.seeding import seed

ROUNDS = 3
SCALES = {"fma": 10.0, "chinook": 30.0}
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
    """Print a line for each recipe."""
    wanted = dict(each.split("=") for each in asked()) or SCALES
    lines = [_apart(recipe, float(scale)) for recipe, scale in wanted.items()]
    heads = ("recipe", "tracks", "rows", "indices", "÷ sqlite3 alone", "MiB above the imports")
    publish("filling", [*lines, ("at most", "", "", "", "1.4", "64")], heads)


def _apart(recipe: str, scale: float) -> tuple[str, ...]:
    """Return the line of a recipe, found by a process of its own: a peak never falls."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_line, recipe, scale).result()


def _line(recipe: str, scale: float) -> tuple[str, ...]:
    ratios, most = [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        seed(_url(folder, "first"), load_recipe(recipe), scale=0.01)
        before = peak()
        for number in range(ROUNDS):
            started = process_time()
            made = seed(_url(folder, f"seeded{number}"), load_recipe(recipe), scale=scale)
            taken = process_time() - started
            most = most or peak() - before
            tables, indices = read(Path(folder, f"seeded{number}"))
            started = process_time()
            floor(Path(folder, f"floor{number}"), tables, indices)
            ratios.append(taken / (process_time() - started))
    counts = (f"{made.counts['tracks']:,}", f"{made.rows:,}", str(len(indices)))
    return recipe, *counts, spread(ratios), f"{most:.0f}"


def _url(folder: str, name: str) -> URL:
    return URL.create("sqlite", database=str(Path(folder, name)))


if __name__ == "__main__":
    main()
