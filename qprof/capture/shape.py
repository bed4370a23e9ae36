"""What is the same for every execution of one compiled statement."""

from dataclasses import dataclass
from typing import Any

from qprof.capture.tally import KeyColumns
from qprof.trace import Join


@dataclass(frozen=True)
class Shape:
    """A compiled statement, read once."""

    path: str | None = None
    hops: tuple[str, ...] = ()
    to_many: bool = False
    entities: bool = False
    joins: tuple[Join, ...] = ()
    wrapped: bool = False
    unlinked: tuple[str, ...] = ()
    keys: KeyColumns | None = None
    """Where the primary keys stand in a row; None where they could not be found."""
    steps: tuple[Any, ...] = ()
    """The RelationshipProperty objects of `path`."""
    join_steps: tuple[tuple[Any, ...], ...] = ()
    """The RelationshipProperty objects of each join's full path."""

    def worth_a_tally(self) -> bool:
        """Return whether joins multiply rows in a way that a plan cannot undo or should not do."""
        own = any(join.to_many and join.strategy == "contains_eager" for join in self.joins)
        return self.keys is not None and (own or self.multiplies())

    def multiplies(self) -> bool:
        """Return whether two joined branches can multiply each other's rows."""
        tops = {join.path: _branch(join, self.joins) for join in self.joins}
        return any(
            sum(tops[each.path] for each in self.joins if each.parent == join.parent) > 1
            for join in self.joins
        )


def _branch(join: Join, joins: tuple[Join, ...]) -> bool:
    below = [each for each in joins if each.path.startswith(f"{join.path}.")]
    return join.to_many or any(each.to_many for each in below)
