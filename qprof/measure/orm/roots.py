"""The root statements of a call, told apart by SQLAlchemy's own cache key, and their paths."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Mapper, ORMExecuteState, RelationshipProperty, UserDefinedOption

from qprof.domain.loaders import FROM_PARENT
from qprof.domain.trace import Path
from qprof.measure.orm.loader_options import LoaderOptions


class Origin(UserDefinedOption):
    """Travels with the objects that a root statement loads, so that a lazy load can name it.

    With it in place, SQLAlchemy also gives a lazy load its full path from the root.
    """

    propagate_to_loaders = True

    def __reduce__(self) -> Any:
        """Leave the mark behind where an object is pickled: it holds mappers, which cannot."""
        return Origin, ()


@dataclass
class RootPaths:
    """What one root statement loads: each path with its relationships, in order of first use."""

    ordered: bool
    """Whether it has an ORDER BY of its own."""
    entities: "tuple[Mapper[Any], ...]" = ()
    """What the statement selects; empty where that is not known."""
    options: LoaderOptions | None = None
    """What its options say besides strategies; None where nobody looked."""
    paths: dict[str, Path] = field(default_factory=dict)
    steps: "dict[str, list[RelationshipProperty[Any]]]" = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)
    """The strategies that a run gives to paths, in place of those that were seen first."""

    def add(self, path: Path, steps: "list[RelationshipProperty[Any]]") -> None:
        """Remember a path, the first strategy that it was seen under winning."""
        self.paths.setdefault(path.name, path)
        self.steps.setdefault(path.name, steps)

    def whole(
        self, steps: "list[RelationshipProperty[Any]]"
    ) -> "list[RelationshipProperty[Any]] | None":
        """Return `steps` from the root on; None where it cannot be told which way leads to them.

        A subqueryload below a selectinload, lazy or immediate load names its path from its own
        parent, not from the root.
        """
        start = steps[0].parent
        if not self.entities or any(_related(start, each) for each in self.entities):
            return steps
        ways = [
            self.steps[name]
            for name, path in self.paths.items()
            if self.moved.get(name, path.strategy) in FROM_PARENT
            and _related(start, self.steps[name][-1].mapper)
        ]
        return [*ways[0], *steps] if len(ways) == 1 else None


def _related(one: "Mapper[Any]", other: "Mapper[Any]") -> bool:
    return bool(one.isa(other) or other.isa(one))


Roots = dict[Hashable, RootPaths]


def is_read(state: ORMExecuteState) -> bool:
    """Return whether a statement loads rows anew: a select(), or one in from_statement()."""
    return (state.is_select or state.is_from_statement) and not state.is_column_load


def statement_key(statement: Any) -> Hashable:
    """Return what is equal for the same statement written again, whatever its parameters."""
    key = statement._generate_cache_key()
    return key.key if key is not None else str(statement)


def is_ordered(statement: Any) -> bool:
    """Return whether the rows' order is asked for."""
    return bool(getattr(statement, "_order_by_clauses", ()))


def all_paths(roots: Roots) -> tuple[Path, ...]:
    """Return every path of every root statement, parents before children."""
    found: dict[str, Path] = {}
    for root in roots.values():
        for name, path in root.paths.items():
            found.setdefault(name, path)
    return tuple(sorted(found.values(), key=lambda path: (path.name.count("."), path.name)))
