"""The objects that a call gave back, as plain values that can be compared across sessions.

Only what is loaded is looked at; comparing never sends a query.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from itertools import groupby
from typing import Any, Literal
from unicodedata import combining, normalize
from uuid import UUID

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_scoped_session,
    async_sessionmaker,
)
from sqlalchemy.orm import (
    InstanceState,
    RelationshipProperty,
    Session,
    scoped_session,
    sessionmaker,
)
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.orm.collections import collection_adapter

from qprof.measure.experiments.values import Changing, changes, held_by, steady
from qprof.measure.orm.orders import Order, order_of
from qprof.measure.orm.roots import RootPaths, Roots

_PLAIN = (str, bytes, int, float, bool, type(None), Decimal, date, time, timedelta, UUID, Enum)
_DEEPEST = 50

HANDLES = (
    Session,
    AsyncSession,
    scoped_session,
    async_scoped_session,
    sessionmaker,
    async_sessionmaker,
    Engine,
    AsyncEngine,
    Connection,
    AsyncConnection,
)
"""What leads to the database: not a part of what a call returns, whatever it holds."""


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

    columns: Mapping[str, object]
    related: Mapping[str, tuple[Entity, ...]]
    doubtful: frozenset[str] = frozenset()
    """The relationships whose ORDER BY may leave ties that cannot be told."""


Asked = Literal["none", "order", "ties"]
"""Whether an order was asked for: none; order, in which ties stand sorted by key; or ties, where an
order was asked for, and what ties in it is not known."""


class Listing(list[Any]):
    """A list that knows whether the order of what it holds was asked for."""

    asked: Asked = "order"


class Orders:
    """What the root statements of a call ask for, in the way of an order."""

    def __init__(self, roots: Roots) -> None:
        self._roots = [root for root in roots.values() if root.entities] or [*roots.values()]
        self._plain = _together(self._roots)

    def of(self, states: "Sequence[InstanceState[Any]]") -> "tuple[Asked, Order | None]":
        """Return what was asked for a list with such objects; with none, for one of values."""
        if not states:
            return self._plain
        kinds = {each.mapper for each in states}
        fitting = [
            root
            for root in self._roots
            if any(one.isa(m) or m.isa(one) for one in kinds for m in root.entities)
        ]
        return _together(fitting) if fitting else self._plain


def _together(roots: Sequence[RootPaths]) -> "tuple[Asked, Order | None]":
    """Return what several statements ask for: an order only if all do."""
    orders = {root.order for root in roots}
    if not roots or not all(root.ordered for root in roots):
        return "none", None
    order = next(iter(orders)) if len(orders) == 1 else None
    if all(each is not None and each.total for each in orders):
        return "order", None
    return ("order", order) if order is not None and order.keys is not None else ("ties", None)


@dataclass
class Graph:
    """A call's value with every object replaced by its `Entity`, and the objects by those."""

    value: object = None
    nodes: dict[Entity, Node] = field(default_factory=dict)
    expired: bool = False
    """Some object had lost its loaded state, as a commit does to all."""
    handles: set[str] = field(default_factory=set)
    """The kinds of `HANDLES` in the value."""

    @property
    def tells(self) -> bool:
        """Whether anything in it is the same in each run of the call as written."""
        return bool(self.nodes) or self.value != Changing()


def snapshot(value: object, roots: Roots | None = None) -> Graph:
    """Return the graph of `value`; with `roots`, its lists know whether an order was asked for.

    Raises Incomparable for values that are neither mapped objects, containers nor plain.
    """
    graph = Graph()
    pending: list[Any] = []
    orders = Orders(roots) if roots is not None else None
    reader = _Reader(pending.append, orders, graph.handles)
    graph.value = reader.plain(value, ())
    while pending:
        _add_node(graph, pending.pop(), pending.append)
    return graph


def steady_graph(first: Graph, second: Graph) -> tuple[Graph, tuple[str, ...]]:
    """Return what two runs of one call gave alike, and where they did not.

    What changes by itself is `Changing` in the graph, or left out of it.
    """
    graph = Graph(steady(first.value, second.value), expired=first.expired or second.expired)
    told = [f"the value that it returns{where}" for where in changes(graph.value)]
    for entity, node in first.nodes.items():
        theirs = second.nodes.get(entity)
        if theirs is None:
            continue
        columns = {k: steady(v, theirs.columns.get(k)) for k, v in node.columns.items()}
        alike = {k: v for k, v in node.related.items() if theirs.related.get(k) == v}
        graph.nodes[entity] = Node(columns, alike, node.doubtful)
        told += [f"{entity.name}.{key}" for key, each in columns.items() if any(changes(each))]
        told += [f"{entity.name}.{key}" for key in node.related if key not in alike]
    return graph, tuple(dict.fromkeys(told))


def view(written: Graph, other: Graph) -> str:
    """Return what is equal for graphs that hold the same of what `written` holds."""
    parts: list[object] = [other.value]
    for entity, node in written.nodes.items():
        theirs = other.nodes.get(entity) or Node({}, {})
        columns = {k: v for k in node.columns if isinstance(v := theirs.columns.get(k), _PLAIN)}
        parts.append(
            (entity in other.nodes, columns, {k: theirs.related.get(k) for k in node.related})
        )
    return sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()


def top_entities(value: object) -> list[object]:
    """Return the mapped objects in `value` and in the containers that it is made of."""
    found: list[object] = []
    with suppress(Incomparable):
        _Reader(found.append, None, set()).plain(value, ())
    return found


def state_of(value: object) -> "InstanceState[Any] | None":
    """Return the state of a mapped object; None for anything else."""
    # Not inspect(): it connects an Engine, and raises for an AsyncEngine. A proxy raises anything.
    with suppress(Exception):
        found = instance_state(value)
        return found if isinstance(found, InstanceState) else None
    return None


def children(prop: "RelationshipProperty[Any]", value: Any) -> list[object]:
    """Return the objects that a loaded relationship attribute holds."""
    if value is None:
        return []
    return list(collection_adapter(value)) if prop.uselist else [value]


def _entity(state: "InstanceState[Any]") -> Entity:
    identity = state.identity if state.identity is not None else ("unsaved", id(state.obj()))
    return Entity(state.class_.__name__, tuple(identity))


def _add_node(graph: Graph, instance: object, visit: Callable[[object], None]) -> None:
    state = state_of(instance)
    if state is None or _entity(state) in graph.nodes:
        return
    graph.expired = graph.expired or bool(state.expired)
    loaded, mapper = state.dict, state.mapper
    related, doubtful = {}, set()
    for prop in mapper.relationships:
        if prop.key in loaded and prop.lazy not in ("dynamic", "write_only"):
            found = children(prop, loaded[prop.key])
            ties = order_of(prop.mapper, prop.order_by or ())
            related[prop.key] = tuple(_entity(inspect(each)) for each in _ordered(ties, found))
            if ties is not None and ties.keys is None and not ties.total:
                doubtful.add(prop.key)
            for each in found:
                visit(each)
    columns = {attr.key: loaded[attr.key] for attr in mapper.column_attrs if attr.key in loaded}
    graph.nodes[_entity(state)] = Node(columns, related, frozenset(doubtful))


def _ordered(order: "Order | None", found: list[object]) -> list[object]:
    """Return objects in the order that was asked for, and those that tie by their keys."""

    def name(each: object) -> str:
        return str(_entity(inspect(each)))

    if order is None:
        # A collection without order_by has no order to keep.
        return sorted(found, key=name)
    if order.total or order.keys is None:
        return found
    keys = [_rank(inspect(each), order.keys) for each in found]
    return [each for _, each in _sorted_ties([*zip(keys, found, strict=True)], name)]


def _sorted_ties(
    found: list[tuple[Hashable, object]], name: Callable[[object], str]
) -> Iterator[tuple[Hashable, object]]:
    for _, tied in groupby(found, key=lambda each: each[0]):
        yield from sorted(tied, key=lambda each: name(each[1]))


def _rank(state: "InstanceState[Any]", keys: Sequence[str]) -> Hashable:
    """Return what two objects have in common that tie; nothing, where a key is not loaded."""
    if any(key not in state.dict for key in keys):
        return id(state)
    return tuple(_folded(state.dict[key]) for key in keys)


def _folded(value: object) -> str:
    """Return a value as the widest collation knows it: without case, accents and blanks behind."""
    text = normalize("NFKD", str(value)).casefold().rstrip()
    return "".join(each for each in text if not combining(each))


class _Reader:
    """Makes a value plain: mapped objects become an `Entity`, each given to `visit`."""

    def __init__(
        self, visit: Callable[[Any], None], orders: Orders | None, handles: set[str]
    ) -> None:
        self._visit, self._orders, self._handles = visit, orders, handles

    def plain(self, value: object, above: tuple[int, ...]) -> object:
        """Return `value` as it can be compared; `above` are the ids of the containers it is in."""
        if isinstance(value, _PLAIN):
            return value
        state = state_of(value)
        if state is not None:
            self._visit(value)
            return _entity(state)
        if id(value) in above:
            raise Incomparable("it returns a value that holds itself")
        if len(above) > _DEEPEST:
            raise Incomparable(f"its value is nested more than {_DEEPEST} levels deep")
        return self._container(value, lambda each: self.plain(each, (*above, id(value))))

    def _container(self, value: object, convert: Callable[[object], object]) -> object:
        if isinstance(value, Mapping):
            return {_key(key, convert): convert(each) for key, each in value.items()}
        if isinstance(value, Sequence):
            found = [convert(each) for each in value]
            return self._listing(value, found) if self._orders is not None else found
        if isinstance(value, Set):
            return sorted((convert(each) for each in value), key=repr)
        if isinstance(value, HANDLES):
            self._handles.add(type(value).__name__)
            return f"<{type(value).__name__}>"
        return (type(value).__qualname__, {key: convert(each) for key, each in _members(value)})

    def _listing(self, value: Sequence[object], found: list[object]) -> list[object]:
        """Return `found` with what is known of its order; the places in a tuple have a meaning."""
        states = [_first_state(each) for each in value]
        known = [each for each in states if each is not None]
        alike = len(known) == len(states) and len({each.mapper.base_mapper for each in known}) == 1
        objects = all(map(state_of, value))
        if self._orders is None or (isinstance(value, tuple) and not (alike and objects)):
            return found
        asked, order = self._orders.of(known if alike else ())
        if asked == "none":
            found.sort(key=repr)
        elif order is not None and order.keys is not None and alike:
            ranks = [_rank(each, order.keys) for each in known]
            found = [each for _, each in _sorted_ties([*zip(ranks, found, strict=True)], repr)]
        listing = Listing(found)
        listing.asked = asked
        return listing


def _first_state(value: object) -> "InstanceState[Any] | None":
    """Return the state of an object, or of the first in a row, a dict or an object's members."""
    state = state_of(value)
    if state is not None or isinstance(value, _PLAIN):
        return state
    held: Any = ()
    if isinstance(value, Mapping):
        held = value.values()
    elif isinstance(value, tuple):
        held = value
    elif not isinstance(value, (Sequence, Set)):
        with suppress(Incomparable):
            held = [each for _, each in _members(value)]
    return next((found for each in held if (found := state_of(each)) is not None), None)


def _key(key: object, convert: Callable[[object], object]) -> object:
    """Return a mapping's key, still hashable."""
    if isinstance(key, tuple):
        return tuple(_key(each, convert) for each in key)
    return key if state_of(key) is None else convert(key)


def _members(value: object) -> Iterator[tuple[str, object]]:
    if is_dataclass(value) and not isinstance(value, type):
        return ((each.name, getattr(value, each.name)) for each in fields(value))
    members = held_by(value)
    if members is None or callable(value):
        raise Incomparable(f"it returns {type(value).__qualname__} objects")
    return iter(members.items())
