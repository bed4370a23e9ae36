"""Two files for each process: what its lines are (JSON), and their figures (mapped doubles).

The figures live in memory that the kernel keeps for the file, so that a process which is killed,
or leaves by os._exit, loses nothing that was counted, and nothing has to be flushed. The names
hold the process's id and a nonce: ids are used again.

A line is a statement for one path, by one strategy, from one site, within one call. Its figures
are the fields below, then room for the worst root's key, then the pairs of each joined path and
the rows of each chain alone. Integers are exact in doubles up to 9·10¹⁵.
"""

import errno
import json
import mmap
import os
from pathlib import Path

FIELDS = (
    "count",
    "chunks",
    "rows",
    "columns",
    "cells",
    "repeats",
    "repeated_rows",
    "repeated_cells",
    "execute",
    "fetch",
    "one_by_one",
    "most",
    "different",
    "tallied",
    "roots",
    "worst_rows",
    "longest",
    "doubled",
    "apart_queries",
    "apart_rows",
    "apart_cells",
    "open",
    "bytes",
)
AT = {name: place for place, name in enumerate(FIELDS)}
WORST = len(FIELDS)
"""Where the JSON of the worst root's key stands, padded with zero bytes."""
WORST_DOUBLES = 16
PATHS = WORST + WORST_DOUBLES
DOUBLE = 8


def size(pairs: int, alone: int, *, tallied: bool) -> int:
    """Return the doubles of a line, with so many joined paths and chains where rows are tallied.

    A JOIN of the author's own is tallied without a path.
    """
    return PATHS + pairs + alone if tallied else len(FIELDS)


LINES, FIGURES = ".lines", ".figures"
_SEGMENT = mmap.ALLOCATIONGRANULARITY * max(1, 65536 // mmap.ALLOCATIONGRANULARITY)
_mapped: list[mmap.mmap] = []
"""Never unmapped: that would close a descriptor which a program that became a daemon, and closed
all descriptors, may have given to a file of its own."""


class Store:
    """Where one process writes. Both files are opened for each use and never stay open.

    Raises OSError where there is no room.
    """

    def __init__(self, folder: Path) -> None:
        name = f"{os.getpid()}-{os.urandom(4).hex()}"
        self._lines = folder / f"{name}{LINES}"
        self._figures = folder / f"{name}{FIGURES}"
        self._segments = 0
        self._used = _SEGMENT
        self._bytes = memoryview(b"")

    def write(self, value: object) -> None:
        """Append `value` as one line of JSON, at once and whole."""
        text = (json.dumps(value) + "\n").encode()
        with self._lines.open("ab", buffering=0) as stream:
            written = stream.write(text)
            if written < len(text):
                # A disk that is nearly full takes a part, and raises no sooner than at the next.
                stream.truncate(stream.tell() - written)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def reserve(self, doubles: int) -> tuple[int, memoryview]:
        """Return room for so many doubles, all zero: its place in the file, and the room."""
        wanted = doubles * DOUBLE
        if self._used + wanted > _SEGMENT:
            self._grow()
        at, self._used = self._used, self._used + wanted
        room = self._bytes[at : at + wanted]
        return ((self._segments - 1) * _SEGMENT + at) // DOUBLE, room

    def _grow(self) -> None:
        # Written, not left as a hole: on a full disk this fails, a mapped hole kills the process.
        with self._figures.open("ab", buffering=0) as stream:
            stream.write(bytes(_SEGMENT))
        with self._figures.open("r+b") as stream:
            start = self._segments * _SEGMENT
            mapped = mmap.mmap(stream.fileno(), _SEGMENT, offset=start)
        _mapped.append(mapped)
        self._bytes, self._used = memoryview(mapped), 0
        self._segments += 1
