"""What the rows of a compiled ORM statement hold: which entities, and where their keys stand.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `_entities`, `_fetch_column` and
`_result_columns`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Mapper
from sqlalchemy.sql.compiler import SQLCompiler

from qprof.measure.orm.keys import (
    KeyColumns,
    key_columns,
    link_width,
    result_positions,
    root_entities,
    root_side,
)
from qprof.measure.orm.shape import Shape

_read: "WeakKeyDictionary[Any, RowKeys | None]" = WeakKeyDictionary()


@dataclass(frozen=True)
class Entity:
    """One mapped entity of a row."""

    mapper: Mapper[Any]
    key: tuple[int, ...]
    """The places of its primary key in the row."""


@dataclass(frozen=True)
class RowKeys:
    """The entities of a row by their loader path; of a root that is its name alone."""

    entities: Mapping[str, Entity]
    columns: KeyColumns | None = None
    """None where several entities were selected, or a primary key is missing."""
    alone: bool = True
    """Whether every column is the one entity's own, or of what is joined to it."""
    link: int = 0
    """Columns by which a selectin of this path would name the parent."""
    named: tuple[int, ...] = ()
    """The places of the columns by which a subqueryload names the parent."""


def row_keys(compiled: SQLCompiler, shape: Shape, strategy: str) -> RowKeys | None:
    """Return where the keys stand in the rows of `compiled`; None where it loads no entities."""
    if compiled is None or not shape.entities:
        return None
    if compiled not in _read:
        _read[compiled] = _row_keys(compiled, shape, subquery=strategy == "subquery")
    return _read[compiled]


def _row_keys(compiled: SQLCompiler, shape: Shape, *, subquery: bool) -> RowKeys:
    state: object = compiled.compile_state
    positions = result_positions(compiled)
    columns = key_columns(compiled, state, shape.path or "")
    step = shape.steps[-1] if shape.steps else None
    entities = _roots(positions, state, shape)
    if columns is not None:
        entities |= {
            join.path: Entity(steps[-1].mapper, columns.paths[join.path].key)
            for join, steps in zip(shape.joins, shape.join_steps, strict=True)
        }
    width = len(compiled._result_columns)
    return RowKeys(
        entities=entities,
        columns=columns,
        alone=columns is not None and (step is not None or width == _own(columns)),
        link=link_width(step, positions) if step is not None else 0,
        named=_named(state, positions) if step is not None and subquery else (),
    )


def _own(columns: KeyColumns) -> int:
    return columns.root.width + sum(side.width for side in columns.paths.values())


def _named(state: Any, positions: dict[int, int]) -> tuple[int, ...]:
    """Return the places of the parent's columns, which a subqueryload selects beside its own."""
    found = (positions.get(id(getattr(each, "_fetch_column", None))) for each in state._entities)
    return tuple(place for place in found if place is not None)


def _roots(positions: dict[int, int], state: object, shape: Shape) -> dict[str, Entity]:
    found: dict[str, Entity] = {}
    for entity in root_entities(state):
        side = root_side(positions, state, entity)
        if side is not None:
            name = shape.path or entity.mapper.class_.__name__
            found[name] = Entity(entity.mapper, side.key)
    return found
