"""One line of the ledger: adds to its figures, which lie in mapped memory.

A unit is what one transaction has sent, the evidence that executions belong together. Nothing tells
one invocation of a function from the next. A transaction does: what is sent a hundred times in one
of them is a loop, what is sent once in each of a hundred may well be a hundred requests.
"""

import json
from typing import Any

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
_MOST, _DIFFERENT = AT["most"], AT["different"]
_TALLIED, _ROOTS, _WORST_ROWS, _APART = (
    AT["tallied"],
    AT["roots"],
    AT["worst_rows"],
    AT["apart_queries"],
)


class LedgerLine:
    """Where the executions of one statement, for one path and from one site, are added up."""

    __slots__ = ("_bytes", "_figures", "_paths", "reads")

    def __init__(self, room: memoryview, paths: tuple[str, ...], *, reads: bool) -> None:
        self._bytes = room
        self._figures = room.cast("d")
        self._paths = paths
        """The joined paths, then the chains, in the order of their figures."""
        self.reads = reads
        """Whether it is a SELECT: of others, parameters are not remembered."""

    def count(self, seconds: float, chunk: bool) -> None:
        """Add one execution; `chunk` where it only continues a load."""
        self._figures[_COUNT] += 1
        self._figures[_CHUNKS] += chunk
        self._figures[_EXECUTE] += seconds

    def together(self, count: int, different: int) -> None:
        """Hear how often one transaction has sent this so far, and with how many parameters."""
        figures = self._figures
        if count > figures[_MOST]:
            figures[_MOST] = count
        if different > figures[_DIFFERENT]:
            figures[_DIFFERENT] = different

    def repeat(self) -> None:
        """Note that the execution repeats an earlier one of its transaction."""
        self._figures[_REPEATS] += 1

    def fetched(self, sent: Sent, rows: int, seconds: float, *, again: bool) -> None:
        """Add `rows` that were taken in so many seconds."""
        figures, cells = self._figures, rows * sent.columns
        figures[_ROWS] += rows
        figures[_CELLS] += cells
        figures[_FETCH] += seconds
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
        figures = self._figures
        figures[_TALLIED] += 1
        figures[_ROOTS] += held.roots
        figures[AT["longest"]] += held.longest or 0
        figures[AT["doubled"]] += held.doubled or 0
        if held.apart is not None:
            apart = (held.apart.queries, held.apart.rows, held.apart.cells)
            for place, amount in enumerate(apart):
                figures[_APART + place] += amount
        for place, path in enumerate(self._paths):
            counts = held.pairs if place < len(held.pairs) else held.alone
            figures[PATHS + place] += counts[path]
        if held.worst is not None and held.worst.rows > figures[_WORST_ROWS]:
            self._remember(held.worst)

    def _remember(self, worst: Root) -> None:
        room = self._bytes[WORST * DOUBLE : PATHS * DOUBLE]
        text = json.dumps(worst.identity).encode()
        self._figures[_WORST_ROWS] = worst.rows
        room[:] = (text if len(text) <= len(room) else b"[]").ljust(len(room), b"\0")


MOST_REMEMBERED = 4096
"""Sets of parameters that one transaction's repeats are told by; later ones count as new."""


class Unit:
    """One transaction, while it lives."""

    __slots__ = ("_counts", "_seen")

    def __init__(self) -> None:
        self._counts: dict[LedgerLine, tuple[int, int]] = {}
        self._seen: set[int] = set()

    def saw(self, line: LedgerLine, text: str, parameters: Any) -> bool:
        """Take note of one execution; return whether an earlier one was the same."""
        again = line.reads and self._again(text, parameters)
        count, different = self._counts.get(line, (0, 0))
        count, different = count + 1, different + (not again)
        self._counts[line] = (count, different)
        line.together(count, different)
        return again

    def _again(self, text: str, parameters: Any) -> bool:
        # Not the values: they may be large. Not their own hash: those of -1 and -2 are equal.
        key = hash((text, repr(parameters)))
        if key in self._seen:
            return True
        if len(self._seen) < MOST_REMEMBERED:
            self._seen.add(key)
        return False
