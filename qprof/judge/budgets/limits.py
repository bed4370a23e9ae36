"""Which limit holds for a call: the most specific, metric by metric. Read from the settings.

Example:
[tool.qprof.budgets.default]
rows-amplification = 1.5

[tool.qprof.budgets."artists.*"]
queries = 5
rows = {limit = 2000, level = "warning"}
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from qprof.domain.errors import QprofError
from qprof.domain.registry import unknown
from qprof.judge.budgets.baseline import KEYS, Acknowledgement, read_acknowledgement
from qprof.judge.budgets.metrics import METRICS, is_ratio

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


LEVELS = ("warning", "error")
_KEYS = ("limit", "level", "slack", *KEYS)


def read_budgets(value: object, where: str) -> Budgets:
    """Return the budgets of a TOML table; `where` names the file and the key.

    Raises QprofError for an unknown metric, key or level, and for a value of another kind.
    """
    return Budgets(tuple(_limits(_table(value, where), where)))


def _limits(table: Mapping[str, object], where: str) -> Iterator[Limit]:
    for pattern, metrics in table.items():
        place = f"{where}.{pattern}"
        for metric, value in _table(metrics, place).items():
            if metric not in METRICS:
                raise unknown("metric", metric, METRICS, f"in {place}")
            yield _limit(pattern, metric, value, f"{place}.{metric}")


def _limit(pattern: str, metric: str, value: object, where: str) -> Limit:
    table = value if isinstance(value, dict) else {"limit": value}
    for key in table:
        if key not in _KEYS:
            raise unknown("key", key, _KEYS, f"in {where}")
    if "limit" not in table:
        raise QprofError(f"{where} has no limit; write for example {{limit = 2000}}.")
    return Limit(
        pattern,
        metric,
        _number(table["limit"], where),
        _level(table.get("level", "error"), where),
        _slack(table, metric, where),
        read_acknowledgement(table, where),
    )


def _slack(table: Mapping[str, object], metric: str, where: str) -> float:
    if "slack" not in table:
        return SLACK.get(metric, 0)
    if not is_ratio(metric):
        raise QprofError(f"{where} has a slack, which only an amplification has; raise the limit.")
    return _number(table["slack"], f"{where}: slack")


def _table(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise QprofError(f"{where} is {value!r}; it has to be a table.")
    return value


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
        raise QprofError(f"{where} is {value!r}; it has to be a number from zero on.")
    return value


def _level(value: object, where: str) -> str:
    if value not in LEVELS:
        raise unknown("level", str(value), LEVELS, f"for {where}")
    return str(value)
