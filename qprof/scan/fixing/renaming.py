"""Loader calls renamed in a file's text, its imports brought up to date, nothing else touched."""

import ast
from collections.abc import Mapping, Sequence

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from qprof.scan.fixing.importing import Importing, with_imports
from qprof.scan.rules.static_rule import Change

_Spot = tuple[int, int]
"""Line and column where a name begins."""


class Refused(Exception):
    """A file is better left alone; the message says why."""


def renamed(content: bytes, changes: Sequence[Change], *, exports: bool) -> tuple[bytes, str]:
    """Return a Python file with `changes` made, and its encoding.

    Encoding, line ends, comments and layout stay as they are.

    With `exports`, imports that are no longer used stay: others may take them from this file.
    Raises Refused where the outcome would not be certain.
    """
    wanted = {(each.place.line, each.place.column): each.to for each in changes}
    module = _parsed(content)
    importing = Importing(module.code, exports=exports)
    names = _names(importing, changes)
    renaming = _Renaming(wanted, names)
    result = MetadataWrapper(module).visit(renaming)
    if renaming.missed:
        raise Refused("a loader call is not where it was seen")
    edits = importing.edits([(spot, names[spot]) for spot in wanted if spot in names])
    return _checked(with_imports(result, edits))


def _parsed(content: bytes) -> cst.Module:
    try:
        return cst.parse_module(content)
    except (cst.ParserSyntaxError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(f"libcst cannot parse it ({type(error).__name__})") from None


def _names(importing: "Importing", changes: Sequence[Change]) -> dict[_Spot, str]:
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


def _checked(module: cst.Module) -> tuple[bytes, str]:
    try:
        ast.parse(module.code)
    except SyntaxError as error:
        raise Refused(f"the result would not parse ({error.msg})") from None
    return module.bytes, module.encoding


class _Renaming(cst.CSTTransformer):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, wanted: Mapping[_Spot, str], names: Mapping[_Spot, str]) -> None:
        super().__init__()
        self._wanted = dict(wanted)
        self._names = names

    @property
    def missed(self) -> bool:
        """Whether a spot was not met."""
        return bool(self._wanted)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        name = original_node.func
        if isinstance(name, cst.Attribute):
            name = name.attr
        start = self.get_metadata(PositionProvider, name).start
        to = self._wanted.pop((start.line, start.column), None)
        if to is None:
            return updated_node
        function = updated_node.func
        if isinstance(function, cst.Attribute):
            return updated_node.with_changes(func=function.with_changes(attr=cst.Name(to)))
        local = self._names.get((start.line, start.column), to)
        return updated_node.with_deep_changes(function, value=local)
