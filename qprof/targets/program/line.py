"""One line of the ledger: adds to its figures, which lie in mapped memory.

A unit is what one transaction has sent, the evidence that executions belong together. Nothing tells
one invocation of a function from the next. A transaction does: what is sent a hundred times in one
of them is a loop, what is sent once in each of a hundred may well be a hundred requests.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

from qprof.domain.trace import Root, Tally
from qprof.measure.capture.sent import Sent
from qprof.measure.capture.tally import RowTally
from qprof.targets.program.store import AT, DOUBLE, PATHS, WORST

_COUNT, _CHUNKS = AT["count"], AT["chunks"]
_ROWS, _COLUMNS, _CELLS = AT["rows"], AT["columns"], AT["cells"]
_EXECUTE, _FETCH, _SINGLY = AT["execute"], AT["fetch"], AT["one_by_one"]
_REPEATS, _AGAIN_ROWS, _AGAIN_CELLS = (
    AT["repeats"],
    AT["repeated_rows"],
    AT["repeated_cells"],
)
_SIZE = AT["bytes"]
_MOST, _DIFFERENT = AT["most"], AT["different"]
_TALLIED, _ROOTS, _WORST_ROWS, _APART = (
    AT["tallied"],
    AT["roots"],
    AT["worst_rows"],
    AT["apart_queries"],
)


class LedgerLine:
    """Where the executions of one statement, for one path and from one site, are added up."""

    __slots__ = ("_bytes", "_paths", "figures", "reads")

    def __init__(
        self, room: memoryview, paths: tuple[str, ...] | None = None, *, reads: bool
    ) -> None:
        self._bytes = room
        self.figures = room.cast("d")
        self._paths = paths
        """The joined paths, then the chains, in the order of their figures; None without a tally.
        """
        self.reads = reads
        """Whether it is a SELECT: of others, parameters are not remembered."""

    def count(self, seconds: float, chunk: bool) -> None:
        """Add one execution; `chunk` where it only continues a load."""
        self.figures[_COUNT] += 1
        self.figures[_CHUNKS] += chunk
        self.figures[_EXECUTE] += seconds

    def together(self, count: int, different: int) -> None:
        """Hear how often one transaction has sent this so far, and with how many parameters."""
        figures = self.figures
        if count > figures[_MOST]:
            figures[_MOST] = count
        if different > figures[_DIFFERENT]:
            figures[_DIFFERENT] = different

    def repeat(self) -> None:
        """Note that the execution repeats an earlier one of its transaction."""
        self.figures[_REPEATS] += 1

    def fetched(self, sent: Sent, rows: int, seconds: float, size: int, *, again: bool) -> None:
        """Add `rows` of `size` bytes that were taken in so many seconds."""
        figures, cells = self.figures, rows * sent.columns
        figures[_ROWS] += rows
        figures[_CELLS] += cells
        figures[_FETCH] += seconds
        figures[_SIZE] += size
        figures[_COLUMNS] = sent.columns or figures[_COLUMNS]
        if sent.one_by_one:
            figures[_SINGLY] = 1
        if again:
            figures[_AGAIN_ROWS] += rows
            figures[_AGAIN_CELLS] += cells

    def tallied(self, tally: RowTally) -> None:
        """Add what the rows of one execution held; not where its joins were others than the line's.

        One SQL text can come of two statements, of which one reads its joins by contains_eager.
        """
        held = tally.result()
        if (*held.pairs, *held.alone) == self._paths:
            self._add(held)

    def _add(self, held: Tally) -> None:
        figures = self.figures
        figures[_TALLIED] += 1
        figures[_ROOTS] += held.roots
        figures[AT["longest"]] += held.longest or 0
        figures[AT["doubled"]] += held.doubled or 0
        if held.apart is not None:
            apart = (held.apart.queries, held.apart.rows, held.apart.cells)
            for place, amount in enumerate(apart):
                figures[_APART + place] += amount
        for place, path in enumerate(self._paths or ()):
            counts = held.pairs if place < len(held.pairs) else held.alone
            figures[PATHS + place] += counts[path]
        if held.worst is not None and held.worst.rows > figures[_WORST_ROWS]:
            self._remember(held.worst)

    def _remember(self, worst: Root) -> None:
        room = self._bytes[WORST * DOUBLE : PATHS * DOUBLE]
        text = json.dumps(worst.shown.identity).encode()
        self.figures[_WORST_ROWS] = worst.rows
        room[:] = (text if len(text) <= len(room) else b"[]").ljust(len(room), b"\0")


MOST_REMEMBERED = 4096
"""Sets of parameters that one transaction's repeats are told by; later ones count as new."""


class Unit:
    """One transaction, while it lives."""

    __slots__ = ("_counts", "_seen")

    def __init__(self) -> None:
        self._counts: dict[LedgerLine, tuple[int, int]] = {}
        self._seen: set[int] = set()

    def saw(self, line: LedgerLine, text: str, parent: int, parameters: Any) -> bool:
        """Take note of one execution; return whether an earlier one was the same."""
        again = line.reads and self._again(text, parent, parameters)
        count, different = self._counts.get(line, (0, 0))
        count, different = count + 1, different + (not again)
        self._counts[line] = (count, different)
        line.together(count, different)
        return again

    def _again(self, text: str, parent: int, parameters: Any) -> bool:
        # Most are a tuple of what Python writes itself: that is looked at here, without a call.
        plain = type(parameters) is tuple and _PLAIN.issuperset(map(type, parameters))
        try:
            said = repr(parameters) if plain else _written(parameters)
        except ValueError:  # Python writes no int of more than some thousand digits.
            said = None
        if said is None:
            return False
        # Not the values: they may be large. Not their own hash: those of -1 and -2 are equal.
        key = hash((text, parent, said))
        if key in self._seen:
            return True
        if len(self._seen) < MOST_REMEMBERED:
            self._seen.add(key)
        return False


_PLAIN = frozenset((type(None), bool, int, float, str, bytes, Decimal, date, timedelta, UUID))
"""Types whose repr() is Python's own, and tells all of the value."""
_DEEPEST = 8
"""How many lists within lists are looked into."""


def _written(parameters: Any, depth: int = 0) -> str | None:
    """Return what tells these parameters from others; None where only the program's code could.

    A parameter may be of a class of the program's: not even its __repr__ is called. Raises
    ValueError for an int of more digits than Python writes.
    """
    kind = type(parameters)
    values: Sequence[Any]
    if kind is dict:
        values = [*parameters, *parameters.values()]
    elif kind is tuple or kind is list:
        values = parameters
    else:
        values = (parameters,)
    if _PLAIN.issuperset(map(type, values)):
        return repr(parameters)
    if kind not in (dict, tuple, list) or depth > _DEEPEST:
        return _moment(parameters)
    said = [_written(each, depth + 1) for each in values]
    return None if None in said else repr(said)


def _moment(value: Any) -> str | None:
    """Return a datetime or time as text, unless its zone is a class of the program's."""
    kind = type(value)
    if kind is not datetime and kind is not time:
        return None
    zone = type(value.tzinfo)
    known = zone is type(None) or zone is timezone or zone.__module__ == "zoneinfo"
    return f"{kind.__name__} {value.isoformat()}" if known else None
