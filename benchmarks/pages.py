"""Shows what a benchmark found, and puts it into docs/performance.md, between its markers."""

import re
import statistics
import sys
from collections.abc import Iterable, Sequence

from tabulate import tabulate

from benchmarks.environments import ROOT
from qprof.domain.files import write_whole

PAGE = ROOT / "docs" / "performance.md"
WRITE = "--write"


def asked() -> list[str]:
    """Return the arguments of the command line, without --write."""
    return [each for each in sys.argv[1:] if each != WRITE]


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Return the median and the quartiles of at least two values."""
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{middle:.{digits}f} ({low:.{digits}f}–{high:.{digits}f})"


def publish(name: str, lines: Iterable[Sequence[str]], heads: Sequence[str]) -> None:
    """Print a table; with --write put it into the block `name`, too.

    Raises `ValueError` where the page has no such block.
    """
    # Markdown is read as it is and rendered: the page shows what was printed.
    table = tabulate(lines, heads, tablefmt="github", disable_numparse=True)
    print(table, flush=True)
    if WRITE in sys.argv[1:]:
        _write_block(name, table)


def _write_block(name: str, text: str) -> None:
    begin, end = f"<!-- begin: benchmark {name} -->", "<!-- end -->"
    page = PAGE.read_text(encoding="utf-8")
    pattern = re.compile(re.escape(begin) + r"\n.*?" + re.escape(end), re.DOTALL)
    if not pattern.search(page):
        raise ValueError(f"{PAGE.name} has no block {begin}; write one where it should stand.")
    new = pattern.sub(lambda _: f"{begin}\n{text}\n{end}", page, count=1)
    write_whole(PAGE, new)
