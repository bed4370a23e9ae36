"""A Python file as text that turns back into its bytes, and places in it."""

import io
import re
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

Edit = tuple[int, int, str]
"""What to write in place of the characters from the first up to the second."""
_END = re.compile(r"\r\n|\r|\n")


class Refused(Exception):
    """A file is better left alone; the message says why."""


@dataclass(frozen=True)
class Text:
    """The characters of a file; line ends are as they are, a byte order mark is one of them."""

    written: str
    encoding: str

    @cached_property
    def plain(self) -> str:
        """The same with line feeds alone, as Python reads it: lines and columns are the same."""
        return _END.sub("\n", self.written.removeprefix("\ufeff"))

    @cached_property
    def _starts(self) -> list[int]:
        first = len(self.written) - len(self.written.removeprefix("\ufeff"))
        return [first, *(each.end() for each in _END.finditer(self.written))]

    def offset(self, line: int, column: int) -> int:
        """Return the place of a line, from 1, and a column in characters, from 0."""
        return self._starts[line - 1] + column

    def offset_by_bytes(self, line: int, column: int) -> int:
        """Return the place of a line and a column as ast counts them, in bytes of UTF-8."""
        row = self.plain.split("\n")[line - 1]
        return self.offset(line, len(row.encode()[:column].decode(errors="ignore")))

    def edited(self, edits: Iterable[Edit]) -> bytes:
        """Return the bytes of the file with `edits` made, which do not overlap."""
        parts, at = [], 0
        for start, end, new in sorted(edits):
            parts += [self.written[at:start], new]
            at = end
        return "".join([*parts, self.written[at:]]).encode(self.encoding)


def text_of(content: bytes) -> Text:
    """Return the text of `content`. Raises Refused where it would not turn back into its bytes."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        # Not utf-8-sig, which would drop the mark.
        encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        text = Text(content.decode(encoding), encoding)
        same = text.edited(()) == content
    except (SyntaxError, UnicodeError, LookupError) as error:
        raise Refused(f"it cannot be decoded ({type(error).__name__})") from None
    if not same:
        raise Refused(f"its bytes are not what {encoding} makes of its text")
    return text
