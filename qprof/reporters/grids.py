"""Columns and texts to lines that fit a width, with every figure exact."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from tabulate import tabulate

from qprof.reporters.columns import Column
from qprof.reporters.escape import plain

SPACE = "\ue000"
"""Stands for a space that tabulate would take away, or that ends no line: no text has it."""
_COMMAND = re.compile(r"\bqprof (?:baseline )?[a-z]+\b")


def paragraph(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """Return a sentence as lines: `first` begins the first line, `rest` the others.

    A command and its first word stay on one line.
    """
    lines = textwrap.wrap(
        _COMMAND.sub(lambda found: found[0].replace(" ", SPACE), plain(text)),
        width,
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
        break_on_hyphens=False,
    )
    return [line.replace(SPACE, " ") for line in lines]


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


_GAP = 2
_NARROWEST_NAME = 16
_UNSHORTENED = 2
"""Sets of columns that are tried with their names whole: all, and all but the luxury."""


@dataclass(frozen=True)
class Grid:
    """A table as text."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """The lines of each row."""
    offset: int
    """Where the second column starts."""


def fit(columns: Sequence[Column], width: int, whole: int = _UNSHORTENED) -> Grid:
    """Return the columns side by side; the first gives way, then the ones that may be dropped.

    `whole` sets of columns, of ever fewer, are tried before a name is shortened. Where even the
    fewest are too wide, each row is a block with one figure on a line.
    """
    safe = [replace(each, cells=tuple(map(plain, each.cells))) for each in columns]
    for tried in islice(_from_wide_to_narrow(safe), whole):
        if sum(_width(each) + _GAP for each in tried) - _GAP <= width:
            return _side_by_side(tried)
    for tried in _from_wide_to_narrow(safe):
        room = width - sum(_width(each) + _GAP for each in tried[1:])
        if room >= min(_width(tried[0]), _NARROWEST_NAME):
            return _side_by_side([_shortened(tried[0], room), *tried[1:]])
    return _stacked(safe, width)


def _from_wide_to_narrow(columns: list[Column]) -> Iterator[list[Column]]:
    yield columns
    without_luxury = [each for each in columns if each.drop != 1]
    yield without_luxury
    short = [replace(each, title=each.short or each.title) for each in without_luxury]
    yield short
    yield [each for each in short if each.drop != 2]
    yield [each for each in short if not each.drop]


def _kept(text: str) -> str:
    """Return `text` with the spaces that it begins with out of the reach of tabulate."""
    return SPACE * (len(text) - len(text.lstrip(" "))) + text.lstrip(" ")


def _side_by_side(columns: list[Column]) -> Grid:
    # The titles go in as a row: tabulate widens a column with a header by two.
    table = [[each.title for each in columns], *zip(*(each.cells for each in columns), strict=True)]
    text = tabulate(
        [[_kept(text) for text in row] for row in table],
        tablefmt="plain",
        colalign=["right" if each.right else "left" for each in columns],
        disable_numparse=True,
    )
    head, *rows = [line.rstrip() for line in text.replace(SPACE, " ").split("\n")]
    return Grid((head,), tuple((row,) for row in rows), _width(columns[0]) + _GAP)


def _stacked(columns: list[Column], width: int) -> Grid:
    names, figures = columns[0], [each for each in columns[1:] if each.title]
    titles = max(len(each.title) for each in figures)
    room = width - titles - 2 * _GAP
    fitted = [each if each.right else _shortened(each, room) for each in figures]
    rows = [
        (
            shortened(name, width),
            *(f"  {each.title:<{titles}}  {each.cells[i]}" for each in fitted if each.cells[i]),
        )
        for i, name in enumerate(names.cells)
    ]
    return Grid((), tuple(rows), 2)


def _shortened(column: Column, room: int) -> Column:
    return replace(column, cells=tuple(shortened(cell, room) for cell in column.cells))


def _width(column: Column) -> int:
    return max(len(text) for text in (column.title, *column.cells))
