"""`[tool.qprof.budgets]` to `Budgets`.

Example:
[tool.qprof.budgets.default]
rows-amplification = 1.5

[tool.qprof.budgets."artists.*"]
queries = 5
rows = {limit = 2000, level = "warning"}
"""

from collections.abc import Iterator, Mapping
from typing import Any

from qprof.domain.errors import QprofError
from qprof.domain.registry import unknown
from qprof.judge.budgets.acknowledging import KEYS, read_acknowledgement
from qprof.judge.budgets.limits import SLACK, Budgets, Limit
from qprof.judge.budgets.metrics import METRICS, is_ratio

LEVELS = ("warning", "error")
_KEYS = ("limit", "level", "slack", *KEYS)


def read_budgets(value: Any, where: str) -> Budgets:
    """Return the budgets of a TOML table; `where` names the file and the key.

    Raises QprofError for an unknown metric, key or level, and for a value of another kind.
    """
    return Budgets(tuple(_limits(_table(value, where), where)))


def _limits(table: Mapping[str, Any], where: str) -> Iterator[Limit]:
    for pattern, metrics in table.items():
        place = f"{where}.{pattern}"
        for metric, value in _table(metrics, place).items():
            if metric not in METRICS:
                raise unknown("metric", metric, METRICS, f"in {place}")
            yield _limit(pattern, metric, value, f"{place}.{metric}")


def _limit(pattern: str, metric: str, value: Any, where: str) -> Limit:
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


def _slack(table: Mapping[str, Any], metric: str, where: str) -> float:
    if "slack" not in table:
        return SLACK.get(metric, 0)
    if not is_ratio(metric):
        raise QprofError(f"{where} has a slack, which only an amplification has; raise the limit.")
    return _number(table["slack"], f"{where}: slack")


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise QprofError(f"{where} is {value!r}; it has to be a table.")
    return value


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
        raise QprofError(f"{where} is {value!r}; it has to be a number from zero on.")
    return value


def _level(value: Any, where: str) -> str:
    if value not in LEVELS:
        raise unknown("level", str(value), LEVELS, f"for {where}")
    return str(value)
