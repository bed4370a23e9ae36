"""What `Mapped[list["Track"]]` says: the target, and whether there are many."""

import ast

from qprof.scan.imports import dotted

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
