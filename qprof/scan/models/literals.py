"""Names and values as they stand in the arguments of a declaration."""

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
    if isinstance(node, (ast.List, ast.Tuple)):
        return tuple(name for each in node.elts for name in column_names(each))
    found = name_of(node).strip("[]() ")
    return tuple(part.strip() for part in found.split(",") if part.strip())


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
