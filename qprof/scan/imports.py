"""What the imports of a module bind, by the text alone."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from qprof.scan.source_file import ModuleKey, SourceFile


@dataclass(frozen=True, slots=True)
class Imported:
    """A module, or a name in it. The parts of a relative import are those of its whole path."""

    module: ModuleKey
    name: str | None


@dataclass(frozen=True, slots=True)
class Imports:
    """What a module imports, anywhere in it."""

    names: Mapping[str, Imported]
    stars: tuple[ModuleKey, ...]

    def canonical(self, expression: ast.expr) -> str:
        """Return the dotted name of `expression` behind its aliases; "" where it is no name."""
        parts = dotted(expression)
        if parts and (found := self.names.get(parts[0])):
            named = (found.name,) if found.name else ()
            return ".".join((*found.module, *named, *parts[1:]))
        return ".".join(parts)


def imports_of(source: SourceFile) -> Imports:
    """Return what `source` imports; of two bindings of one name the first counts."""
    names: dict[str, Imported] = {}
    stars: list[ModuleKey] = []
    for node in statements(source.tree.body):
        if isinstance(node, ast.Import):
            _plain(node, names)
        elif isinstance(node, ast.ImportFrom):
            _from(node, source, names, stars)
    return Imports(names, tuple(stars))


@lru_cache(maxsize=10_000)
def _shared(module: ModuleKey, name: str | None) -> Imported:
    """Return one object for all files that import the same: they are kept as long as the scan."""
    return Imported(module, name)


def _plain(node: ast.Import, names: dict[str, Imported]) -> None:
    for each in node.names:
        parts = tuple(each.name.split("."))
        if each.asname:
            names.setdefault(each.asname, _shared(parts, None))
        else:
            names.setdefault(parts[0], _shared(parts[:1], None))


def _from(
    node: ast.ImportFrom, source: SourceFile, names: dict[str, Imported], stars: list[ModuleKey]
) -> None:
    module = _module(node, source)
    for each in node.names:
        if each.name == "*":
            stars.append(module)
        else:
            names.setdefault(each.asname or each.name, _shared(module, each.name))


def _module(node: ast.ImportFrom, source: SourceFile) -> ModuleKey:
    parts = tuple(node.module.split(".")) if node.module else ()
    if not node.level:
        return parts
    is_package = source.file.stem == "__init__"
    up = node.level - 1 if is_package else node.level
    return (source.key[:-up] if up else source.key) + parts


def statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield every statement of `body` and of the blocks in it, without a look at expressions."""
    for node in body:
        yield node
        for block in ("body", "orelse", "finalbody"):
            yield from statements(getattr(node, block, ()))
        for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            yield from statements(part.body)


def dotted(expression: ast.expr) -> tuple[str, ...]:
    """Return the parts of a dotted name, () for anything else."""
    parts: list[str] = []
    while isinstance(expression, ast.Attribute):
        parts.append(expression.attr)
        expression = expression.value
    return (expression.id, *reversed(parts)) if isinstance(expression, ast.Name) else ()
