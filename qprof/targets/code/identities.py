"""Values for the parameters of a path, from rows that are there."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Engine, select
from sqlalchemy.orm import Mapper

from qprof.measure.orm.mappers import all_mappers
from qprof.targets.code.source import Source
from qprof.targets.web import WebRoute

_KEYS = ("id", "pk", "uuid", "key", "identifier", "number")
_ALONE = re.compile(r"(.*?)_?(id|pk|uuid|key)", re.IGNORECASE)
_BRACKET = re.compile(r"[{<]")


@dataclass(frozen=True)
class Identity:
    """The values of one row."""

    values: Mapping[str, Any] = field(default_factory=dict)
    """By the parameters of the path."""
    origin: str = ""
    """Where they are from, as a table and its columns."""


def identity_for(route: WebRoute, engines: Iterable[Engine], source: Source) -> Identity:
    """Return the first row that the last parameter of a path names, as far as it is known.

    Parameters before it are its columns of the same name, or the first row of their own table.
    """
    known = list(engines)
    values: dict[str, Any] = {}
    origins: list[str] = []
    for name in reversed(route.parameters):
        mapper, column = _column(name, route)
        if name in values or mapper is None or column is None:
            continue
        beside = {each: mapper.columns[each] for each in route.parameters if each in mapper.columns}
        columns = {**beside, name: column}
        row = next(filter(None, (_first(engine, columns, source) for engine in known)), None)
        if row is not None:
            values = {**row, **values}
            origins.append(f"{column.table.name}.{column.name}")
    return Identity(values, ", ".join(origins))


def _column(name: str, route: WebRoute) -> tuple["Mapper[Any] | None", "Column[Any] | None"]:
    """Return the mapper that a parameter names, and the column that it holds."""
    apart = _ALONE.fullmatch(name)
    before = _segment_before(name, route.path)
    stems = [apart[1]] if apart is not None and apart[1] else []
    for stem in [*stems, before, name]:
        for mapper in all_mappers():
            if stem and _is_named(mapper, stem):
                column = _key_or_column(mapper, name, is_key=apart is not None or stem == name)
                if column is not None:
                    return mapper, column
    return None, None


def _segment_before(name: str, path: str) -> str:
    before = ""
    for segment in path.strip("/").split("/"):
        if not _BRACKET.match(segment):
            before = segment
        elif re.search(rf"\b{re.escape(name)}\b", segment):
            return before
    return ""


def _is_named(mapper: "Mapper[Any]", stem: str) -> bool:
    table = getattr(mapper.local_table, "name", "")
    return _singular(stem) in (_singular(mapper.class_.__name__), _singular(str(table)))


def _singular(name: str) -> str:
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("s", "")):
        if plain.endswith(ending) and not plain.endswith("ss"):
            return plain[: -len(ending)] + instead
    return plain


def _key_or_column(mapper: "Mapper[Any]", name: str, *, is_key: bool) -> "Column[Any] | None":
    for each in (name, name.rpartition("_")[2]):
        if each in mapper.columns and isinstance(mapper.columns[each], Column):
            found: Column[Any] = mapper.columns[each]
            return found
    if len(mapper.primary_key) == 1 and (is_key or name.lower() in _KEYS):
        key: Any = mapper.primary_key[0]
        return key if isinstance(key, Column) else None
    return None


def _first(
    engine: Engine, columns: "Mapping[str, Column[Any]]", source: Source
) -> dict[str, Any] | None:
    """Return the first row; None where the table is empty, or is not there."""
    statement = select(*columns.values()).order_by(*next(iter(columns.values())).table.primary_key)

    def asked() -> Any:
        with engine.connect() as connection:
            return connection.execute(statement.limit(1)).first()

    run: Callable[[Callable[[], Any]], Any]
    run = source.loop.run_plain if engine.dialect.is_async else _plainly
    with suppress(Exception), source.guard.strict():
        row = run(asked)
        return None if row is None else dict(zip(columns, row, strict=True))
    return None


def _plainly(function: Callable[[], Any]) -> Any:
    return function()
