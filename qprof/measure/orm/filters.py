"""The conditions of a compiled SELECT that all have to hold, and the table that it reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Alias, Column, MetaData, Select, Table
from sqlalchemy.engine.interfaces import ExecutionContext
from sqlalchemy.sql import ClauseElement, operators, visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import AsBoolean, BinaryExpression, BooleanClauseList, Grouping
from sqlalchemy.sql.selectable import Join

from qprof.measure.orm.levels import read_of


def translated(table: Table, context: ExecutionContext) -> Table:
    """Return `table`, or one of its name, without columns, in the schema that `context` maps to."""
    mapped = context.execution_options.get("schema_translate_map") or {}
    schema = mapped.get(table.schema, table.schema)
    return table if schema == table.schema else Table(table.name, MetaData(), schema=schema)


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


def filters_of(compiled: SQLCompiler) -> tuple[Filter, ...]:
    """Return the conditions of `compiled`, in the order in which they are written.

    Of alternatives (OR), negations and columns inside of functions no index of columns can be
    told, so they are left out.
    """
    clauses = _clauses(statement_of(compiled))
    found = (each for clause in clauses for each in filters_in(clause, compiled.anon_map))
    return tuple(dict.fromkeys(found))


def statement_of(compiled: SQLCompiler) -> object:
    """Return the statement that was made into SQL: what the ORM turned the call's own into."""
    state = getattr(compiled, "compile_state", None)
    statement = getattr(state, "statement", None)
    return compiled.statement if statement is None else statement


def filters_in(clause: ClauseElement, names: object) -> Iterator[Filter]:
    """Yield the conditions of a WHERE or ON; `names` are those that SQLAlchemy made up."""
    for condition in conditions(clause):
        yield from filters_by(condition, names)


def conditions(clause: object) -> Iterator[Any]:
    """Yield what has to hold for `clause` to hold."""
    if isinstance(clause, Grouping):
        yield from conditions(clause.element)
    elif isinstance(clause, BooleanClauseList) and clause.operator is operators.and_:
        for each in clause.clauses:
            yield from conditions(each)
    elif isinstance(clause, (AsBoolean, BinaryExpression)):
        yield clause


def filters_by(condition: Any, names: object) -> Iterator[Filter]:
    """Yield the columns that one condition holds."""
    is_flag = isinstance(condition, AsBoolean)
    sides = (condition.element,) if is_flag else (condition.left, condition.right)
    columns = [each for each in sides if isinstance(each, Column)]
    kind = "equal" if is_flag else _kind(condition.operator)
    if kind == "equal" and len(columns) > 1:
        kind = "join"
    for column in columns if kind else ():
        table = column.table.element if isinstance(column.table, Alias) else column.table
        if isinstance(table, Table):
            yield Filter(table, read_of(column.table, names)[0], column.name, kind)


def _clauses(statement: Any) -> Iterator[Any]:
    for each in visitors.iterate(statement):
        if isinstance(each, Select) and each.whereclause is not None:
            yield each.whereclause
        elif isinstance(each, Join):
            yield each.onclause


def _kind(operator: object) -> str:
    kinds = {"equal": _EQUAL, "range": _RANGE, "pattern": _PATTERN}
    return next((kind for kind, known in kinds.items() if operator in known), "")
