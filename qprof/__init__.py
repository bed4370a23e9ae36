"""Measure what a SQLAlchemy loader strategy really costs: queries, rows and cells per call.

The Python API is imported when it is first asked for: `import qprof` alone stays light. Type
checkers read __init__.pyi, which says what it is.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
__all__ = [
    "CompareResult",
    "FlatResult",
    "NotFlat",
    "PredictResult",
    "ProfileResult",
    "QprofError",
    "RecordResult",
    "__version__",
    "asgi",
    "compare",
    "flat",
    "predict",
    "profile",
    "record",
    "wsgi",
]
"""What is public; docs/api.md describes it."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'qprof' has no attribute {name!r}")
    return getattr(import_module("qprof.api"), name)


def __dir__() -> list[str]:
    return __all__
