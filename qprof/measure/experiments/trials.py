"""Timed repeats of several plans, interleaved."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from qprof.domain.trace import PlanRun
from qprof.measure.experiments.replay import Measured

ENOUGH = 1.5
"""Seconds of timed runs after which a plan is not repeated again."""


class Repeated(Protocol):
    """A plan that is timed in turn with others; not at all where `again` is None."""

    @property
    def again(self) -> Callable[[], Measured] | None:
        """Runs the call once more."""

    @property
    def seconds(self) -> list[float]:
        """What each run took."""


@dataclass
class Trial:
    """A plan on its way through the repeats."""

    run: PlanRun
    again: Callable[[], Measured] | None
    seconds: list[float]

    def timed(self) -> PlanRun:
        """Return the run with the median of its repeats."""
        if not self.seconds:
            return self.run
        spread = (min(self.seconds), max(self.seconds))
        median = statistics.median(self.seconds)
        return replace(self.run, seconds=median, spread=spread, repeats=len(self.seconds))


def repeat(trials: Sequence[Repeated], repeats: int) -> None:
    """Time every trial once a round, so that a slow moment of the machine meets all alike."""
    for _ in range(repeats):
        for trial in trials:
            if trial.again is not None and sum(trial.seconds) < ENOUGH:
                trial.seconds.append(trial.again().seconds)
