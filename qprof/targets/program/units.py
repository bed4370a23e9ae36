"""What one transaction has sent: the evidence that executions belong together.

Nothing tells one invocation of a function from the next. A transaction does: what is sent a hundred
times in one of them is a loop, what is sent once in each of a hundred may well be a hundred
requests.
"""

from typing import Any

from qprof.targets.program.line import Line

MOST_REMEMBERED = 4096
"""Sets of parameters that one transaction's repeats are told by; later ones count as new."""


class Unit:
    """One transaction, while it lives."""

    __slots__ = ("_counts", "_seen")

    def __init__(self) -> None:
        self._counts: dict[Line, tuple[int, int]] = {}
        self._seen: set[int] = set()

    def saw(self, line: Line, text: str, parameters: Any) -> bool:
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
