"""The classes, relationships and tables that a file declares."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace
from types import MappingProxyType

from qprof.domain.loaders import OPTION_WORDS
from qprof.scan.imports import Imports, dotted, imports_of, statements
from qprof.scan.models.annotations import (
    annotated,
    called,
    column_names,
    constant,
    flag,
    foreign_columns,
    keyword,
    name_of,
    text,
)
from qprof.scan.models.facts import (
    Backref,
    Class,
    ForeignKey,
    Imperative,
    MappedTable,
    Module,
    Relationship,
)
from qprof.scan.source_file import SourceFile

_RELATIONSHIPS = {
    "relationship",
    "relation",
    "Relationship",
    "dynamic_loader",
    "write_only_relationship",
}
_MENTIONS = {
    "options": re.compile(rf"\b({'|'.join(OPTION_WORDS)}|options)\b"),
    "selects": re.compile(r"\b(select|query|Query)\b"),
}
_LOADED = re.compile(rf"\b(?:{'|'.join(OPTION_WORDS)})\(\s*([A-Za-z_]\w*)\.")
_MAPPERS = {"map_imperatively", "mapper"}
_MAPS = re.compile(r"\b(map_imperatively|mapper)\(")
_LAZY = {False: "joined", True: "select"}
_Column = tuple[str, ast.Call]


def declared(source: SourceFile) -> Module:
    """Return what is kept of `source`."""
    found = imports_of(source)
    classes: dict[str, Class] = {}
    tables: dict[str, MappedTable] = {}
    mentions = frozenset(word for word, said in _MENTIONS.items() if said.search(source.text))
    for node in statements(source.tree.body):
        if isinstance(node, ast.ClassDef):
            classes[node.name] = _class(node, source, found, "options" in mentions)
        elif isinstance(node, ast.Assign) and called(node.value) == "Table":
            tables.update(_table(node))
    loaded = frozenset(_LOADED.findall(source.text)) if "options" in mentions else frozenset()
    mapped = tuple(_imperative(source, found)) if _MAPS.search(source.text) else ()
    return Module(source.key, source.shown, found, classes, tables, mentions, mapped, loaded)


def _imperative(source: SourceFile, found: Imports) -> Iterator[Imperative]:
    """Yield what calls of map_imperatively() and mapper() map, those within functions included."""
    for node in statements(source.tree.body):
        value = getattr(node, "value", None)
        if isinstance(value, ast.Call) and called(value) in _MAPPERS and value.args:
            related = (
                _relationship(name, None, each, found)
                for name, each in _entries(keyword(value, "properties"))
            )
            yield Imperative(
                name=name_of(value.args[0]),
                table=name_of(_argument(value, 1, "local_table")) or None,
                relationships={each.name: each for each in related if each},
            )


def _entries(node: ast.expr | None) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names and values of {"tracks": …} and of dict(tracks=…)."""
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        yield from ((text(key) or "", value) for key, value in pairs if text(key))
    elif isinstance(node, ast.Call) and called(node) == "dict":
        yield from ((each.arg, each.value) for each in node.keywords if each.arg)


def _table(node: ast.Assign) -> Iterator[tuple[str, MappedTable]]:
    assert isinstance(node.value, ast.Call)
    name = text(node.value.args[0]) if node.value.args else None
    for target in node.targets:
        if name and dotted(target):
            yield ".".join(dotted(target)), MappedTable(name, tuple(_keys_in("", node.value)))


def _class(node: ast.ClassDef, source: SourceFile, found: Imports, has_options: bool) -> Class:
    fields = list(_fields(node))
    related = [_relationship(*each, found) for each in fields]
    columns = {name for name, _, value in fields if called(value) in _COLUMNS}
    return Class(
        key=source.key,
        file=source.shown,
        name=node.name,
        line=node.lineno,
        bases=tuple(".".join(dotted(base)) for base in node.bases if dotted(base)),
        table=_table_name(node, fields),
        relationships={each.name: _owned(each, node.name, columns) for each in related if each},
        keys=tuple(
            key
            for name, _, value in fields
            for key in _keys_in(name, value)
            if called(value) not in _RELATIONSHIPS
        ),
        names=_NOTHING if not fields else dict(_named(fields)) or _NOTHING,
        methods=tuple(
            sys.intern(each.name)
            for each in node.body
            if has_options and isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))
        ),
    )


_NOTHING: Mapping[str, str] = MappingProxyType({})


def _named(fields: "Iterable[_Field]") -> Iterator[tuple[str, str]]:
    """Yield the attributes that hold a class, by its dotted name."""
    for name, _, value in fields:
        parts = dotted(value) if value is not None else ()
        if parts and parts[-1][:1].isupper():
            yield sys.intern(name), sys.intern(".".join(parts))


_Field = tuple[str, ast.expr | None, ast.expr | None]
"""Name, annotation and value."""


def _fields(node: ast.ClassDef) -> Iterator[_Field]:
    for each in node.body:
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            yield each.target.id, each.annotation, each.value
        elif isinstance(each, ast.Assign):
            yield from ((t.id, None, each.value) for t in each.targets if isinstance(t, ast.Name))
        elif isinstance(each, ast.FunctionDef) and _is_declared_attr(each):
            yield from ((each.name, each.returns, value) for value in _returned(each))


def _is_declared_attr(node: ast.FunctionDef) -> bool:
    return any("declared_attr" in dotted(each) for each in node.decorator_list)


def _returned(node: ast.FunctionDef) -> Iterator[ast.expr]:
    yield from (
        each.value for each in statements(node.body) if isinstance(each, ast.Return) and each.value
    )


def _table_name(node: ast.ClassDef, fields: Iterable[_Field]) -> str | None:
    for name, _, value in fields:
        if name == "__tablename__" and text(value):
            return text(value)
        if name in ("__table__", "table") and (name == "__table__" or called(value) == "Table"):
            first = value.args[0] if isinstance(value, ast.Call) and value.args else value
            return name_of(first) or None
    return None


def _keys_in(name: str, node: ast.expr | None) -> Iterator[ForeignKey]:
    """Yield the foreign keys of a column, a Table or __table_args__."""
    if isinstance(node, (ast.Tuple, ast.List)):
        for each in node.elts:
            yield from _keys_in(name, each)
    elif isinstance(node, ast.Call):
        if called(node) == "ForeignKey" and node.args:
            yield ForeignKey(name, name_of(node.args[0]))
        elif called(node) == "ForeignKeyConstraint":
            own, others = (
                column_names(_argument(node, *each)) for each in ((0, "columns"), (1, "refcolumns"))
            )
            pairs = zip(own, others, strict=False)
            yield from (ForeignKey(column, target) for column, target in pairs)
        elif called(node) in _HOLDERS:
            for each in (*node.args, *(one.value for one in node.keywords)):
                yield from _keys_in(_column(node) or name, each)


def _argument(node: ast.Call, place: int, name: str) -> ast.expr | None:
    return node.args[place] if len(node.args) > place else keyword(node, name)


_HOLDERS = {"Column", "mapped_column", "Table", "Field", "declared_attr", "column_property"}


_COLUMNS = {"Column", "mapped_column"}


def _owned(found: Relationship, owner: str, columns: Set[str]) -> Relationship:
    """Return `found` with the class told that its bare foreign keys are columns of."""
    named = (f"{owner}.{each}" if each in columns else each for each in found.foreign_keys)
    return replace(found, foreign_keys=tuple(named))


def _column(node: ast.Call) -> str | None:
    return text(node.args[0]) if node.args and called(node) == "Column" else None


def _relationship(
    name: str, annotation: ast.expr | None, value: ast.expr | None, found: Imports
) -> Relationship | None:
    if not isinstance(value, ast.Call) or called(value) not in _RELATIONSHIPS:
        return None
    target, many = annotated(annotation, bare=called(value) == "Relationship")
    first = value.args[0] if value.args else keyword(value, "argument")
    options = _options(value)
    return Relationship(
        name=name,
        line=value.lineno,
        last=value.end_lineno or value.lineno,
        target=name_of(first) or target,
        uselist=_uselist(options, many),
        secondary=keyword(options, "secondary") is not None
        or keyword(value, "link_model") is not None
        or len(value.args) > 1,
        lazy=_lazy(options, called(value)),
        back_populates=text(keyword(value, "back_populates")),
        backref=_backref(keyword(options, "backref")),
        remote_side=column_names(keyword(options, "remote_side")),
        foreign_keys=column_names(keyword(options, "foreign_keys"))
        or foreign_columns(keyword(options, "primaryjoin")),
    )


def _options(value: ast.Call) -> ast.Call:
    """Return the call with the keywords that SQLModel passes on in sa_relationship_kwargs."""
    passed = keyword(value, "sa_relationship_kwargs")
    if not isinstance(passed, ast.Dict):
        return value
    pairs = zip(passed.keys, passed.values, strict=True)
    more = [ast.keyword(text(key), each) for key, each in pairs if key is not None and text(key)]
    return ast.Call(value.func, value.args, [*value.keywords, *more])


def _uselist(options: ast.Call, many: bool | None) -> bool | None:
    said = flag(keyword(options, "uselist"))
    if said is not None:
        return said
    if keyword(options, "collection_class") is not None or called(options) in (
        "dynamic_loader",
        "write_only_relationship",
    ):
        return True
    return many


def _lazy(options: ast.Call, name: str) -> str | None:
    if name == "dynamic_loader":
        return "dynamic"
    value = constant(keyword(options, "lazy"))
    if isinstance(value, bool):
        return _LAZY[value]
    return value if isinstance(value, str) else None


def _backref(node: ast.expr | None) -> Backref | None:
    if text(node):
        return Backref(text(node) or "", None, None)
    if isinstance(node, ast.Call) and node.args and (name := text(node.args[0])):
        return Backref(name, flag(keyword(node, "uselist")), _lazy(node, ""))
    return None
