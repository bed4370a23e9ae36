"""The shape of a statement: its text without literals, list lengths, comments and layout.

For showing and for grouping in a report. Never called while statements run: sqlparse takes
milliseconds for each.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from sqlparse import tokens as kinds
from sqlparse.lexer import tokenize

_POSTCOMPILE = re.compile(r"__\[POSTCOMPILE_[^\]]*\]")

_CAST = r"(?:::\w+(?: \w+)*(?:\(\?(?:, \?)*\))?(?:\[\])?)?"
_VALUE = rf"(?:\?|- ?\?|NULL){_CAST}"
_ELEMENT = rf"(?:{_VALUE}|\({_VALUE}(?:, {_VALUE})*\))"
_ROW = r"\([^()]*(?:\([^()]*\)[^()]*)*\)"

_TIDY = (
    (re.compile(r"\s+"), " "),
    (re.compile(r" ?, ?"), ", "),
    (re.compile(r"\( "), "("),
    (re.compile(r" \)"), ")"),
    (re.compile(r"\?{2,}"), "?"),
    (re.compile(rf"\b(IN) ?\({_ELEMENT}(?:, {_ELEMENT})*\)", re.IGNORECASE), r"\1 (?)"),
    (re.compile(rf"\b(VALUES ?{_ROW})(?:, {_ROW})+", re.IGNORECASE), r"\1"),
)


@lru_cache(maxsize=2048)
def fingerprint(sql: str) -> str:
    """Return the shape of `sql`; the shape of a shape is itself.

    Never fails: sqlparse refuses long token lists only when it groups them, and its lexer,
    which alone is used here, does not.
    """
    text = "".join(_pieces(_POSTCOMPILE.sub("?", sql)))
    for pattern, replacement in _TIDY:
        text = pattern.sub(replacement, text)
    return text.strip(" ;")


def _pieces(sql: str) -> Iterator[str]:
    operand = False
    for kind, text in tokenize(sql):  # type: ignore[no-untyped-call]
        if kind in kinds.Whitespace or kind in kinds.Comment:
            yield " "
            continue
        piece = _piece(kind, text)
        # The lexer reads "a -1" as a number after a name; elsewhere the sign is the literal's.
        yield f"-{piece}" if operand and piece == "?" and text.startswith("-") else piece
        operand = piece in ("?", ")", "]") or kind in kinds.Name or kind is kinds.String.Symbol


def _piece(kind: object, text: str) -> str:
    if kind is kinds.String.Symbol:
        return text
    if kind in kinds.Literal or kind in kinds.Name.Placeholder:
        return "?"
    if kind in kinds.Keyword.TZCast:
        return re.sub(r"'[^']*'", "?", text)
    return text
