"""What is the same for every execution of one compiled statement."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from qprof.domain.loaders import OWN_JOIN, Kind
from qprof.domain.trace import Join
from qprof.measure.orm.keys import KeyColumns


@dataclass(frozen=True)
class Shape:
    """A compiled statement, read once."""

    kind: Kind = "other"
    secondary: bool = False
    """Whether SQLAlchemy sends it on its own, for objects that exist already."""
    entity: str | None = None
    """The class that it selects; of a relationship, the class that has it."""
    below: tuple[str, ...] = ()
    """Of columns: the hops of the path by which their objects were loaded."""
    attributes: tuple[str, ...] = ()
    """Of columns: which ones."""
    base: str | None = None
    """Of columns that only a subclass has: the class that was selected."""
    offset: bool | None = None
    """Whether its author skips rows; None where only the text is known."""
    path: str | None = None
    hops: tuple[str, ...] = ()
    to_many: bool = False
    entities: bool = False
    joins: tuple[Join, ...] = ()
    wrapped: bool = False
    unlinked: tuple[str, ...] = ()
    own_join: bool = False
    """One entity is selected over a JOIN that is no loader option's: its rows may be copies."""
    several: bool = False
    """A to-one path is joined by columns that no key of its class holds: it can find several."""
    keys: KeyColumns | None = None
    """Where the primary keys stand in a row; None where they could not be found."""
    steps: tuple[Any, ...] = ()
    """The RelationshipProperty objects of `path`."""
    join_steps: tuple[tuple[Any, ...], ...] = ()
    """The RelationshipProperty objects of each join's full path."""

    def worth_a_tally(self) -> bool:
        """Return whether joins multiply rows in a way that a plan cannot undo or should not do."""
        own = any(join.to_many and join.strategy == OWN_JOIN for join in self.joins)
        return self.keys is not None and (own or self.own_join or self.several or self.multiplies())

    def multiplies(self) -> bool:
        """Return whether two joined branches can multiply each other's rows."""
        branches: Counter[str] = Counter()
        joined = {join.path for join in self.joins}
        for join in self.joins:
            # At the top, a path is named by the class that declares it: the root's, or its base.
            branches[join.parent if join.parent in joined else ""] += _branch(join, self.joins)
        return any(count > 1 for count in branches.values())


def _branch(join: Join, joins: tuple[Join, ...]) -> bool:
    below = [each for each in joins if each.path.startswith(f"{join.path}.")]
    return join.to_many or any(each.to_many for each in below)
