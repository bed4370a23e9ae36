"""Code to lines that fit, broken only where Python may be broken and people would."""

import re
from collections.abc import Iterator

from qprof.reporters.escape import plain

# A quoted text is one part, so that a comma or a bracket inside it counts for nothing.
_PART = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|.""", re.DOTALL)
_STEP = "    "


def code_lines(text: str, width: int, indent: str) -> list[str]:
    """Return lines of code, broken inside their largest brackets and after commas.

    A token longer than `width` stays whole: the code must still run when it is pasted.
    """
    return [line for each in text.split("\n") for line in _broken(indent + plain(each), width)]


def _broken(line: str, width: int) -> list[str]:
    brackets = _largest_brackets(line)
    if len(line.rstrip()) <= width or brackets is None:
        return [line.rstrip()]
    start, end = brackets
    indent = line[: len(line) - len(line.lstrip())]
    arguments = _arguments(line[start + 1 : end])
    inside = [each for one in arguments for each in _broken(indent + _STEP + one, width)]
    return [line[: start + 1], *inside, *_broken(indent + line[end:], width)]


def _largest_brackets(line: str) -> tuple[int, int] | None:
    pairs: list[tuple[int, int]] = []
    start = 0
    for position, part, depth in _tokens(line):
        if part in "([{" and depth == 1:
            start = position
        elif part in ")]}" and depth == 0 and line[start + 1 : position].strip():
            pairs.append((start, position))
    return max(pairs, key=lambda pair: pair[1] - pair[0], default=None)


def _arguments(inside: str) -> list[str]:
    commas = [at for at, part, depth in _tokens(inside) if part == "," and depth == 0]
    starts = [0, *(at + 1 for at in commas)]
    ends = [*starts[1:], len(inside)]
    parts = [inside[start:end].strip() for start, end in zip(starts, ends, strict=True)]
    return [part for part in parts if part]


def _tokens(line: str) -> Iterator[tuple[int, str, int]]:
    """Yield the place of each part, the part, and how many brackets are open after it."""
    depth = 0
    for match in _PART.finditer(line):
        part = match.group()
        depth += (part in "([{") - (part in ")]}")
        yield match.start(), part, depth
