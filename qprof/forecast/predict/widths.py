"""How many columns the SELECTs of a plan have, read off one compiled statement that joins all.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `_get_strategy`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qprof.forecast.predict.layout import Layout
from qprof.forecast.predict.tree import Edge
from qprof.measure.orm.keys import KeyColumns, Side


@dataclass(frozen=True)
class Widths:
    """The columns of each path's entity, and those of the root statement without joined paths."""

    root: int
    sides: Mapping[str, Side]

    def of_root(self, layout: Layout) -> int | None:
        """Return the columns of the root statement under `layout`."""
        joined = [edge for name in layout.tree.entities for edge in layout.within(name)]
        joined += layout.read()
        return self._sum(self.root, joined)

    def of(self, edge: Edge, layout: Layout) -> int | None:
        """Return the columns of a SELECT that loads `edge` apart."""
        if edge.path not in self.sides:
            return None
        own = self.sides[edge.path].width + self._link(edge, layout.strategy(edge.path))
        return self._sum(own, list(layout.within(edge.path)))

    def _sum(self, own: int, joined: list[Edge]) -> int | None:
        if any(edge.path not in self.sides for edge in joined):
            return None
        return own + sum(self.sides[edge.path].width for edge in joined)

    def _link(self, edge: Edge, strategy: str) -> int:
        """Return the columns that name the parent."""
        if strategy == "lazy":
            return 0
        if strategy == "subquery":
            return len(edge.step.local_columns)
        if edge.to_many or edge.by_identity:
            return self.sides[edge.path].link
        selectin: Any = edge.step._get_strategy((("lazy", "selectin"),))
        return 0 if selectin.omit_join else len(edge.step.parent.primary_key)


def read_widths(statement_columns: int, keys: KeyColumns | None) -> Widths | None:
    """Return the widths that a statement of so many columns has, where all its paths are joined."""
    if keys is None:
        return None
    joined = sum(side.width for side in keys.paths.values())
    return Widths(statement_columns - joined, keys.paths)
