"""Which names a file needs to import after loader calls were renamed, and which no longer."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_Spot = tuple[int, int]


@dataclass(frozen=True)
class ImportEdit:
    """One `from … import …`, and what is to become of its names."""

    node: ast.ImportFrom
    is_top: bool
    """It stands at the top level of the file."""
    add: frozenset[str]
    drop: frozenset[str]


@dataclass(frozen=True)
class _From:
    """One ImportFrom, and the lines of the function that it stands in."""

    node: ast.ImportFrom
    first: int
    last: int

    def binds(self, name: str) -> ast.alias | None:
        return next((a for a in self.node.names if (a.asname or a.name) == name), None)

    def sees(self, line: int) -> bool:
        return self.first <= line <= self.last

    @property
    def is_sqlalchemy(self) -> bool:
        module = self.node.module or ""
        return module.partition(".")[0] in ("sqlalchemy", "sqlmodel") and not self.node.level


class Importing:
    """The imports and the uses of loader functions in one file."""

    def __init__(self, tree: ast.Module, text: str, *, exports: bool) -> None:
        """`text` is what `tree` was parsed from, with line feeds alone."""
        self._tree = tree
        self._exports = exports
        self._froms = list(_within(tree.body, 1, 10**9))
        self._names = dict(_names(self._tree, text.split("\n")))

    def is_method(self, line: int, column: int) -> bool:
        """Return whether no bare name stands there."""
        return self._at(line, column) is None

    def local_name(self, line: int, column: int, to: str) -> tuple[str, str]:
        """Return what the function `to` is called at that place, and why it cannot be known."""
        old = self._at(line, column) or ""
        for each in self._seen_at(line):
            for alias in each.node.names:
                if alias.name == to and each.is_sqlalchemy:
                    return alias.asname or to, ""
        binding = self._binding(old, line)
        star = any(a.name == "*" for each in self._froms for a in each.node.names)
        if binding is None and not star:
            return to, f"it is not seen where {old} comes from"
        if binding is not None and not binding.is_sqlalchemy:
            return to, f"{old} is imported from {binding.node.module}, not from sqlalchemy.orm"
        if to in _bound(self._tree):
            return to, f"{to} is the name of something else there"
        return to, ""

    def edits(self, renames: Sequence[tuple[_Spot, str]]) -> list[ImportEdit]:
        """Return what the imports need once the names at these spots are changed."""
        edits = []
        for each in self._froms:
            old = [s for s, _ in renames if self._binding(self._names[s], s[0]) is each]
            add = {name for spot, name in renames if spot in old and not self._has(name, spot[0])}
            drop = {self._names[spot] for spot in old}
            drop = {name for name in drop if not self._still_used(name, each, old)}
            if old:
                is_top = each.node in self._tree.body
                edits.append(ImportEdit(each.node, is_top, frozenset(add), frozenset(drop)))
        return edits

    def _at(self, line: int, column: int) -> str | None:
        return self._names.get((line, column))

    def _has(self, name: str, line: int) -> bool:
        return any(each.binds(name) for each in self._seen_at(line))

    def _seen_at(self, line: int) -> list[_From]:
        return [each for each in self._froms if each.sees(line)]

    def _binding(self, name: str, line: int) -> _From | None:
        """Return the innermost import that binds `name` at `line`."""
        seen = [each for each in self._seen_at(line) if each.binds(name)]
        return max(seen, key=lambda each: each.first, default=None)

    def _still_used(self, name: str, where: _From, renamed: Sequence[_Spot]) -> bool:
        alias = where.binds(name)
        kept = self._exports or (alias is not None and alias.asname == alias.name)
        uses = (
            spot
            for spot, used in self._names.items()
            if used == name and spot not in renamed and self._binding(name, spot[0]) is where
        )
        return kept or _is_exported(self._tree, name) or any(True for _ in uses)


def _names(tree: ast.Module, lines: Sequence[str]) -> Iterator[tuple[_Spot, str]]:
    """Yield each bare name with its place; columns in characters, where ast counts bytes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            before = lines[node.lineno - 1].encode()[: node.col_offset]
            yield (node.lineno, len(before.decode(errors="ignore"))), node.id


def _within(body: Iterable[ast.AST], first: int, last: int) -> Iterator[_From]:
    for node in body:
        if isinstance(node, ast.ImportFrom):
            yield _From(node, first, last)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from _within(node.body, node.lineno, node.end_lineno or last)
        elif not isinstance(node, ast.expr):
            yield from _within(ast.iter_child_nodes(node), first, last)


def _bound(tree: ast.Module) -> set[str]:
    """Return the names that the file gives to things of its own."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name)
    return found


def _is_exported(tree: ast.Module, name: str) -> bool:
    """Return whether `name` stands as a text in __all__."""
    return any(
        isinstance(text, ast.Constant) and text.value == name
        for node in tree.body
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign))
        and "__all__" in ast.unparse(node)
        for text in ast.walk(node)
    )
