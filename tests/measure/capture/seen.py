"""Short ways to look at what a recording holds."""

from qprof.domain.trace import Execution, Join
from qprof.measure.capture import Recording


def totals(recording: Recording) -> tuple[int, int, int]:
    """Return queries, rows and cells over all executions."""
    executions = recording.executions()
    return (
        sum(each.count for each in executions),
        sum(each.rows for each in executions),
        sum(each.cells for each in executions),
    )


def loads(recording: Recording) -> list[tuple[str, str | None, int]]:
    """Return (strategy, path, count) of each line, in order of first use."""
    return [(each.strategy, each.path, each.count) for each in recording.executions()]


def joins(recording: Recording) -> dict[str, Join]:
    """Return every rendered join by its path."""
    return {join.path: join for each in recording.executions() for join in each.joins}


def only(recording: Recording) -> Execution:
    """Return the one line that there must be."""
    (execution,) = recording.executions()
    return execution
