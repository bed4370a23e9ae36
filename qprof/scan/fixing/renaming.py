"""Loader calls renamed in a file's text, its imports brought up to date, nothing else touched."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from qprof.scan.fixing.import_statements import import_edits
from qprof.scan.fixing.importing import Importing
from qprof.scan.fixing.text import Edit, Refused, Text, text_of
from qprof.scan.static_rule import LoaderChange

_Spot = tuple[int, int]
"""Line and column where a name begins."""


def renamed(content: bytes, changes: Sequence[LoaderChange], *, exports: bool) -> tuple[bytes, str]:
    """Return a Python file with `changes` made, and its encoding; each other byte is the same.

    With `exports`, imports that are no longer used stay: others may take them from this file.
    Raises Refused where the outcome would not be certain.
    """
    text = text_of(content)
    importing = Importing(_parsed(text), text.plain, exports=exports)
    names = _names(importing, changes)
    edits = importing.edits([(spot, name) for spot, name in names.items()])
    new = text.edited([*_renames(text, changes, names), *import_edits(text, edits)])
    _check(new)
    return new, text.encoding


def _parsed(text: Text) -> ast.Module:
    try:
        return ast.parse(text.plain)
    except (SyntaxError, ValueError) as error:
        raise Refused(f"it cannot be parsed ({type(error).__name__})") from None


def _names(importing: Importing, changes: Sequence[LoaderChange]) -> dict[_Spot, str]:
    """Return the local name to write at each spot that holds a bare name."""
    found: dict[_Spot, str] = {}
    for each in changes:
        if "." in each.written or importing.is_method(each.place.line, each.place.column):
            continue
        name, why = importing.local_name(each.place.line, each.place.column, each.to)
        if why:
            raise Refused(why)
        found[each.place.line, each.place.column] = name
    return found


def _renames(
    text: Text, changes: Sequence[LoaderChange], names: Mapping[_Spot, str]
) -> Iterator[Edit]:
    for each in changes:
        spot = (each.place.line, each.place.column)
        old, start = each.written.rpartition(".")[2], text.offset(*spot)
        if text.written[start : start + len(old)] != old:
            raise Refused("a loader call is not where it was seen")
        yield start, start + len(old), names.get(spot, each.to)


def _check(new: bytes) -> None:
    try:
        ast.parse(new)
    except SyntaxError as error:
        raise Refused(f"the result would not parse ({error.msg})") from None
