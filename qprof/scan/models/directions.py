"""Whether a relationship leads to one or to many, and how its mapping loads it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qprof.scan.models.catalogue import Catalogue
from qprof.scan.models.facts import Class, ForeignKey, Relationship

MANY_TO_ONE, ONE_TO_MANY, MANY_TO_MANY = "many-to-one", "one-to-many", "many-to-many"
_BARE = {"", "cls"}
"""What stands before a column of nobody knows which class: nothing, or that of a mixin."""
_REVERSE = {
    MANY_TO_ONE: ONE_TO_MANY,
    ONE_TO_MANY: MANY_TO_ONE,
    MANY_TO_MANY: MANY_TO_MANY,
}


@dataclass(frozen=True)
class Link:
    """A relationship as its class has it, inherited and backref included."""

    owner: Class
    name: str
    target: Class | None
    to_many: bool | None
    """None where the source does not tell."""
    lazy: str
    lines: tuple[int, int]
    file: str


class Links:
    """The relationships of a catalogue, looked up by class and name."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._backrefs: dict[tuple[str, str], dict[str, tuple[Class, Relationship]]] = {}
        for owner in catalogue.classes():
            for each in owner.relationships.values():
                self._add_backref(owner, each)

    def link(self, owner: Class, name: str) -> Link | None:
        """Return the relationship `name` of `owner`; None where it has none that was scanned."""
        for each in self._catalogue.lineage(owner):
            if name in each.relationships:
                return self._own(owner, each, each.relationships[name])
            found = self._backrefs.get((each.file, each.name), {}).get(name)
            if found is not None:
                return self._reverse(owner, *found)
        return None

    def links(self, owner: Class) -> Iterator[Link]:
        """Yield every relationship of `owner`."""
        names: dict[str, None] = {}
        for each in self._catalogue.lineage(owner):
            names.update(dict.fromkeys(each.relationships))
            names.update(dict.fromkeys(self._backrefs.get((each.file, each.name), {})))
        for name in names:
            found = self.link(owner, name)
            if found is not None:
                yield found

    def _add_backref(self, owner: Class, found: Relationship) -> None:
        target = self._target(owner, found)
        if found.backref and target:
            names = self._backrefs.setdefault((target.file, target.name), {})
            names[found.backref.name] = (owner, found)

    def _target(self, owner: Class, found: Relationship) -> Class | None:
        return self._catalogue.registered(found.target, owner.key)

    def _own(self, owner: Class, declaring: Class, found: Relationship) -> Link:
        target = self._target(declaring, found)
        return Link(
            owner=owner,
            name=found.name,
            target=target,
            to_many=self._to_many(owner, found, target),
            lazy=found.lazy or "select",
            lines=(found.line, found.last),
            file=declaring.file,
        )

    def _reverse(self, owner: Class, target: Class, found: Relationship) -> Link:
        assert found.backref is not None
        to_many = found.backref.uselist
        if to_many is None:
            direction = self._direction(target, found, owner)
            to_many = _is_many(_REVERSE[direction]) if direction else None
        return Link(
            owner=owner,
            name=found.backref.name,
            target=target,
            to_many=to_many,
            lazy=found.backref.lazy or "select",
            lines=(found.line, found.last),
            file=target.file,
        )

    def _to_many(self, owner: Class, found: Relationship, target: Class | None) -> bool | None:
        if found.uselist is not None:
            return found.uselist
        direction = self._direction(owner, found, target)
        if direction is None and target is not None:
            direction = self._by_other_side(owner, found, target)
        return _is_many(direction) if direction else None

    def _by_other_side(self, owner: Class, found: Relationship, target: Class) -> str | None:
        """Return the reverse of the direction that the other side of back_populates has."""
        for each in self._catalogue.lineage(target):
            other = each.relationships.get(found.back_populates or "")
            if other is not None:
                direction = self._direction(target, other, owner)
                return _REVERSE[direction] if direction else None
        return None

    def _direction(self, owner: Class, found: Relationship, target: Class | None) -> str | None:
        """Return the direction by secondary and foreign keys, as SQLAlchemy tells it."""
        if found.secondary:
            return MANY_TO_MANY
        if target is None:
            return None
        return self._by_keys(owner, found, target)

    def _by_keys(self, owner: Class, found: Relationship, target: Class) -> str | None:
        if (owner.file, owner.name) == (target.file, target.name):
            return self._of_itself(owner, found)
        if self._names(owner) & self._names(target):
            return None  # Two classes of one table: both ends have the same keys.
        if found.foreign_keys:
            return self._by_foreign_keys(owner, found, target)
        return self._by_tables(owner, target)

    def _by_tables(self, owner: Class, target: Class) -> str | None:
        out, back = self._points(owner, target), self._points(target, owner)
        if out == back:
            return None
        return MANY_TO_ONE if out else ONE_TO_MANY

    def _of_itself(self, owner: Class, found: Relationship) -> str:
        remote = {each.rpartition(".")[2] for each in found.remote_side}
        keys = {key.column for key in self._keys(owner)}
        return MANY_TO_ONE if remote and not remote & keys else ONE_TO_MANY

    def _by_foreign_keys(self, owner: Class, found: Relationship, target: Class) -> str | None:
        named = {each.rpartition(".")[0].rpartition(".")[2] for each in found.foreign_keys}
        # A variable that holds a Table stands for that table.
        holders = {self._catalogue.table(each, owner.key) for each in named}
        owners = {each.name for each in self._catalogue.lineage(owner)} | self._names(owner)
        targets = {each.name for each in self._catalogue.lineage(target)} | self._names(target)
        if holders <= owners or (holders <= owners | _BARE and self._points(owner, target)):
            return MANY_TO_ONE
        return ONE_TO_MANY if holders <= targets else None

    def _points(self, one: Class, other: Class) -> bool:
        """Return whether a foreign key of `one` points to the table of `other`."""
        tables = self._names(other)
        classes = {each.name for each in self._catalogue.lineage(other)}
        for key in self._keys(one):
            holder = key.target.rpartition(".")[0]
            if holder in tables or holder.rpartition(".")[2] in tables | classes:
                return True
        return False

    def _names(self, found: Class) -> set[str]:
        """Return the names of the tables of `found`: a subclass has its parents', too."""
        names = {
            self._catalogue.table(each.table, each.key)
            for each in self._catalogue.lineage(found)
            if each.table
        }
        # Flask-SQLAlchemy names the table after the class where no one says how.
        return names or {_snake(found.name)}

    def _keys(self, found: Class) -> Iterator[ForeignKey]:
        for each in self._catalogue.lineage(found):
            yield from each.keys
        for name in self._names(found):
            for table in self._catalogue.tables(name):
                yield from table.keys


def _is_many(direction: str) -> bool:
    return direction != MANY_TO_ONE


def _snake(name: str) -> str:
    return re.sub(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))", r"_\1", name).lower()
