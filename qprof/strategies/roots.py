"""The root statements of a call, told apart by SQLAlchemy's own cache key, and their paths."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import ORMExecuteState, RelationshipProperty

from qprof.trace import Path


@dataclass
class RootPaths:
    """What one root statement loads: each path with its relationships, in order of first use."""

    ordered: bool
    """Whether it has an ORDER BY of its own."""
    paths: dict[str, Path] = field(default_factory=dict)
    steps: "dict[str, list[RelationshipProperty[Any]]]" = field(default_factory=dict)

    def add(self, path: Path, steps: "list[RelationshipProperty[Any]]") -> None:
        """Remember a path, the first strategy that it was seen under winning."""
        self.paths.setdefault(path.name, path)
        self.steps.setdefault(path.name, steps)


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
