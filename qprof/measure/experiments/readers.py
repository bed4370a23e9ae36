"""Who reads the objects of a call, and what comes out of it: all that a later run is held against.

Of a call that returns mapped objects, nobody can say what its caller will read. Only a touch step,
a request, or a call that returns none are readers that are done when the run is.
"""

from dataclasses import dataclass
from typing import Protocol

from qprof.measure.experiments.graph import Graph, Incomparable, snapshot
from qprof.measure.experiments.reads import Reads
from qprof.measure.orm.roots import Roots


class Finished(Protocol):
    """A call that was run."""

    @property
    def reader(self) -> str:
        """touch, request, or nobody."""

    @property
    def gave(self) -> list[object]:
        """What the touch gave for each object."""


@dataclass(frozen=True)
class Reading:
    """A run whose reader was observed to the end."""

    reader: str
    outcome: Graph
    reads: Reads


def reading_in(ready: Finished, value: object, reads: Reads, roots: Roots) -> Reading | None:
    """Return what was read in a run that gave `value`; None where others may read on."""
    outcome = outcome_of(ready, value, roots)
    if outcome is None:
        return None
    if ready.reader != "touch":
        reads.look_for_kept()
    own = "call" if tells(ready, value) else "silent"
    return Reading(ready.reader or own, outcome, reads)


def tells(ready: Finished, value: object) -> bool:
    """Return whether a reader gave anything that could have been another one: no None or [None]."""
    return _tells(ready.gave if ready.reader == "touch" else value)


def _tells(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_tells, value))
    return value is not None


def outcome_of(ready: Finished, value: object, roots: Roots) -> Graph | None:
    """Return what the reader of a call made of its objects; None where that cannot be told."""
    try:
        outcome = snapshot(ready.gave if ready.reader == "touch" else value, roots)
    except Incomparable:
        return None
    return None if outcome.nodes else outcome
