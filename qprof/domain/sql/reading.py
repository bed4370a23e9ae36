"""What kind of statement a SQL text is, told from a few words of it."""

import re

from qprof.domain.sql.fingerprint import fingerprint

_READS = re.compile(r"[\s(]*(?:SELECT|WITH)\b", re.IGNORECASE)
_FROM = re.compile(r"\bFROM\b", re.IGNORECASE)
_WRITES = re.compile(r"[()]\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO)\b", re.IGNORECASE)
_TARGET = re.compile(
    r'\s*(?:INSERT(?:\s+\w+)*?\s+INTO|REPLACE\s+INTO|MERGE\s+INTO|UPDATE|DELETE\s+FROM)\s+[`"[]?(\w+)',
    re.IGNORECASE,
)
_SOURCE = re.compile(r"\bFROM\s+([\w.\"`]+)", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|`[^`]*`')
_SKIPS = r"(?<![.\w])OFFSET (?:[?(-]|CAST\b)|(?<![.\w])ROWNUM\b|\bROW_NUMBER\b"
_LIMITS = re.compile(
    rf"{_SKIPS}|(?<![.\w])(?:LIMIT [\w?(-]|FETCH (?:FIRST|NEXT)\b)|\bSELECT (?:DISTINCT )?TOP [?(]",
    re.IGNORECASE,
)
"""As they stand in front of a number: a column may have the name of each of these words."""
_WITH = re.compile(r"[\s(]*WITH\b", re.IGNORECASE)
_OFFSET = re.compile(_SKIPS, re.IGNORECASE)
_EQUALS = re.compile(r"(?<![<>!])= ?\(?\?")
_IN_LIST = re.compile(r"\bIN \(\?\)", re.IGNORECASE)
_BEYOND = re.compile(r"[<>]=? ?\(?\?")
_DISTINCT = re.compile(r"\bSELECT DISTINCT\b", re.IGNORECASE)
_SOURCES = re.compile(r"\bFROM\b(.*?)(?:\b(?:WHERE|GROUP|HAVING|ORDER|LIMIT|UNION)\b|$)", re.I)
_LOCKS = re.compile(
    r"\bFOR\s+(?:(?:NO\s+KEY\s+)?UPDATE|(?:KEY\s+)?SHARE)\b|\bLOCK\s+IN\s+SHARE\s+MODE\b", re.I
)
_JOINS = re.compile(r"\bJOIN\b|,", re.IGNORECASE)


def written_table(sql: str) -> str | None:
    """Return the table that an INSERT, UPDATE, DELETE or MERGE writes to; None for what else."""
    match = _TARGET.match(sql)
    return match[1] if match else None


def reads_tables(sql: str) -> bool:
    """Return whether `sql` is a SELECT (or WITH … SELECT) from something.

    A SELECT without FROM asks for a function, such as the next value of a sequence.
    """
    shape = fingerprint(sql)
    return bool(_READS.match(shape) and _FROM.search(shape) and not _WRITES.search(shape))


def limits(sql: str) -> bool:
    """Return whether `sql` takes only some of its rows: LIMIT, OFFSET, FETCH FIRST, TOP."""
    return bool(_LIMITS.search(_unquoted(sql)))


def locks_rows(sql: str) -> bool:
    """Return whether a SELECT of `sql` locks the rows that it reads: FOR UPDATE and the like."""
    return reads_tables(sql) and bool(_LOCKS.search(_unquoted(fingerprint(sql))))


def takes_all(sql: str) -> bool:
    """Return whether `sql` has no LIMIT or the like anywhere, and no WITH, which may hold any."""
    return not limits(sql) and not _WITH.match(sql)


def reads_one_table(sql: str) -> bool:
    """Return whether the outermost FROM of `sql` names one table or subquery, and joins nothing."""
    found = _SOURCES.search(_own_text(fingerprint(sql).lstrip("(")))
    return found is not None and not _JOINS.search(found[1])


def limits_result(sql: str) -> bool:
    """Return whether the outermost SELECT of `sql` itself takes only some of its rows."""
    return bool(_LIMITS.search(_own_text(_unquoted(sql).lstrip("("))))


def takes_pages(sql: str, offset: bool | None = None) -> bool:
    """Return whether `sql` walks through a result page by page, or through a list of keys.

    Such a statement is sent many times on purpose. OFFSET says so; so does an IN list, or a
    LIMIT beyond the last key seen, where no other column is held to one value. `offset` is whether
    its author skips rows; where it is None, the text decides, though SQLite has an OFFSET for each
    LIMIT.
    """
    shape = _unquoted(sql)
    if offset or (offset is None and _OFFSET.search(shape)):
        return True
    keyset = _BEYOND.search(shape) and _LIMITS.search(shape)
    return bool(not _EQUALS.search(shape) and (_IN_LIST.search(shape) or keyset))


def beyond_columns(sql: str) -> str:
    """Return the shape of `sql` from its FROM on: what stays when a table gains a column."""
    shape = fingerprint(sql)
    found = _FROM.search(shape)
    return shape[found.start() :] if found else shape


def main_table(sql: str) -> str | None:
    """Return what the SELECT itself reads first, and no SELECT among its columns; None for none."""
    found = _SOURCE.search(_own_text(fingerprint(sql)))
    return found[1] if found else None


def drops_joined_rows(sql: str) -> bool:
    """Return whether a SELECT DISTINCT in `sql` is over more than one table."""
    shape = fingerprint(sql)
    own = (_own_text(shape[found.end() :]) for found in _DISTINCT.finditer(shape))
    sources = (_SOURCES.search(text) for text in own)
    return any(found is not None and _JOINS.search(found[1]) for found in sources)


def _unquoted(sql: str) -> str:
    """Return the shape of `sql` without the names in quotes, which hold words of any kind."""
    return _QUOTED.sub("name", fingerprint(sql))


def _own_text(text: str) -> str:
    """Return the rest of a SELECT, up to the bracket that ends it, without what is in brackets."""
    kept, depth = [], 0
    for each in text:
        depth += (each == "(") - (each == ")")
        if depth < 0:
            break
        if depth == 0 and each != ")":
            kept.append(each)
    return "".join(kept)
