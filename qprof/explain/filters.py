"""The conditions of a compiled SELECT that hold a column, and that all have to hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Alias, Column, Select, Table
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList, Grouping
from sqlalchemy.sql.selectable import Join

_EQUAL = {operators.eq, operators.in_op, operators.is_}
_RANGE = {operators.lt, operators.le, operators.gt, operators.ge, operators.between_op}
_PATTERN = {
    operators.like_op,
    operators.ilike_op,
    operators.contains_op,
    operators.icontains_op,
    operators.startswith_op,
    operators.istartswith_op,
    operators.endswith_op,
    operators.iendswith_op,
}


@dataclass(frozen=True)
class Filter:
    """A column that a condition holds."""

    table: Table
    name: str
    """The name that the statement gives to the table."""
    column: str
    kind: str
    """equal, range or pattern; join where the other side is a column, too."""


def filters_of(compiled: Any) -> tuple[Filter, ...]:
    """Return the conditions of `compiled`, in the order in which they are written.

    Of alternatives (OR), negations and columns inside of functions no index of columns can be
    told, so they are left out.
    """
    state = getattr(compiled, "compile_state", None)
    statement = getattr(state, "statement", None)
    if statement is None:
        statement = compiled.statement
    found = [each for clause in _clauses(statement) for each in _conditions(clause)]
    filters = (each for condition in found for each in _filters(condition, compiled.anon_map))
    return tuple(dict.fromkeys(filters))


def _clauses(statement: Any) -> Iterator[Any]:
    for each in visitors.iterate(statement):
        if isinstance(each, Select) and each.whereclause is not None:
            yield each.whereclause
        elif isinstance(each, Join):
            yield each.onclause


def _conditions(clause: Any) -> Iterator[Any]:
    if isinstance(clause, Grouping):
        yield from _conditions(clause.element)
    elif isinstance(clause, BooleanClauseList) and clause.operator is operators.and_:
        for each in clause.clauses:
            yield from _conditions(each)
    elif isinstance(clause, BinaryExpression):
        yield clause


def _filters(condition: Any, names: Any) -> Iterator[Filter]:
    columns = [each for each in (condition.left, condition.right) if isinstance(each, Column)]
    kind = _kind(condition.operator)
    if kind == "equal" and len(columns) > 1:
        kind = "join"
    for column in columns if kind else ():
        table = column.table.element if isinstance(column.table, Alias) else column.table
        if isinstance(table, Table):
            yield Filter(table, _rendered(column.table.name, names), column.name, kind)


def _rendered(name: Any, names: Any) -> str:
    """Return the name of an alias; where SQLAlchemy makes one up, as it did for this statement."""
    return str(name.apply_map(names) if hasattr(name, "apply_map") else name)


def _kind(operator: Any) -> str:
    kinds = {"equal": _EQUAL, "range": _RANGE, "pattern": _PATTERN}
    return next((kind for kind, known in kinds.items() if operator in known), "")
