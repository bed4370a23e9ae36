"""Asks the database how it finds the rows of a SELECT, beside the call and never within it.

`scans` is the door. EXPLAIN executes nothing; what an index would save is tried on a copy.
"""

from qprof.measure.explain.scanning import Explained, scans, served_of
from qprof.measure.explain.sizes import Size, size_of
from qprof.measure.explain.trial import SMALL, Asked
from qprof.measure.orm.filters import Filter, filters_of, translated

__all__ = [
    "SMALL",
    "Asked",
    "Explained",
    "Filter",
    "Size",
    "filters_of",
    "scans",
    "served_of",
    "size_of",
    "translated",
]
