"""Which limit holds for a call: the most specific, metric by metric."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from qprof.judge.budgets.acknowledging import Acknowledgement

DEFAULT = "default"
"""The name of the budget that holds for every call."""
BUILT_IN = "qprof's default"
SLACK: Mapping[str, float] = {"rows-amplification": 100, "cells-amplification": 1000}
"""Waste, in rows and cells, that is too little for a ratio to mean anything: a choice of ours, not
a measurement, and a setting."""
_WILD = "*?[]"


@dataclass(frozen=True)
class Limit:
    """The most that one budget allows of one metric."""

    pattern: str
    """Of the calls that it is for."""
    metric: str
    value: float
    level: str = "error"
    """error, or warning where it does not fail the gate."""
    slack: float = 0.0
    """An amplification is no breach while no more rows, cells or queries than these are wasted."""
    acknowledged: Acknowledgement | None = None
    """While it holds, so does this limit; then the next less specific one does."""

    @property
    def source(self) -> str:
        """Return what to look for in the configuration."""
        return self.pattern if self.pattern == BUILT_IN else f"budget {self.pattern}"


@dataclass(frozen=True)
class Budgets:
    """Every limit of the configuration."""

    limits: tuple[Limit, ...] = field(default_factory=tuple)

    def patterns(self) -> list[str]:
        """Return the patterns of calls, without the default."""
        return list(dict.fromkeys(each.pattern for each in self.limits if each.pattern != DEFAULT))

    def applies(self, pattern: str, calls: Iterable[str]) -> bool:
        """Return whether `pattern` is of any of `calls`."""
        return any(fnmatchcase(call, pattern) for call in calls)

    def over(self, others: Iterable[Limit]) -> "Budgets":
        """Return these budgets, and `others` as the least specific."""
        return Budgets((*self.limits, *others))

    def chain(self, call: str, metric: str) -> list[Limit]:
        """Return the limits for a metric of a call, the most specific first.

        A name without wildcards comes before a pattern, a pattern with more literal characters
        before one with fewer, and of two alike the lower limit.
        """
        found = [each for each in self.limits if each.metric == metric and _is_for(each, call)]
        return sorted(found, key=lambda each: (_vagueness(each.pattern), each.value))


def built_in(rows_amplification: float, cells_amplification: float) -> tuple[Limit, ...]:
    """Return what holds where nothing is configured: the thresholds from which shape is damage."""
    values = {"rows-amplification": rows_amplification, "cells-amplification": cells_amplification}
    return tuple(
        Limit(BUILT_IN, metric, value, slack=SLACK[metric]) for metric, value in values.items()
    )


def _is_for(limit: Limit, call: str) -> bool:
    return limit.pattern in (DEFAULT, BUILT_IN) or fnmatchcase(call, limit.pattern)


def _vagueness(pattern: str) -> tuple[int, int]:
    if pattern in (DEFAULT, BUILT_IN):
        return (2 + (pattern == BUILT_IN), 0)
    literal = sum(each not in _WILD for each in pattern)
    return (int(literal < len(pattern)), -literal)
