"""The conditions by which an index could find the rows of a table."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, Integer, Numeric, String

from qprof.measure.orm.filters import Filter, conditions, filters_by, statement_of
from qprof.measure.orm.levels import Level, Read, levels_of
from qprof.measure.orm.translated import translated

_NUMBERS = (Boolean, Integer, Numeric)
_TELLS_SCHEMAS = "postgresql"
"""Its plans tell two tables of one name apart."""


def served_of(context: Any) -> tuple[Filter, ...]:
    """Return the conditions of a statement that an index serves, over the tables that it reads.

    A plan tells tables by the names that the statement gives them. Where SELECTs within each other
    give one name twice, and hold other columns of it, it cannot be told whose scan it is: those are
    left out, as are comparisons for which a text is made a number, on the side that an outer join
    keeps, and all that `filters_of` leaves out.
    """
    compiled = context.compiled
    found: defaultdict[Read, set[tuple[Filter, ...]]] = defaultdict(set)
    for level in levels_of(statement_of(compiled), compiled.anon_map):
        for read in level.tables:
            found[read].add(tuple(dict.fromkeys(_of(level, read, compiled.anon_map))))
    names = [name for name, _ in found] if context.dialect.name != _TELLS_SCHEMAS else []
    return tuple(
        replace(each, table=translated(each.table, context))
        for (name, _), held in found.items()
        if len(held) == 1 and names.count(name) <= 1
        for each in next(iter(held))
    )


def _of(level: Level, read: Read, names: Any) -> Iterator[Filter]:
    for clause, tables in level.clauses:
        for condition in conditions(clause) if read in tables else ():
            if _alike(condition):
                for each in filters_by(condition, names):
                    if (each.name, each.table.fullname) == read:
                        yield each


def _alike(condition: Any) -> bool:
    """Return whether no text is compared with a number.

    MariaDB and MySQL compare the two as numbers, by no index of texts.
    https://mariadb.com/docs/server/reference/sql-functions/type-conversion
    """
    sides = [getattr(condition, each, None) for each in ("left", "right")]
    types = [_type(each) for each in sides]
    if not any(isinstance(each, String) for each in types):
        return True
    values = [getattr(each, "value", None) for each in sides]
    given = [one for each in values for one in (each if isinstance(each, list) else [each])]
    return not any(isinstance(each, _NUMBERS) for each in types) and not any(
        isinstance(each, (int, float, Decimal)) for each in given
    )


def _type(side: Any) -> Any:
    """Return the type of an expression; what a TypeDecorator stores, where it is one."""
    found = getattr(side, "type", None)
    return getattr(found, "impl", found)
