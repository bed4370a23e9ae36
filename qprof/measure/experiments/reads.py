"""Sees, in one untimed run, which attributes of mapped objects are read, and for how much.

`InstrumentedAttribute.__get__` is replaced while the block runs, and put back at its end. The
user's own classes stay as they are. What goes past the attribute, as `vars(artist)` does, is not
seen here: `unread_paths` runs the call again without the path, and compares what came out.
"""

import gc
from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from weakref import ref

from sqlalchemy import event
from sqlalchemy.orm import InstrumentedAttribute, RelationshipProperty, Session
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.orm.collections import collection_adapter

from qprof.measure.experiments.failures import Failures
from qprof.measure.experiments.lengths import Lengths
from qprof.measure.orm.roots import Origin

Key = tuple[type, str]
"""A class, and the name of an attribute of its objects."""


class Reads:
    """What was done with what mapped objects hold."""

    def __init__(self) -> None:
        self._asked: set[tuple[Hashable, Key]] = set()
        """With the root statement that the object came by; None where that is unknown."""
        self._read: set[Key] = set()
        """Those of which more than a length was asked."""
        self._counted: dict[Key, set[object]] = {}
        """The states of the objects in collections that were asked for their length."""
        self._states: set[object] = set()
        """The states of the objects of which any attribute was read."""
        self._loaded: list[ref[object]] = []
        self._kept: set[type] = set()
        self.lengths = Lengths(self.count, self._read.add)
        self.failures = Failures()

    def see(self, attribute: Any, instance: object, value: object) -> None:
        """Take note that `attribute` of `instance` was read, and gave `value`."""
        key = (attribute.class_, attribute.key)
        state = instance_state(instance)
        self._states.add(state)
        self._asked.add((origin_of(state), key))
        if key not in self._read and not self.lengths.hand_out(key, value):
            self._read.add(key)

    def count(self, key: Key, collection: Any) -> None:
        """Take note that a collection was asked for its length."""
        held = map(instance_state, collection_adapter(collection))
        self._counted.setdefault(key, set()).update(held)

    def load(self, _: Session, instance: object) -> None:
        """Take note of an object that a statement brought."""
        self._loaded.append(ref(instance))

    def is_unread(self, step: "RelationshipProperty[Any]", root: Hashable) -> bool:
        """Return whether nobody asked an object for `step` that may have come by `root`."""
        return not any(
            _is_of(key, step) for origin, key in self._asked if origin is None or origin == root
        )

    def is_counted(self, step: "RelationshipProperty[Any]") -> bool:
        """Return whether collections of `step` were asked for their length, and nothing else."""
        if any(_is_of(key, step) for key in self._read):
            return False
        return bool(self._children(step)) and self._states.isdisjoint(self._children(step))

    def _children(self, step: "RelationshipProperty[Any]") -> set[object]:
        held = [states for key, states in self._counted.items() if _is_of(key, step)]
        return set().union(*held)

    def look_for_kept(self) -> None:
        """Take note of the loaded objects that somebody still holds, and may read later."""
        gc.collect()
        self._kept = {type(found) for each in self._loaded if (found := each()) is not None}

    def is_kept(self, step: "RelationshipProperty[Any]") -> bool:
        """Return whether somebody still held an object that `step` starts from."""
        return any(issubclass(each, step.parent.class_) for each in self._kept)


def origin_of(state: Any) -> Hashable:
    """Return the root statement that an object came by; None where that is unknown."""
    origins = [each for each in state.load_options if isinstance(each, Origin)]
    return origins[-1].payload if origins else None


def _is_of(key: Key, step: "RelationshipProperty[Any]") -> bool:
    kind, name = key
    parent = step.parent.class_
    return name == step.key and (issubclass(kind, parent) or issubclass(parent, kind))


@contextmanager
def observing() -> Iterator[Reads]:
    """Yield what is read within the block."""
    reads = Reads()
    original: Any = InstrumentedAttribute.__get__

    def get(attribute: object, instance: object, owner: object) -> object:
        try:
            value = original(attribute, instance, owner)
        except Exception as error:
            reads.failures.see(attribute, instance, error)
            raise
        if instance is not None:
            # An object that is no mapped one yet has no state.
            with suppress(AttributeError):
                reads.see(attribute, instance, value)
        return value

    InstrumentedAttribute.__get__ = get  # type: ignore[method-assign, assignment]
    event.listen(Session, "loaded_as_persistent", reads.load)
    try:
        yield reads
    finally:
        event.remove(Session, "loaded_as_persistent", reads.load)
        InstrumentedAttribute.__get__ = original  # type: ignore[method-assign]
        reads.lengths.take_back()
