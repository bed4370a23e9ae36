"""What joining did in one execution: the judgement that QP101 and QP102 share.

rows ÷ needed is the amplification of a SELECT. rows ÷ the rows of each object's longest branch is
the siblings' own share of it: 1.0 where they do not multiply each other, as where an object has
entries in one of them only.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from qprof.domain.join_tree import siblings, to_many
from qprof.domain.trace import Call, Execution, Root, Tally
from qprof.judge.rules.thresholds import Thresholds


@dataclass(frozen=True)
class Product:
    """The rows of one SELECT that joins siblings, against those that its objects need."""

    rows: int
    needed: int
    factor: float
    """By how much the siblings multiply the longest branch of each object."""
    doubled_rows: int
    """At most, were each sibling collection that is not empty twice as long."""
    doubled_needed: int
    empty: tuple[str, ...]
    """Sibling collections that brought nothing."""
    worst: Root | None

    @property
    def amplification(self) -> float:
        """Rows over needed rows."""
        return self.rows / self.needed


@dataclass(frozen=True)
class Cells:
    """Rows times columns that were fetched, and that the same objects need."""

    fetched: int
    needed: int

    @property
    def amplification(self) -> float:
        """Fetched over needed."""
        return self.fetched / self.needed


def product(execution: Execution) -> Product | None:
    """Return what `execution` measured; None without a tally, or without rows."""
    tally = execution.tally
    if tally is None or not execution.rows:
        return None
    paths = [path for group in siblings(execution.joins) for path in group]
    filled = [path for path in paths if tally.pairs.get(path)]
    longest = tally.longest or max(tally.alone.values(), default=execution.rows)
    return Product(
        rows=execution.rows,
        needed=_needed(execution, tally, ()),
        factor=execution.rows / longest,
        doubled_rows=execution.rows << len(filled) if tally.doubled is None else tally.doubled,
        doubled_needed=_needed(execution, tally, filled),
        empty=tuple(path for path in paths if path not in filled),
        worst=tally.worst,
    )


def cells(call: Call, execution: Execution) -> Cells | None:
    """Return the cells of `execution` by its own tally, or else those of the call.

    The call's figures speak for an execution only if it fetched more than half of them.
    """
    tally = execution.tally
    if tally is not None and tally.apart is not None and tally.apart.cells:
        return Cells(execution.cells, tally.apart.cells)
    if call.needed is None or not call.needed.cells or execution.cells * 2 <= call.cost.cells:
        return None
    return Cells(call.cost.cells, call.needed.cells)


def explodes(call: Call, execution: Execution, thresholds: Thresholds) -> bool:
    """Return whether siblings of `execution` multiply each other beyond the thresholds."""
    measured = product(execution) if siblings(execution.joins) else None
    if measured is None or measured.factor <= 1:
        return False
    if measured.amplification > thresholds.rows_amplification:
        return True
    found = cells(call, execution)
    if found is None or found.amplification <= thresholds.cells_amplification:
        return False
    without = found.amplification / measured.factor
    return found.amplification - without >= without - 1


def duplication(call: Call, execution: Execution) -> float | None:
    """Return the cells over those needed, less the siblings' factor; None if unknown."""
    found = cells(call, execution)
    if found is None or not siblings(execution.joins):
        return found.amplification if found else None
    measured = product(execution)
    return found.amplification / measured.factor if measured else None


def _needed(execution: Execution, tally: Tally, doubled: Sequence[str]) -> int:
    """Return roots plus pairs, each pair once more for every `doubled` path it hangs on."""
    pairs = (
        tally.pairs.get(join.path, 0) << sum(_within(join.path, path) for path in doubled)
        for join in to_many(execution.joins)
    )
    return tally.roots + sum(pairs)


def _within(path: str, above: str) -> bool:
    return path == above or path.startswith(f"{above}.")
