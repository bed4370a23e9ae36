"""Code that is nested deeply, such as a branch for each of hundreds of values."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

FRAMES = 3000
"""Frames of Python: some 700 branches in a row, far below what an 8 MiB stack holds."""
TOO_DEEP = "it is nested too deeply"


@contextmanager
def deep() -> Iterator[None]:
    """Let what is read in this block be nested more deeply than Python's default of 1,000."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
