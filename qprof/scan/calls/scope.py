"""What one file offers to the reading of its expressions."""

import ast
from collections.abc import Callable
from dataclasses import dataclass

from qprof.scan.calls.values import Attribute, EntityName, NamePlace, Span, Value
from qprof.scan.imports import Imports, dotted
from qprof.scan.models.catalogue import Catalogue
from qprof.scan.models.facts import Class
from qprof.scan.source_file import ModuleKey, SourceFile

Foreign = Callable[[ModuleKey, str, ModuleKey], Value]
"""What a name of another module is: its module, the name, and the module that imports it."""


@dataclass(frozen=True)
class Scope:
    """One file, with the lines that columns are counted in."""

    key: ModuleKey
    file: str
    lines: tuple[str, ...]
    imports: Imports
    catalogue: Catalogue
    foreign: Foreign

    def place(self, node: ast.expr, span: Span) -> NamePlace:
        """Return where the last name of `node` begins."""
        line, column = node.lineno, node.col_offset
        if isinstance(node, ast.Attribute) and node.end_lineno and node.end_col_offset:
            line, column = node.end_lineno, node.end_col_offset - len(node.attr.encode())
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        if not text.isascii():  # ast counts bytes.
            column = len(text.encode()[:column].decode(errors="ignore"))
        return NamePlace(self.key, self.file, line, column, span)

    def entity(self, name: str) -> EntityName | None:
        """Return the mapped class that the dotted `name` means here; one not scanned as unknown."""
        found = self.catalogue.find(name, self.key)
        if found is not None:
            return EntityName(found.name, found) if self.is_mapped(found) else None
        last = name.rpartition(".")[2]
        is_local = "." not in name and name not in self.imports.names
        return None if is_local or not last[:1].isupper() else EntityName(last, None)

    def relates(self, entity: EntityName | None, name: str) -> bool:
        """Return whether a mapped class declares a relationship of this name."""
        lineage = self.catalogue.lineage(entity.mapped) if entity and entity.mapped else ()
        return any(name in each.relationships for each in lineage)

    def subclass(self, attribute: Attribute) -> EntityName | None:
        """Return the entity that an attribute of a with_polymorphic() is: anyone.Manager."""
        owner = attribute.owner
        if owner.alias is None or owner.mapped is None:
            return None
        found = self.catalogue.find(attribute.name, owner.mapped.key)
        if found is None or not self.is_mapped(found):
            return None
        return EntityName(found.name, found, owner.alias, f"{owner.code}.{attribute.name}")

    def imported(self, name: str) -> Value:
        """Return what a name that another scanned module defines is."""
        bound = self.imports.names.get(name)
        if bound is not None and bound.name is not None:
            return self.foreign(bound.module, bound.name, self.key)
        return None

    def within(self, node: ast.Attribute) -> Value:
        """Return what module.NAME is, of a scanned module."""
        parts = dotted(node)
        bound = self.imports.names.get(parts[0]) if parts else None
        if bound is None:
            return None
        named = (bound.name,) if bound.name else ()
        return self.foreign((*bound.module, *named, *parts[1:-1]), parts[-1], self.key)

    def is_mapped(self, found: Class) -> bool:
        """Return whether a class is, or is part of, a mapped one."""
        return self.catalogue.is_mapped(found)


def scope_of(source: SourceFile, imports: Imports, catalogue: Catalogue, foreign: Foreign) -> Scope:
    """Return the scope of `source`."""
    # Not splitlines(), to which a form feed or U+2028 ends a line as well.
    lines = tuple(source.text.split("\n"))
    return Scope(source.key, source.shown, lines, imports, catalogue, foreign)
