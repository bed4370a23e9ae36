"""How the figures of one line of the ledger lie in a file of doubles.

A line is a statement for one path, by one strategy, from one site, within one call. Its figures
are the fields below, then room for the worst root's key, then the pairs of each joined path and
the rows of each chain alone. Integers are exact in doubles up to 9·10¹⁵.
"""

FIELDS = (
    "count",
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
    "apart_queries",
    "apart_rows",
    "apart_cells",
)
AT = {name: place for place, name in enumerate(FIELDS)}
WORST = len(FIELDS)
"""Where the JSON of the worst root's key stands, padded with zero bytes."""
WORST_DOUBLES = 16
PATHS = WORST + WORST_DOUBLES
DOUBLE = 8


def size(pairs: int, alone: int) -> int:
    """Return the doubles of a line with so many joined paths and chains."""
    return PATHS + pairs + alone if pairs else len(FIELDS)
