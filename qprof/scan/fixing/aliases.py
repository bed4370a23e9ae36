"""The names of one `from … import …`: some added, some dropped, its layout kept."""

from collections.abc import Sequence, Set

import libcst as cst


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
