"""Import statements rewritten where they stand, each apart from the rest of its file."""

import re
from collections.abc import Iterable, Iterator

import libcst as cst

from qprof.scan.fixing.aliases import changed
from qprof.scan.fixing.importing import ImportEdit
from qprof.scan.fixing.text import Edit, Refused, Text

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
