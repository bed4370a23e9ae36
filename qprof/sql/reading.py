"""What kind of statement a SQL text is, told from a few words of it."""

import re

from qprof.sql.fingerprint import fingerprint

_READS = re.compile(r"[\s(]*(?:SELECT|WITH)\b", re.IGNORECASE)
_FROM = re.compile(r"\bFROM\b", re.IGNORECASE)
_WRITES = re.compile(r"[()]\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO)\b", re.IGNORECASE)
_LIMITS = re.compile(r"\b(?:LIMIT|OFFSET|FETCH|TOP|ROWNUM|ROW_NUMBER)\b", re.IGNORECASE)
_OFFSET = re.compile(r"\b(?:OFFSET|ROWNUM|ROW_NUMBER)\b", re.IGNORECASE)
_EQUALS = re.compile(r"(?<![<>!])= ?\(?\?")
_IN_LIST = re.compile(r"\bIN \(\?\)", re.IGNORECASE)
_BEYOND = re.compile(r"[<>]=? ?\(?\?")


def reads_tables(sql: str) -> bool:
    """Return whether `sql` is a SELECT (or WITH … SELECT) from something.

    A SELECT without FROM asks for a function, such as the next value of a sequence.
    """
    shape = fingerprint(sql)
    return bool(_READS.match(shape) and _FROM.search(shape) and not _WRITES.search(shape))


def limits(sql: str) -> bool:
    """Return whether `sql` takes only some of its rows: LIMIT, OFFSET, FETCH FIRST, TOP."""
    return bool(_LIMITS.search(fingerprint(sql)))


def takes_pages(sql: str) -> bool:
    """Return whether `sql` walks through a result page by page, or through a list of keys.

    Such a statement is sent many times on purpose. OFFSET says so; so does an IN list, or a
    LIMIT beyond the last key seen, where no other column is held to one value.
    """
    shape = fingerprint(sql)
    if _OFFSET.search(shape):
        return True
    keyset = _BEYOND.search(shape) and _LIMITS.search(shape)
    return bool(not _EQUALS.search(shape) and (_IN_LIST.search(shape) or keyset))


def beyond_columns(sql: str) -> str:
    """Return the shape of `sql` from its FROM on: what stays when a table gains a column."""
    shape = fingerprint(sql)
    found = _FROM.search(shape)
    return shape[found.start() :] if found else shape
