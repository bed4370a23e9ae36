"""Where the rows of a compiled statement hold the primary keys of the root and of the joined.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `_entities`, `_get_entity_clauses`,
`_get_strategy`, `_result_columns` and `_with_polymorphic_mappers`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Mapper
from sqlalchemy.sql.compiler import SQLCompiler

from qprof.measure.orm.paths import USER, eager_paths, full_name, relationships

IN_CHUNKS = "primary_keys"
"""What SQLAlchemy calls the one parameter of a selectin, and of a selectin_polymorphic."""


@dataclass(frozen=True)
class Side:
    """One entity of a joined row."""

    key: tuple[int, ...]
    """The places of its primary key in the row."""
    width: int
    """How many columns of the row are its own."""
    parent: str | None = None
    """The joined path that it hangs on; None for the root, and right below it."""
    to_many: bool = False
    link: int = 0
    """Columns by which a selectin of it would name the parent: many-to-many adds the parent's key,
    one-to-many has it among its own columns, unless its foreign key refers to other columns."""


@dataclass(frozen=True)
class KeyColumns:
    """Where a row holds the root and the entity of each joined path."""

    entity: str
    root: Side
    prefix: int
    """Leading columns that belong to the root's own parent, in a secondary load."""
    paths: Mapping[str, Side]

    def leaves(self) -> list[str]:
        """Return the paths that no other path hangs on."""
        above = {side.parent for side in self.paths.values()}
        return [path for path in self.paths if path not in above]

    def chain(self, path: str) -> tuple[int, ...]:
        """Return the places of all keys from the root down to `path`."""
        side = self.paths[path]
        above = self.root.key if side.parent is None else self.chain(side.parent)
        return above + side.key

    def key_above(self, path: str) -> tuple[int, ...]:
        """Return the places of the key of the entity that `path` hangs on."""
        parent = self.paths[path].parent
        return self.root.key if parent is None else self.paths[parent].key

    def load_width(self, path: str | None) -> int:
        """Return the columns of a statement that loads `path`, with its to-one joins, apart."""
        side = self.root if path is None else self.paths[path]
        below = (p for p, each in self.paths.items() if each.parent == path and not each.to_many)
        return side.width + side.link + sum(self.load_width(each) for each in below)


def key_columns(compiled: SQLCompiler, state: Any, base: str) -> KeyColumns | None:
    """Return the columns, or None where one is missing or several roots were selected."""
    positions = result_positions(compiled)
    roots = root_entities(state)
    if len(roots) != 1:
        return None
    root = root_side(positions, state, roots[0])
    paths: dict[str, Side | None] = {}
    for marker, path in eager_paths(state):
        steps = relationships(path)
        parent = full_name(base, steps[:-1]) if len(steps) > 1 else None
        adapters = [state.attributes[(marker, path)]]
        if marker == USER:
            # The author's own JOIN goes into the subquery of a DISTINCT or LIMIT, if there is one.
            adapters.append(getattr(state, "compound_eager_adapter", None))
        paths[full_name(base, steps)] = _joined_side(positions, steps[-1], adapters, parent)
    found = {name: side for name, side in paths.items() if side is not None}
    if root is None or len(found) < len(paths):
        return None
    entity = roots[0].mapper.class_.__name__
    return KeyColumns(entity, root, min(root.key) if base else 0, found)


def root_entities(state: Any) -> list[Any]:
    """Return the mapped entities that the statement selects."""
    return [entity for entity in state._entities if _is_mapper(entity)]


def _is_mapper(entity: object) -> bool:
    has_mapper = getattr(entity, "mapper", None) is not None
    return has_mapper and hasattr(entity, "_with_polymorphic_mappers")


def root_side(positions: dict[int, int], state: object, entity: Any) -> Side | None:
    """Return where the rows hold `entity`, or None where its primary key is missing."""
    adapters = (entity._get_entity_clauses(state), getattr(state, "compound_eager_adapter", None))
    key = key_places(positions, entity.mapper, adapters)
    if len(key) < len(entity.mapper.primary_key):
        return None
    return Side(key, len(set(places(positions, entity.mapper.columns, adapters))))


def _joined_side(
    positions: dict[int, int], step: Any, adapters: Sequence[object], parent: str | None
) -> Side | None:
    # contains_eager without an alias has no adapter: its columns stand for themselves.
    key = key_places(positions, step.mapper, adapters)
    if len(key) < len(step.mapper.primary_key):
        return None
    width = len(set(places(positions, step.mapper.columns, adapters)))
    return Side(key, width, parent, bool(step.uselist), link_width(step, positions, adapters))


def link_width(step: Any, positions: dict[int, int], adapters: Iterable[object] = ()) -> int:
    """Return how many columns a selectin of `step` adds to name the parent."""
    if not step.uselist:
        return 0
    # One-to-many has the parent's key in its own foreign key, unless that was left out.
    own = step.secondary is None and step._get_strategy((("lazy", "selectin"),)).omit_join
    if not own:
        return len(step.parent.primary_key)
    return len(step.remote_side) - len(places(positions, step.remote_side, adapters))


def result_positions(compiled: SQLCompiler) -> dict[int, int]:
    """Return the place in the row of every object that SQLAlchemy knows a result column by."""
    found: dict[int, int] = {}
    for index, column in enumerate(compiled._result_columns):
        for each in column.objects:
            found.setdefault(id(each), index)
    return found


def key_places(
    positions: dict[int, int], mapper: Mapper[Any], adapters: Iterable[object]
) -> tuple[int, ...]:
    """Return the places of the primary key; of a joined-table subclass the row has its own copy."""
    found: list[int] = []
    for column in mapper.primary_key:
        copies = (column, *mapper.get_property_by_column(column).columns)
        found += places(positions, copies, adapters)[:1]
    return tuple(found)


def places(
    positions: dict[int, int], columns: Iterable[object], adapters: Iterable[Any]
) -> tuple[int, ...]:
    """Return the places of those `columns` that the row has, seen through `adapters`."""
    wanted = list(columns)
    for adapter in adapters:
        if adapter is not None:
            wanted = [adapter.columns[column] for column in wanted]
    places = (positions.get(id(column)) for column in wanted)
    return tuple(place for place in places if place is not None)
