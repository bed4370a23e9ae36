"""Import statements rewritten where they stand: names added and dropped, the layout kept."""

import re
from collections.abc import Iterable, Iterator, Sequence, Set

import libcst as cst

from qprof.scan.fixing.importing import ImportEdit
from qprof.scan.fixing.text import Edit, Refused, Text


def changed(node: cst.ImportFrom, add: Set[str], drop: Set[str]) -> cst.ImportFrom:
    """Return `node` with names added, in order where they are in order, and others dropped.

    The last name stays: an import without names is none.
    """
    assert not isinstance(node.names, cst.ImportStar)
    old = list(node.names)
    if any(_local(each) in drop and _has_comment(each.comma) for each in old):
        return node.with_changes(names=_in_place(old, sorted(add), drop))
    kept = [each for each in old if _local(each) not in drop]
    new = _ordered(old, kept, sorted(add))
    if not new or [_local(each) for each in new] == [_local(each) for each in old]:
        return node
    return node.with_changes(names=_laid_out(old, new))


def _local(alias: cst.ImportAlias) -> str:
    return alias.evaluated_alias or alias.evaluated_name


def _ordered(
    old: Sequence[cst.ImportAlias], kept: list[cst.ImportAlias], add: Sequence[str]
) -> list[cst.ImportAlias]:
    names = [each.evaluated_name for each in old]
    added = [cst.ImportAlias(cst.Name(each)) for each in add]
    for key in (str, str.lower):
        if names == sorted(names, key=key):
            return sorted([*kept, *added], key=lambda each: key(each.evaluated_name))
    at = next((i for i, each in enumerate(old) if each not in kept), len(kept))
    return [*kept[:at], *added, *kept[at:]]


def _in_place(
    old: Sequence[cst.ImportAlias], add: list[str], drop: Set[str]
) -> list[cst.ImportAlias]:
    """Return `old` with added names in the places of dropped ones, whose comments stay.

    A dropped name for which there is no other stays as well.
    """
    return [
        each.with_changes(name=cst.Name(add.pop(0)), asname=None)
        if _local(each) in drop and add
        else each
        for each in old
    ]


def _laid_out(
    old: Sequence[cst.ImportAlias], new: Sequence[cst.ImportAlias]
) -> list[cst.ImportAlias]:
    """Return `new` with the commas, line breaks and comments of `old`."""
    own = {_local(each): each.comma for each in old[:-1]}
    plain = next((each.comma for each in old[:-1] if not _has_comment(each.comma)), _COMMA)
    laid = [each.with_changes(comma=own.get(_local(each), plain)) for each in new[:-1]]
    return [*laid, new[-1].with_changes(comma=old[-1].comma)]


_COMMA = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


def _has_comment(comma: cst.Comma | cst.MaybeSentinel) -> bool:
    after = comma.whitespace_after if isinstance(comma, cst.Comma) else None
    return isinstance(after, cst.ParenthesizedWhitespace) and "#" in _text(after)


def _text(space: cst.ParenthesizedWhitespace) -> str:
    return cst.Module([]).code_for_node(space)


_LINE_BEFORE = re.compile(r"(?:^|[\r\n])(?P<before>[^\r\n]*)\Z")
_LINE_AFTER = re.compile(r"(?P<after>[^\r\n]*)(?:\r\n|\r|\n|\Z)")
_COMMENT_ABOVE = re.compile(r"(?:^|[\r\n])[ \t\f]*#[^\r\n]*(?:\r\n|\r|\n)\s*\Z")


def import_edits(text: Text, edits: Iterable[ImportEdit]) -> Iterator[Edit]:
    """Yield what makes the imports of `text` what `edits` say.

    An import of which no name is used any more is dropped, if it stands alone at the top level and
    no comment hangs on it. Raises Refused for one that libcst does not give back as it is.
    """
    for each in edits:
        node = each.node
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = text.offset_by_bytes(node.lineno, node.col_offset)
        end = text.offset_by_bytes(node.end_lineno, node.end_col_offset)
        new = _changed(text.written[start:end], each)
        if new is not None:
            yield start, end, new
        elif each.is_top:
            yield from _dropped(text.written, start, end)


def _changed(written: str, edit: ImportEdit) -> str | None:
    """Return the statement with its names changed; None where none would be left."""
    if all((alias.asname or alias.name) in edit.drop for alias in edit.node.names) and not edit.add:
        return None
    statement = _parsed(written)
    line = statement.body[0]
    assert isinstance(line, cst.SimpleStatementLine)
    node = line.body[0]
    assert isinstance(node, cst.ImportFrom)
    new = changed(node, edit.add, edit.drop) if not isinstance(node.names, cst.ImportStar) else node
    return statement.with_changes(body=[line.with_changes(body=[new])]).code


def _parsed(written: str) -> cst.Module:
    try:
        found = cst.parse_module(written)
    except cst.ParserSyntaxError:
        raise Refused("libcst cannot parse one of its imports") from None
    if found.code != written:
        raise Refused("libcst does not give one of its imports back as it is")
    return found


def _dropped(written: str, start: int, end: int) -> Iterator[Edit]:
    """Yield the whole line away, where nothing else is said on it or right above it."""
    before, after = _LINE_BEFORE.search(written[:start]), _LINE_AFTER.match(written, end)
    assert before is not None
    assert after is not None
    alone = not (before["before"].strip("\ufeff\f") or after["after"].strip())
    if alone and not _COMMENT_ABOVE.search(written[:start]):
        yield start, after.end(), ""
