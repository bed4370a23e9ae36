"""`python -m benchmarks.repeating`: what is done a second time, against the first.

The sample library from the cache against the seeding of it, each in a process of its own with
an empty cache first; and the fingerprint of a statement that was seen before, in microseconds of
CPU time, against sqlparse's lexer, which the first one needs.
"""

import os
import subprocess
import sys
import tempfile
from timeit import timeit

from benchmarks.pages import publish, spread
from qprof.domain.sql.fingerprint import fingerprint

ROUNDS = 5
TIMES = 200_000
FIND = """
from time import perf_counter
from qprof.runs.sample import sample_library
started = perf_counter()
sample_library(lambda line: None)
print(perf_counter() - started)
"""
SQL = (
    "SELECT artists.id, artists.name FROM artists LEFT OUTER JOIN albums AS albums_1"
    " ON artists.id = albums_1.artist_id WHERE artists.id IN (?, ?, ?) AND artists.name LIKE 'A%'"
)


def found(cache: str) -> float:
    """Return the seconds until the sample library is there."""
    environment = {**os.environ, "XDG_CACHE_HOME": cache}
    command = [sys.executable, "-c", FIND]
    return float(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)


def again() -> float:
    """Return the time of the second finding over that of the first."""
    with tempfile.TemporaryDirectory() as cache:
        first = found(cache)
        return found(cache) / first


def fingerprints() -> tuple[float, float]:
    """Return the microseconds of a fingerprint for the first time, and again."""

    def first() -> None:
        fingerprint.cache_clear()
        fingerprint(SQL)

    anew = timeit(first, number=TIMES // 1000) / (TIMES // 1000)
    return anew * 1e6, timeit("fingerprint(SQL)", globals=globals(), number=TIMES) / TIMES * 1e6


def main() -> None:
    """Print the table; write it, where that is asked for."""
    pairs = [fingerprints() for _ in range(ROUNDS)]
    lines = [
        ("sample library ÷ seeding it", spread([again() for _ in range(ROUNDS)], 4), "0.05"),
        ("fingerprint ÷ the first", spread([b / a for a, b in pairs], 5), ""),
        ("fingerprint, µs", spread([b for _, b in pairs], 3), "0.1"),
    ]
    publish("repeating", lines, ("the second time", "", "at most"))


if __name__ == "__main__":
    main()
