"""What a statement says of its rows: by what they are ordered and cut, and what counts them.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `Select._order_by_clauses`, `._limit_clause`,
`._offset_clause`, `._fetch_clause`, `._distinct`, `._distinct_on`, `._group_by_clauses` and
`._raw_columns`, of a clause `.element` and `._annotations`; `_label_reference`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, UniqueConstraint, inspect
from sqlalchemy.orm import Mapper, RelationshipProperty
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.elements import Over, UnaryExpression, _label_reference
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import Exists, FromClause, ScalarSelect


@dataclass(frozen=True)
class Order:
    """An ORDER BY, as far as it can be read off the objects of one class."""

    keys: tuple[str, ...] | None
    """The attributes that it sorts by; None where it sorts by anything else."""
    total: bool
    """Whether no two objects can tie: a primary or unique key is among the attributes."""


def order_of(
    mapper: "Mapper[Any]", clauses: Iterable[object], entity: object = None
) -> Order | None:
    """Return what `clauses` say of objects of `mapper`; None where there are none.

    `entity` is what the statement selects, to tell an alias of the class from the class.
    """
    found = [_attribute(mapper, each, entity) for each in clauses]
    if not found:
        return None
    known = {each for each in found if each is not None}
    return Order(None if None in found else tuple(filter(None, found)), _is_total(mapper, known))


def statement_order(statement: Select[Any], mappers: "Sequence[Mapper[Any]]") -> Order | None:
    """Return how a statement orders the objects of the one class that it selects.

    None where it asks for no order. Of several classes, nothing but that is known.
    """
    clauses = tuple(getattr(statement, "_order_by_clauses", ()))
    if not clauses:
        return None
    described = getattr(statement, "column_descriptions", ())
    entities = [each["entity"] for each in described if each.get("entity") is not None]
    if len(mappers) != 1 or not entities:
        return Order(None, total=False)
    return order_of(mappers[0], clauses, inspect(entities[0]))


def is_limited(statement: Select[Any]) -> bool:
    """Return whether a statement has a LIMIT, an OFFSET or a FETCH of its own."""
    names = ("_limit_clause", "_offset_clause", "_fetch_clause")
    return any(getattr(statement, name, None) is not None for name in names)


def is_nested(statement: Select[Any]) -> bool:
    """Return whether SQLAlchemy puts a SELECT in a subquery, if joinedload brings a collection."""
    distinct = getattr(statement, "_distinct", False) or getattr(statement, "_distinct_on", ())
    grouped = getattr(statement, "_group_by_clauses", ())
    return is_limited(statement) or bool(distinct) or bool(grouped)


def aggregates_of(statement: Select[Any]) -> tuple[str, ...]:
    """Return the windows and aggregates among what a SELECT selects; not those of its subqueries.

    An aggregate that copies of a row do not change, as min(), is left out.
    """
    columns = getattr(statement, "_raw_columns", ())
    return tuple(dict.fromkeys(name for each in columns for name in _aggregates(each)))


COUNTING = {"count", "sum", "avg", "total", "group_concat", "string_agg", "array_agg", "json_agg"}


def _aggregates(element: ClauseElement) -> Iterator[str]:
    if isinstance(element, Over):
        yield f"{getattr(element.element, 'name', 'a window')}() OVER"
    elif isinstance(element, FunctionElement) and getattr(element, "name", "") in COUNTING:
        yield f"{element.name}()"
    elif not isinstance(element, (FromClause, ScalarSelect, Exists)):
        for child in element.get_children():
            yield from _aggregates(child)


def _attribute(mapper: "Mapper[Any]", clause: object, entity: Any) -> str | None:
    while isinstance(clause, (UnaryExpression, _label_reference)):
        clause = clause.element
    notes = getattr(clause, "_annotations", {})
    parent = notes.get("parententity")
    if parent is not None and entity is not None and parent is not entity:
        # Another class, or another alias of this one; an inherited attribute is the class's own.
        own = parent.is_mapper and entity.is_mapper and entity.mapper.isa(parent.mapper)
        if not own:
            return None
    key = notes.get("proxy_key")
    if key is not None and key in mapper.column_attrs:
        return str(key)
    names = (p.key for p in mapper.column_attrs if any(c is clause for c in p.columns))
    return next(names, None)


def may_find_several(step: "RelationshipProperty[Any]") -> bool:
    """Return whether a to-one path may find several rows: no key of its class is joined by."""
    if step.uselist:
        return False
    return not any(unique <= set(step.remote_side) for unique in _unique(step.mapper))


def _is_total(mapper: "Mapper[Any]", keys: set[str]) -> bool:
    columns = {column for key in keys for column in mapper.column_attrs[key].columns}
    return any(unique and unique <= columns for unique in _unique(mapper))


def _unique(mapper: "Mapper[Any]") -> Iterator[set[object]]:
    """Yield each set of columns that no two rows share; where NULL is allowed, it may repeat."""
    yield set(mapper.primary_key)
    table: object = mapper.local_table
    single = [{each} for each in getattr(table, "c", ()) if getattr(each, "unique", False)]
    constraints = [
        set(each.columns)
        for each in getattr(table, "constraints", ())
        if isinstance(each, UniqueConstraint)
    ]
    indexes = [set(each.columns) for each in getattr(table, "indexes", ()) if each.unique]
    for columns in (*single, *constraints, *indexes):
        if not any(each.nullable for each in columns):
            yield columns
