"""The objects that a call gave back, as plain values that can be compared across sessions.

Only what is loaded is looked at; comparing never sends a query.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.orm import InstanceState, RelationshipProperty
from sqlalchemy.orm.collections import collection_adapter

_PLAIN = (str, bytes, int, float, bool, type(None), Decimal, date, time, timedelta, UUID, Enum)
_DEEPEST = 50


class Incomparable(Exception):
    """The call returned something whose equality cannot be judged."""


@dataclass(frozen=True)
class Entity:
    """Stands for one mapped object, by class and primary key."""

    name: str
    identity: Hashable

    def __str__(self) -> str:
        keys = self.identity if isinstance(self.identity, tuple) else (self.identity,)
        return f"{self.name} {', '.join(str(key) for key in keys)}"


@dataclass
class Node:
    """What one mapped object holds: its loaded columns, and its loaded relationships' objects."""

    columns: Mapping[str, Any]
    related: Mapping[str, tuple[Entity, ...]]


@dataclass
class Graph:
    """A call's value with every object replaced by its `Entity`, and the objects by those."""

    value: Any = None
    nodes: dict[Entity, Node] = field(default_factory=dict)
    expired: bool = False
    """Some object had lost its loaded state, as a commit does to all."""


def snapshot(value: Any) -> Graph:
    """Return the graph of `value`.

    Raises Incomparable for values that are neither mapped objects, containers nor plain.
    """
    graph = Graph()
    pending: list[Any] = []
    graph.value = _plain(value, pending.append, ())
    while pending:
        _add_node(graph, pending.pop(), pending.append)
    return graph


def top_entities(value: Any) -> list[Any]:
    """Return the mapped objects in `value` and in the containers that it is made of."""
    found: list[Any] = []
    with suppress(Incomparable):
        _plain(value, found.append, ())
    return found


def state_of(value: Any) -> "InstanceState[Any] | None":
    """Return the state of a mapped object; None for anything else."""
    found = inspect(value, raiseerr=False)
    return found if isinstance(found, InstanceState) else None


def children(prop: "RelationshipProperty[Any]", value: Any) -> list[Any]:
    """Return the objects that a loaded relationship attribute holds."""
    if value is None:
        return []
    return list(collection_adapter(value)) if prop.uselist else [value]


def _entity(state: "InstanceState[Any]") -> Entity:
    identity = state.identity if state.identity is not None else ("unsaved", id(state.obj()))
    return Entity(state.class_.__name__, tuple(identity))


def _add_node(graph: Graph, instance: Any, visit: Callable[[Any], None]) -> None:
    state = state_of(instance)
    if state is None or _entity(state) in graph.nodes:
        return
    graph.expired = graph.expired or bool(state.expired)
    loaded, mapper = state.dict, state.mapper
    related = {}
    for prop in mapper.relationships:
        if prop.key in loaded and prop.lazy not in ("dynamic", "write_only"):
            found = children(prop, loaded[prop.key])
            related[prop.key] = _ordered(prop, [_entity(inspect(each)) for each in found])
            for each in found:
                visit(each)
    columns = {attr.key: loaded[attr.key] for attr in mapper.column_attrs if attr.key in loaded}
    graph.nodes[_entity(state)] = Node(columns, related)


def _ordered(prop: "RelationshipProperty[Any]", found: list[Entity]) -> tuple[Entity, ...]:
    # A collection without order_by has no order to keep.
    return tuple(found if prop.order_by else sorted(found, key=str))


def _plain(value: Any, visit: Callable[[Any], None], above: tuple[int, ...]) -> Any:
    """Return `value` with mapped objects as `Entity`, each given to `visit`.

    `above` are the ids of the containers that it is in.
    """
    if isinstance(value, _PLAIN):
        return value
    state = state_of(value)
    if state is not None:
        visit(value)
        return _entity(state)
    if id(value) in above:
        raise Incomparable("it returns a value that holds itself")
    if len(above) > _DEEPEST:
        raise Incomparable(f"its value is nested more than {_DEEPEST} levels deep")
    return _container(value, lambda each: _plain(each, visit, (*above, id(value))))


def _container(value: Any, convert: Callable[[Any], Any]) -> Any:
    if isinstance(value, Mapping):
        return {_key(key, convert): convert(each) for key, each in value.items()}
    if isinstance(value, Sequence):
        return [convert(each) for each in value]
    if isinstance(value, Set):
        return sorted((convert(each) for each in value), key=repr)
    return (type(value).__qualname__, {key: convert(each) for key, each in _members(value)})


def _key(key: Any, convert: Callable[[Any], Any]) -> Any:
    """Return a mapping's key, still hashable."""
    if isinstance(key, tuple):
        return tuple(_key(each, convert) for each in key)
    return key if state_of(key) is None else convert(key)


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    if is_dataclass(value) and not isinstance(value, type):
        return ((each.name, getattr(value, each.name)) for each in fields(value))
    members = getattr(value, "__dict__", None)
    if members is None or callable(value):
        raise Incomparable(f"it returns {type(value).__qualname__} objects")
    return iter(members.items())
