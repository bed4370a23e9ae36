"""Limits on what a test sends, and which of them its figures exceed. Arithmetic only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qprof.domain.errors import QprofError
from qprof.domain.registry import unknown
from qprof.domain.report import Amplification, Breach
from qprof.domain.trace import Cost

COUNTS = ("queries", "rows", "cells")
KEYS = (*COUNTS, "amplification", *(f"{name}_amplification" for name in COUNTS))
"""What can be limited. `amplification` is of rows and of cells, not of queries: an explosion has
few queries, and its fix has more."""


@dataclass(frozen=True)
class Figures:
    """What was measured."""

    cost: Cost
    queries: int
    """Executions; the chunks of one selectin are one."""
    amplification: Amplification


@dataclass(frozen=True)
class Limits:
    """The most that is allowed, by key."""

    values: Mapping[str, float]

    @property
    def ratios(self) -> bool:
        """Whether some limit is of an amplification, for which needed has to be known."""
        return any(key not in COUNTS for key in self.values)

    def allow_nothing(self) -> bool:
        """Return whether it was asked for that no statement is sent."""
        return self.values.get("queries") == 0

    def breaches(self, call: str, figures: Figures) -> Iterator[Breach]:
        """Yield each limit that `figures` exceed, in the order in which they were written."""
        for key, limit in self.values.items():
            for metric in ("rows", "cells") if key == "amplification" else (key,):
                name = f"{metric}_amplification" if key == "amplification" else metric
                measured = _measured(name, figures)
                if measured is not None and measured > limit:
                    yield Breach(call, name.replace("_", "-"), limit, measured, "test")


def _measured(name: str, figures: Figures) -> float | None:
    metric, ratio, _ = name.partition("_")
    if not ratio:
        return figures.queries if metric == "queries" else int(getattr(figures.cost, metric))
    found: float | None = getattr(figures.amplification, metric)
    if found is None and getattr(figures.cost, metric):
        return float("inf")
    return found


def read_limits(given: Mapping[str, object], where: str) -> Limits:
    """Return `given` as limits; `where` says what asks for them.

    Raises QprofError for an unknown key, or a value that is no number, or below zero.
    """
    for key, value in given.items():
        if key not in KEYS:
            raise unknown("limit", key, KEYS, f"in {where}")
        _refuse(key, value, where)
    return Limits({key: value for key, value in given.items() if isinstance(value, (int, float))})


def _refuse(key: str, value: object, where: str) -> None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not isinstance(value, (int, float)) or not value >= 0:
        example = "1.5" if "amplification" in key else "100"
        raise QprofError(
            f"{where} has {key}={value!r}; it has to be a number from zero on, such as "
            f"{key}={example}."
        )
