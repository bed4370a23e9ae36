"""What the rows of one execution hold: which objects, and how they hang together.

This looks at every row, so it is for runs whose time does not matter.
"""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.orm import Mapper

from qprof.measure.capture.tally import RowTally

if TYPE_CHECKING:
    from qprof.measure.orm.entities import RowKeys

Identity = tuple[Any, ...]


class Held:
    """The keys that pass by in the rows of one execution."""

    def __init__(self, keys: "RowKeys", parent: Any, dialect: Dialect) -> None:
        self.keys = keys
        self.parent = parent
        """SQLAlchemy's identity key of the object that a lazy load was for; else None."""
        self.rows = 0
        self.mains: set[Identity] = set()
        """The distinct roots of a root SELECT; of a path's, its (parent, child) pairs."""
        self.combinations: set[Identity] = set()
        """The distinct keys of whole rows."""
        self.pairs: dict[str, set[object]] = {path: set() for path in self._joined()}
        self.tally = RowTally(keys.columns) if keys.columns and self.multiplied else None
        self.broken: Exception | None = None
        self._found: dict[str, set[Identity]] = {path: set() for path in keys.entities}
        self._dialect = dialect

    @property
    def path(self) -> str:
        """The path that the statement itself loads; for a root the name of its entity."""
        return next(iter(self.keys.entities), "")

    @property
    def multiplied(self) -> bool:
        """Whether a to-many path is joined."""
        columns = self.keys.columns
        return columns is not None and any(side.to_many for side in columns.paths.values())

    def _joined(self) -> Sequence[str]:
        return list(self.keys.columns.paths) if self.keys.columns is not None else []

    def add(self, rows: Iterable[Sequence[object]]) -> None:
        """Look at `rows`, as the driver gave them; never raises."""
        try:
            if self.tally is not None:
                self.tally.add(rows)
            for row in rows:
                self._add(row)
        except Exception as error:
            self.broken = error

    def _add(self, row: Sequence[object]) -> None:
        self.rows += 1
        keys = {path: _at(entity.key, row) for path, entity in self.keys.entities.items()}
        for path, key in keys.items():
            if None not in key:
                self._found[path].add(key)
        columns = self.keys.columns
        if columns is None:
            return
        named = (*range(columns.prefix), *self.keys.named, *columns.root.key)
        main = _at(named, row)
        self.mains.add(main)
        self.combinations.add((*main, *(part for path in self.pairs for part in keys[path])))
        for path, seen in self.pairs.items():
            if None not in keys[path]:
                seen.add((_at(columns.key_above(path), row), keys[path]))

    def identities(self, path: str) -> set[Identity]:
        """Return the primary keys of the objects of `path`, as SQLAlchemy has them in Python."""
        entity = self.keys.entities[path]
        readers = [_reader(column.type, self._dialect) for column in entity.mapper.primary_key]
        if not any(readers):
            return self._found[path]
        return {
            tuple(read(part) if read else part for read, part in zip(readers, each, strict=True))
            for each in self._found[path]
        }

    def found(self, path: str) -> set[Identity]:
        """Return the primary keys of the objects of `path`, as the driver gave them."""
        return self._found[path]


def identity_class(mapper: Mapper[Any]) -> object:
    """Return the class that SQLAlchemy knows the objects of `mapper` by."""
    return mapper.identity_key_from_primary_key((None,))[0]


def _at(places: Sequence[int], row: Sequence[object]) -> Identity:
    found = itemgetter(*places)(row)
    return tuple(found) if len(places) > 1 else (found,)


def _reader(kind: Any, dialect: Dialect) -> Any:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
