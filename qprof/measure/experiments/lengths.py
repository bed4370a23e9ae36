"""Collections that tell whether anybody does more with them than ask for their length.

A collection that is handed out gets a subclass of its own class for its class. `len` and `bool`
are told and change nothing; at the first use of anything else the collection has its own class
back, and is told as read. Sets are told as read at once: `set(tags)` asks no method of theirs.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `_sa_adapter`.
"""

from collections.abc import Callable, Set
from typing import Any
from weakref import ref

_KEPT = {
    "__class__",
    "__class_getitem__",
    "__del__",
    "__delattr__",
    "__dict__",
    "__doc__",
    "__getattribute__",
    "__init__",
    "__init_subclass__",
    "__new__",
    "__setattr__",
    "__sizeof__",
    "__subclasshook__",
    "__weakref__",
}
"""What Python itself asks of any object."""
_LENGTH = ("__len__", "__bool__")


class Lengths:
    """The collections that were handed out and of which nothing but the length was asked."""

    def __init__(self, count: Callable[[Any, Any], None], read: Callable[[Any], None]) -> None:
        self._count, self._read = count, read
        self._out: dict[int, tuple[object, ref[object]]] = {}
        self._classes: dict[type, type] = {}

    def hand_out(self, key: object, value: object) -> bool:
        """Watch the collection `value`, and return whether that can be done."""
        if isinstance(value, Set) or not hasattr(value, "_sa_adapter"):
            return False
        kind = type(value)
        if kind in self._classes.values():
            return True
        try:
            value.__class__ = self._watching(kind)
            self._out[id(value)] = (key, ref(value))
        except TypeError:
            return False
        return True

    def take_back(self) -> None:
        """Give every collection its own class again."""
        for _, found in list(self._out.values()):
            collection = found()
            if collection is not None:
                self._take_back(collection)

    def _take_back(self, collection: object) -> object:
        collection.__class__ = type(collection).__mro__[1]
        return self._out.pop(id(collection))[0]

    def _watching(self, kind: type) -> type:
        if kind not in self._classes:
            names = [name for name in dir(kind) if _is_use(name, getattr(kind, name))]
            namespace: dict[str, object] = {name: self._beyond(name) for name in names}
            namespace.update({name: self._length(kind, name) for name in _LENGTH if name in names})
            namespace |= {"__slots__": (), "__module__": kind.__module__}
            self._classes[kind] = type(kind.__name__, (kind,), namespace)
        return self._classes[kind]

    def _beyond(self, name: str) -> Callable[..., object]:
        def use(collection: object, *args: object, **kwargs: object) -> object:
            self._read(self._take_back(collection))
            return getattr(collection, name)(*args, **kwargs)

        return use

    def _length(self, kind: type, name: str) -> Callable[[object], object]:
        own = getattr(kind, name)

        def length(collection: object) -> object:
            self._count(self._out[id(collection)][0], collection)
            return own(collection)

        return length


def _is_use(name: str, member: object) -> bool:
    # What begins with _sa_ is how SQLAlchemy itself fills the collection.
    return callable(member) and name not in _KEPT and not name.startswith("_sa_")
