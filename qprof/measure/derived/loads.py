"""The SELECTs that the balanced plan would send, and the objects that come in their rows."""

from dataclasses import dataclass, field
from math import ceil
from typing import Any

from qprof.domain.loaders import CHUNK
from qprof.measure.capture.held import Held


@dataclass(eq=False)
class Load:
    """One SELECT of the balanced plan, or the chunks of one selectin."""

    queries: int = 0
    parents: int = 0
    rows: int = 0
    cells: int = 0
    riders: int = 0
    """Columns of to-one paths that would be joined onto its rows."""
    width: int = 0
    mains: set[Any] = field(default_factory=set)
    """The (parent, child) pairs that subqueryloads brought."""
    owners: set[Any] = field(default_factory=set)
    pairs: set[Any] = field(default_factory=set)
    """Of a path that was joined: its parents, and its (parent, child) pairs."""

    def add(self, rows: int, width: int) -> None:
        """Add rows of so many columns."""
        self.rows += rows
        self.cells += rows * width

    def new(self, pairs: set[Any]) -> int:
        """Return how many of the (parent, child) pairs of a subqueryload did not come before."""
        new = pairs - self.mains
        self.mains |= new
        return len(new)

    def hold(self, owners: set[Any], pairs: set[Any], width: int) -> None:
        """Add what was joined: parents, and pairs, of which each one counts once."""
        self.owners |= owners
        self.pairs |= pairs
        self.width = width

    def cost(self) -> tuple[int, int, int]:
        """Return queries, rows and cells."""
        queries = self.queries + ceil((self.parents + len(self.owners)) / CHUNK)
        rows = self.rows + len(self.pairs)
        return queries, rows, self.cells + len(self.pairs) * self.width + rows * self.riders


@dataclass(eq=False)
class Place:
    """The objects of one path, and the load whose rows they came in."""

    path: str
    kind: Any
    """The class by which SQLAlchemy identifies them."""
    load: Load
    identities: set[Any] = field(default_factory=set)

    def see(self, held: Held, path: str) -> None:
        """Add the objects of `path` that `held` has."""
        self.identities |= held.identities(path)
