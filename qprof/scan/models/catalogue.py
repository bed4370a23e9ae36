"""All classes that were scanned, found from where they are named."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from qprof.scan.models.facts import Class, MappedTable, Module
from qprof.scan.source_file import ModuleKey

_Seen = set[tuple[ModuleKey, tuple[str, ...]]]
"""What was looked for, and in which module: imports may go in a circle."""


class Catalogue:
    """The facts of every module."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self._modules = {each.key: each for each in modules}
        self._by_last: dict[str, list[ModuleKey]] = {}
        for key in self._modules:
            self._by_last.setdefault(key[-1], []).append(key)
        for module in [each for each in self._modules.values() if each.imperative]:
            self._map(module)
        self._by_name: dict[str, list[Class]] = {}
        self._tables: dict[str, list[MappedTable]] = {}
        self._by_method: dict[str, list[Class]] = {}
        self._by_attribute: dict[str, list[Class]] = {}
        for module in self._modules.values():
            for found in module.classes.values():
                self._by_name.setdefault(found.name, []).append(found)
                for name in found.methods:
                    self._by_method.setdefault(name, []).append(found)
                for name in found.names:
                    self._by_attribute.setdefault(name, []).append(found)
            for table in module.tables.values():
                self._tables.setdefault(table.name, []).append(table)

    def _map(self, module: Module) -> None:
        """Add to the classes what the imperative mappings of `module` say of them."""
        for each in module.imperative:
            found = self.find(each.name, module.key)
            if found is not None:
                table = found.table or self.table(each.table or "", module.key) or None
                related = {**found.relationships, **each.relationships}
                home = self._modules[found.key]
                mapped = replace(found, table=table, relationships=related)
                classes = {**home.classes, found.name: mapped}
                self._modules[found.key] = replace(home, classes=classes)

    def module(self, key: ModuleKey) -> Module | None:
        """Return the module of that key."""
        return self._modules.get(key)

    def classes(self) -> Iterator[Class]:
        """Yield every class, by file."""
        for module in self._modules.values():
            yield from module.classes.values()

    def imported(self, module: ModuleKey, near: ModuleKey) -> Module | None:
        """Return the scanned module that an import names; of several, the nearest to `near`."""
        keys = [
            key
            for key in self._by_last.get(module[-1] if module else "", ())
            if key[-len(module) :] == module
        ]
        best = max(keys, key=lambda key: _shared(key, near), default=None)
        return self._modules[best] if best is not None else None

    def find(self, name: str, key: ModuleKey) -> Class | None:
        """Return the class that the dotted `name` means in module `key`; None where unknown."""
        module = self._modules.get(key)
        return self._find(tuple(name.split(".")), module, set()) if module and name else None

    def registered(self, name: str, key: ModuleKey) -> Class | None:
        """Return the class of a relationship's target, which may be named by its class alone."""
        found = self.find(name, key)
        if found is None:
            same = self._by_name.get(name.rpartition(".")[2], [])
            # SQLAlchemy knows the mapped classes alone: schemas often have the same names.
            able = [each for each in same if self.is_mapped(each)] if len(same) > 1 else same
            found = able[0] if len(able) == 1 else None
        return found

    def is_mapped(self, found: Class) -> bool:
        """Return whether a class is, or is part of, a mapped one."""
        return any(each.relationships or each.table or each.keys for each in self.lineage(found))

    def lineage(self, found: Class) -> Iterator[Class]:
        """Yield `found` and its bases, mixins included, each once, nearest first."""
        waiting, seen = [found], set()
        while waiting:
            each = waiting.pop(0)
            if (each.key, each.name) not in seen:
                seen.add((each.key, each.name))
                yield each
                bases = (self.find(base, each.key) for base in each.bases)
                waiting += [base for base in bases if base is not None]

    def having(self, method: str) -> list[Class]:
        """Return the classes that define `method`, of modules that speak of loader options."""
        return self._by_method.get(method, [])

    def overridden(self, attribute: str, name: str, key: ModuleKey) -> Iterator[tuple[Class, str]]:
        """Yield the subclasses of a class that give `attribute` another class, with its name."""
        for each in self._by_attribute.get(attribute, ()):
            bases = ((base.name, base.key) for base in self.lineage(each))
            if (each.name, each.key) != (name, key) and (name, key) in bases:
                yield each, each.names[attribute]

    def table(self, name: str, key: ModuleKey) -> str:
        """Return the name of the table that a variable of module `key` holds, else `name`."""
        module = self._modules.get(key)
        if module and name in module.tables:
            return module.tables[name].name
        bound = module.imports.names.get(name.partition(".")[0]) if module else None
        if bound is not None:
            of = bound.module if bound.name else (*bound.module, *name.split(".")[1:-1])
            other = self.imported(of, key)
            own = bound.name or name.rpartition(".")[2]
            if other is not None and own in other.tables:
                return other.tables[own].name
        return name

    def tables(self, name: str) -> list[MappedTable]:
        """Return the Table() declarations of that table."""
        return self._tables.get(name, [])

    def _find(self, parts: tuple[str, ...], module: Module, seen: _Seen) -> Class | None:
        if len(parts) == 1 and parts[0] in module.classes:
            return module.classes[parts[0]]
        if (module.key, parts) in seen:
            return None
        seen.add((module.key, parts))
        bound = module.imports.names.get(parts[0])
        if bound is not None:
            named = (bound.name,) if bound.name else ()
            return self._inside(bound.module, (*named, *parts[1:]), module, seen)
        found = (self._inside(star, parts, module, seen) for star in module.imports.stars)
        return next((each for each in found if each is not None), None)

    def _inside(
        self, name: ModuleKey, parts: tuple[str, ...], near: Module, seen: _Seen
    ) -> Class | None:
        """Return the class that `parts` mean in the module `name`, or in modules below it."""
        if not parts:
            return None
        module = self.imported(name, near.key)
        found = self._find(parts, module, seen) if module and module is not near else None
        if found is None and len(parts) > 1:
            return self._inside((*name, parts[0]), parts[1:], near, seen)
        return found


def _shared(one: ModuleKey, other: ModuleKey) -> int:
    """Return how many folders two modules have in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
