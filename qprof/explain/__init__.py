"""Asks the database how it finds the rows of a SELECT, beside the call and never within it.

`scans` is the door. EXPLAIN executes nothing; what an index would save is tried on a copy.
"""

from qprof.explain.asked import Asked
from qprof.explain.filters import Filter, filters_of
from qprof.explain.scanning import Explained, scans
from qprof.explain.served import served_of
from qprof.explain.sizes import Size, size_of
from qprof.explain.translated import translated
from qprof.explain.trial import SMALL

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
