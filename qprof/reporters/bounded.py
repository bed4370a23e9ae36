"""Blocks of text joined up to a size, with a last line that says what was cut."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qprof.reporters.figures import counted

_RESERVED = 300
"""Bytes kept free for the line that says what was cut."""


@dataclass(frozen=True)
class Block:
    """Lines that belong together."""

    lines: Sequence[str]
    what: str = "paragraph"
    """What a reader would call it, were it cut; of a table, each row."""
    head: int | None = None
    """How many lines of a table stand above its rows; None for what cannot be divided."""


def bounded(blocks: Iterable[Block], most: int) -> str:
    """Return the blocks with an empty line between, at most `most` bytes of UTF-8.

    The last lines are cut: rows of a table, else whole blocks.
    """
    filled = [block for block in blocks if block.lines]
    if _size(filled) <= most:
        return _text(filled)
    kept: list[Block] = []
    room = most - _RESERVED
    while filled and (fits := _fitting(filled[0], room)) is not None:
        kept.append(fits)
        room -= _size([fits]) + 1
        if len(fits.lines) < len(filled[0].lines):
            filled[0] = Block(filled[0].lines[len(fits.lines) :], filled[0].what, 0)
            break
        del filled[0]
    return _text([*kept, Block([_cut(filled, most)])])


def _fitting(block: Block, room: int) -> Block | None:
    """Return the block, or as many rows of a table as there is room for; None where none fits."""
    if _size([block]) <= room:
        return block
    if block.head is None:
        return None
    number = 0
    for number, line in enumerate(block.lines):  # noqa: B007
        room -= len(line.encode()) + 1
        if room < 0:
            break
    return Block(block.lines[:number], block.what, block.head) if number > block.head else None


def _cut(blocks: Sequence[Block], most: int) -> str:
    counts: Counter[str] = Counter()
    for block in blocks:
        counts[block.what] += 1 if block.head is None else len(block.lines) - block.head
    parts = ", ".join(counted(number, what) for what, number in counts.items())
    return (
        f"**Cut at {most / 1000:.0f} kB: {parts} left out.** "
        "`--format json` has all, and `qprof report` renders it."
    )


def _size(blocks: Sequence[Block]) -> int:
    return len(_text(blocks).encode())


def _text(blocks: Sequence[Block]) -> str:
    return "\n\n".join("\n".join(block.lines) for block in blocks) + "\n"
