"""Puts what a benchmark printed into docs/performance.md, between its markers."""

import re

from benchmarks.environments import ROOT
from qprof.files import write_whole

PAGE = ROOT / "docs" / "performance.md"


def write_block(name: str, text: str) -> None:
    """Replace the block `name`; raises `ValueError` where the page has none."""
    begin, end = f"<!-- begin: benchmark {name} -->", "<!-- end -->"
    page = PAGE.read_text(encoding="utf-8")
    pattern = re.compile(re.escape(begin) + r"\n.*?" + re.escape(end), re.DOTALL)
    if not pattern.search(page):
        raise ValueError(f"{PAGE.name} has no block {begin}; write one where it should stand.")
    new = pattern.sub(lambda _: f"{begin}\n{text}\n{end}", page, count=1)
    write_whole(PAGE, new)
