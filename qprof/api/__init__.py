"""The Python door: what the commands do, for calls and statements that are at hand.

`qprof/__init__.py` lists what is public; each result prints itself.
"""

from qprof.api.flatness import FlatResult, NotFlat, flat
from qprof.api.measurements import compare, predict, profile
from qprof.api.middleware import asgi, wsgi
from qprof.api.recorded import RecordResult, record
from qprof.api.results import CompareResult, PredictResult, ProfileResult
from qprof.domain.errors import QprofError

__all__ = [
    "CompareResult",
    "FlatResult",
    "NotFlat",
    "PredictResult",
    "ProfileResult",
    "QprofError",
    "RecordResult",
    "asgi",
    "compare",
    "flat",
    "predict",
    "profile",
    "record",
    "wsgi",
]
