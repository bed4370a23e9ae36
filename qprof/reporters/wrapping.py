"""Text to lines of at most so many characters."""

import textwrap

from qprof.reporters.escape import plain


def paragraph(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """Return a sentence as lines: `first` begins the first line, `rest` the others."""
    return textwrap.wrap(
        plain(text),
        width,
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
        break_on_hyphens=False,
    )


def shortened(text: str, width: int) -> str:
    """Return `text` with its middle left out where it is longer than `width`."""
    if len(text) <= width:
        return text
    tail = max(1, width // 2)
    return f"{text[: max(0, width - 1 - tail)]}…{text[-tail:]}"


def packed(pieces: list[str], width: int) -> list[str]:
    """Return the pieces joined into lines, each as full as `width` allows."""
    lines = [""]
    for piece in pieces:
        if lines[-1] and len(lines[-1] + piece) > width:
            lines.append("")
        lines[-1] += piece
    return lines
