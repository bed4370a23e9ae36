"""Other people's text made harmless: no control codes, no Markdown, no HTML, no mentions."""

import re
import unicodedata
from typing import Literal

_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
# An underscore inside a word means nothing to Markdown, and search_by_name reads better bare.
_MARKUP = re.compile(r"[\\`*{}\[\]~]|(?<![^\W_])_|_(?![^\W_])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;"}
_ZERO_WIDTH_SPACE = "&#8203;"


def plain(text: str) -> str:
    r"""Return `text` on one line; what would move the cursor or hide shows as \n, \x1b, \u202e."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(char) for char in text)


def prose(text: str) -> str:
    """Return a sentence on one line: line breaks are spaces, the rest is as in `plain`."""
    return plain(" ".join(text.split()))


def markdown(text: str) -> str:
    """Return a sentence that GitHub shows as it is, in a paragraph or in a table's cell.

    A pipe becomes an entity, since parsers disagree on a backslash before it. A mention or an
    issue number survives every escape, so an invisible space parts it from its mark.
    """
    entities = "".join(_ENTITIES.get(char, char) for char in prose(text))
    escaped = _MARKUP.sub(r"\\\g<0>", entities)
    return re.sub(r"@|(?<!&)#", rf"\g<0>{_ZERO_WIDTH_SPACE}", escaped)


def code_span(text: str) -> str:
    """Return `text` as inline code. Not for a table's cell, where a pipe would end it."""
    visible = plain(text)
    fence = "`" * (_longest_run(visible) + 1)
    pad = " " if visible.startswith("`") or visible.endswith("`") or not visible.strip() else ""
    return f"{fence}{pad}{visible}{pad}{fence}"


def code_block(text: str, language: Literal["python", "diff"] = "python") -> list[str]:
    """Return the lines of a fenced block."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return [f"{fence}{language}", *(plain(line) for line in text.split("\n")), fence]


def _visible(char: str) -> str:
    if unicodedata.category(char) not in _INVISIBLE:
        return char
    return char.encode("unicode_escape").decode("ascii")


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
