"""Asks the database how it finds the rows of a SELECT: a server in the call's own transaction.

`scans` is the door. EXPLAIN executes nothing; what an index would save is tried on a copy.
"""

from qprof.measure.explain.candidates import SCANNED, planned_within
from qprof.measure.explain.estimates import Size, size_of, size_within
from qprof.measure.explain.scanning import Explained, scans, served_of
from qprof.measure.explain.trial import SMALL, Asked, Planned
from qprof.measure.orm.filters import Filter, filters_of, translated

__all__ = [
    "SCANNED",
    "SMALL",
    "Asked",
    "Explained",
    "Filter",
    "Planned",
    "Size",
    "filters_of",
    "planned_within",
    "scans",
    "served_of",
    "size_of",
    "size_within",
    "translated",
]
