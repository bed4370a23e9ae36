"""The size of fetched values: by what they hold, not by what Python adds."""

from collections.abc import Iterable
from typing import Any

_FIXED: dict[type, int] = {type(None): 0, bool: 1, int: 8, float: 8}


def size_of_rows(rows: Iterable[Iterable[Any]]) -> int:
    """Return the bytes of all values in `rows`, as the driver gave them."""
    return sum(size_of(value) for row in rows for value in row)


def size_of(value: Any) -> int:
    """Return the bytes of one value.

    A text counts as UTF-8, bytes as they are, a number 8, a truth 1, NULL nothing. Whatever else a
    driver makes, such as a date or a decimal, counts as the text that Python writes for it.
    """
    fixed = _FIXED.get(type(value))
    if fixed is not None:
        return fixed
    if isinstance(value, (bytes, bytearray, memoryview)):
        return memoryview(value).nbytes
    return len(str(value).encode("utf-8", "surrogatepass"))
