"""Arithmetic only: what SELECTs cost, from how many parents, rows and columns they have."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from qprof.domain.loaders import CHUNK
from qprof.domain.trace import Cost, total


@dataclass(frozen=True)
class Sent:
    """All SELECTs of one plan that load one path, or the root."""

    strategy: str
    """root, selectin, subquery or lazy."""
    rows: int
    parents: int = 1
    """What they are loaded for: entities; for a selectin of a to-one, distinct foreign keys."""
    width: int | None = 0
    """Columns of a row; None where unknown."""
    chunk: int = CHUNK
    path: str = ""
    """"" for the root."""

    @property
    def queries(self) -> int:
        """One for the root and each subquery that has parents, per chunk, or per parent."""
        if self.strategy == "selectin":
            return ceil(self.parents / self.chunk)
        return self.parents if self.strategy == "lazy" else min(1, self.parents)

    @property
    def cost(self) -> Cost:
        """Queries, rows and cells; cells are 0 where the width is unknown."""
        # A subqueryload could find rows for parents that did not come; it is not sent then.
        rows = self.rows if self.queries else 0
        return Cost(self.queries, rows, rows * (self.width or 0))


def together(sent: Iterable[Sent]) -> tuple[Cost, bool]:
    """Return the sum, and whether its cells are known."""
    every = tuple(sent)
    return total(each.cost for each in every), all(each.width is not None for each in every)
