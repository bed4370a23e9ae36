"""The arguments and the annotation of a declaration: names, values, the target, and how many."""

import ast
import re

from qprof.scan.imports import dotted

_FOREIGN = re.compile(r"\bforeign\(\s*([\w.]+)\s*\)")


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Return the value of a keyword argument."""
    return next((each.value for each in call.keywords if each.arg == name), None)


def constant(node: ast.expr | None) -> object:
    """Return a literal's value, None for anything else."""
    return node.value if isinstance(node, ast.Constant) else None


def text(node: ast.expr | None) -> str | None:
    """Return a literal text, None for anything else."""
    value = constant(node)
    return value if isinstance(value, str) else None


def flag(node: ast.expr | None) -> bool | None:
    """Return a literal True or False, None for anything else."""
    value = constant(node)
    return value if isinstance(value, bool) else None


def name_of(node: ast.expr | None) -> str:
    """Return the class that is named: Track, models.Track, "app.Track", lambda: Track."""
    if isinstance(node, ast.Lambda):
        return name_of(node.body)
    if node is None:
        return ""
    return text(node) or ".".join(dotted(node))


def column_names(node: ast.expr | None) -> tuple[str, ...]:
    """Return the columns that are named: Track.id, "Track.id", [Track.id, …]; dotted."""
    if isinstance(node, ast.Lambda):
        return column_names(node.body)
    if isinstance(node, (ast.List, ast.Tuple)):
        return tuple(name for each in node.elts for name in column_names(each))
    found = name_of(node).strip("[]() ")
    return tuple(_column(part.strip()) for part in found.split(",") if part.strip())


def _column(name: str) -> str:
    """Return "Track.id" for Track.__table__.c.id, "tracks.id" for tracks.c.id."""
    first, *others = name.split(".")
    return ".".join([first, *(each for each in others if each not in _OF_TABLES)])


_OF_TABLES = {"__table__", "table", "c", "columns"}


def foreign_columns(node: ast.expr | None) -> tuple[str, ...]:
    """Return the columns that a primaryjoin, or its text, marks by foreign(); dotted."""
    written = text(node)
    if written is not None:
        return tuple(_FOREIGN.findall(written))
    calls = ast.walk(node) if node is not None else ()
    return tuple(
        name
        for each in calls
        if isinstance(each, ast.Call) and called(each) == "foreign"
        for argument in each.args
        for name in column_names(argument)
    )


def called(node: ast.expr | None) -> str:
    """Return the last name of what is called: "relationship"; "" where nothing is."""
    parts = dotted(node.func) if isinstance(node, ast.Call) else ()
    return parts[-1] if parts else ""


_MAPPED = {"Mapped", "WriteOnlyMapped", "DynamicMapped"}
_COLLECTIONS = {
    *("list", "List", "set", "Set", "frozenset", "FrozenSet", "tuple", "Tuple"),
    *("dict", "Dict", "Sequence", "MutableSequence", "MutableSet", "Collection", "Iterable"),
    *("Mapping", "MutableMapping", "AbstractSet", "KeyFuncDict", "OrderingList"),
}
_OPTIONAL = {"Optional", "Union", "Annotated", "ClassVar"}

Said = tuple[str, bool | None]
"""The target's dotted name, "" if unknown, and whether there are many, None if unknown."""


def annotated(annotation: ast.expr | None, *, bare: bool = False) -> Said:
    """Return what an annotation says of a relationship.

    `bare` reads one without Mapped, too, which SQLModel writes.
    """
    node = _unquoted(annotation)
    name = _head(node)
    if isinstance(node, ast.Subscript) and name in _MAPPED:
        target, many = _read(_unquoted(node.slice))
        return target, True if name != "Mapped" else many
    return _read(node) if bare else ("", None)


def _read(node: ast.expr | None) -> Said:
    if isinstance(node, ast.BinOp):
        return _first_of(node.left, node.right)
    if isinstance(node, ast.Subscript):
        arms = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if _head(node) in _COLLECTIONS:
            return _read(_unquoted(arms[-1]))[0], True
        return _first_of(*arms) if _head(node) in _OPTIONAL else ("", None)
    parts = dotted(node) if node is not None else ()
    return (".".join(parts), False) if parts else ("", None)


def _first_of(*arms: ast.expr) -> Said:
    """Return what the one arm says that is not None."""
    said = [_read(_unquoted(arm)) for arm in arms if not _is_none(arm)]
    return said[0] if said else ("", None)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _unquoted(node: ast.expr | None) -> ast.expr | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return ast.parse(node.value.strip(), mode="eval").body
        except SyntaxError:
            return None
    return node


def _head(node: ast.expr | None) -> str:
    parts = dotted(node.value) if isinstance(node, ast.Subscript) else ()
    return parts[-1] if parts else ""
