"""FROM elements that nothing links, at any depth of a compiled statement.

SQLAlchemy's linter looks at each SELECT, and keeps what it knows of the outermost alone. Here a
statement that names several things in one FROM is compiled once more, by a compiler that keeps the
rest. Beside the comparisons that the linter sees, elements are linked by a SELECT within a
condition that names both, by a function of both, and by a condition outside of a subquery on
columns of both. What has one row at most multiplies nothing.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `_compose_select_body`, `_data`, `_de_clone`,
`_from_objects`, `_group_by_clauses`, `_has_row_limiting_clause`, `_limit_clause`, `_proxies` and
`_where_criteria`.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import Any

from sqlalchemy import (
    BinaryExpression,
    BindParameter,
    Exists,
    FunctionElement,
    Over,
    Select,
    TextClause,
)
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.compiler import COLLECT_CARTESIAN_PRODUCTS
from sqlalchemy.sql.elements import BooleanClauseList, ColumnClause
from sqlalchemy.sql.selectable import (
    AliasedReturnsRows,
    Lateral,
    ScalarSelect,
    SelectBase,
    TableValuedAlias,
    Values,
)

from qprof.domain.sql.from_lists import several_in_from, unlinked_in
from qprof.domain.sql.groups import Groups
from qprof.measure.orm.orders import COUNTING


def unlinked(compiled: Any) -> tuple[str, ...]:
    """Return the first FROM element of a SELECT, and those that nothing links to it, sorted.

    `compiled` is a SQLAlchemy Compiled or None. Of several SELECTs in it the names are put
    together. Of a text() its words have to tell.
    """
    if compiled is None:
        return ()
    if isinstance(_statement(compiled), TextClause):
        return unlinked_in(compiled.string)
    linter = getattr(compiled, "from_linter", None)
    outermost = linter is not None and linter.lint()[0]
    if not outermost and not several_in_from(compiled.string or ""):
        return ()
    levels = _levels(compiled)
    beyond = list(chain.from_iterable(level.beyond for level in levels))
    # A SELECT in a condition of another is read first: it may link what that one names.
    names = [level.apart(beyond) for level in reversed(levels)]
    return tuple(sorted({name for found in names for name in found}))


class FromList:
    """The FROM elements of one SELECT, and what links them."""

    def __init__(self, linter: Any, around: "FromList | None") -> None:
        self.linter = linter
        self.around = around
        self.links: list[set[Any]] = []
        """Each is of elements that one condition names, or one SELECT within a condition."""
        self.beyond: list[set[Any]] = []
        """Such links of elements within the subqueries that a condition here names columns of."""

    def apart(self, beyond: Iterable[set[Any]]) -> tuple[str, ...]:
        """Return the names of the elements that nothing links, and tell the SELECT around."""
        froms = self.linter.froms
        groups = Groups(froms)
        for link in chain(self.linter.edges, self.links, beyond, map(_reads_beside, froms)):
            for one, other in pairwise(link):
                groups.unite(one, other)
        if self.around is not None:
            outer = ({each for each in group if each not in froms} for group in groups.groups())
            self.around.links += [each for each in outer if len(each) > 1]
        many = [each for each in froms if not _is_one_row(each)]
        rest = [each for each in many if not groups.together(each, many[0])]
        return tuple(str(froms[each]) for each in (many[0], *rest)) if rest else ()


def _statement(compiled: Any) -> Any:
    """Return what was compiled: of an ORM statement, what became of it."""
    state: Any = getattr(compiled, "compile_state", None)
    return state.statement if hasattr(state, "current_path") else compiled.statement


def _levels(compiled: Any) -> list[FromList]:
    """Return what is in the FROM of each SELECT of `compiled`; one within another comes later."""
    again = _collecting(type(compiled))(
        compiled.dialect,
        _statement(compiled),
        column_keys=compiled.column_keys,
        schema_translate_map=compiled.schema_translate_map,
        linting=COLLECT_CARTESIAN_PRODUCTS,
    )
    levels: list[FromList] = again._qprof_levels
    return levels


def _collecting(kind: Any) -> Any:
    """Return a compiler like `kind` that keeps what the linter knows of every SELECT."""
    return type("Collecting", (_Collecting, kind), {})


class _Collecting:
    """What stands before a compiler of a dialect."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._qprof_levels: list[FromList] = []
        self._qprof_open: list[FromList] = []
        super().__init__(*args, **kwargs)

    @property
    def from_linter(self) -> Any:
        """What SQLAlchemy sets when it begins with a FROM."""
        return self._qprof_open[-1].linter if self._qprof_open else None

    @from_linter.setter
    def from_linter(self, linter: Any) -> None:
        level = FromList(linter, self._qprof_open[-1] if self._qprof_open else None)
        self._qprof_levels.append(level)
        self._qprof_open.append(level)

    def _compose_select_body(self, *args: Any) -> Any:
        *most, _, kwargs = args
        depth = len(self._qprof_open)
        compose: Any = super()._compose_select_body  # type: ignore[misc]
        # What is left out, "toplevel", says here whether to keep the linter, and nothing else.
        body = compose(*most, True, kwargs)
        del self._qprof_open[depth:]
        return body

    def visit_binary(self, binary: Any, *args: Any, **kwargs: Any) -> Any:
        before = len(self._qprof_levels)
        text = super().visit_binary(binary, *args, **kwargs)  # type: ignore[misc]
        self._qprof_link(binary, before, kwargs)
        return text

    def visit_function(self, func: Any, *args: Any, **kwargs: Any) -> Any:
        before = len(self._qprof_levels)
        text = super().visit_function(func, *args, **kwargs)  # type: ignore[misc]
        self._qprof_link(func, before, kwargs)
        return text

    def _qprof_link(self, condition: Any, before: int, kwargs: Any) -> None:
        """Link what `condition` names, and what the SELECTs within it do."""
        if kwargs.get("from_linter") is None or not self._qprof_open:
            return
        level = self._qprof_open[-1]
        edges = chain.from_iterable(each.linter.edges for each in self._qprof_levels[before:])
        named = {each._de_clone() for each in condition._from_objects}
        level.links.append(named.union(*edges))
        level.beyond.append(_deep(condition))


def _deep(condition: Any) -> set[Any]:
    """Return what the columns of `condition` are of, within the subqueries that it names, too."""
    tables, within = set(), False
    for column in _columns(condition):
        tables.add(column.table)
        for each in _below(column):
            tables.add(each)
            within = True
    return tables if within else set()


def _below(column: Any) -> Iterator[Any]:
    """Yield the FROM elements within a subquery that a column of it is taken from."""
    select = getattr(column.table, "element", None)
    if not isinstance(select, SelectBase) or getattr(select, "_has_row_limiting_clause", False):
        return
    for inner in chain.from_iterable(map(_columns, column._proxies)):
        yield inner.table
        yield from _below(inner)


def _columns(element: Any) -> Iterator[Any]:
    """Yield the columns that `element` names outside of any SELECT of its own."""
    if isinstance(element, (SelectBase, ScalarSelect)):
        return
    if isinstance(element, ColumnClause) and element.table is not None:
        yield element
        return
    for each in element.get_children():
        yield from _columns(each)


def _reads_beside(element: Any) -> set[Any]:
    """Return `element` with the other FROM elements that it reads, as LATERAL and functions do."""
    if not isinstance(element, (Lateral, TableValuedAlias)):
        return {element}
    named = (each for each in visitors.iterate(element.element) if isinstance(each, ColumnClause))
    return {element, *(each.table for each in named if each.table is not None)}


def _is_one_row(element: Any) -> bool:
    """Return whether `element` of a FROM has one row at most, whatever the tables hold."""
    while isinstance(element, AliasedReturnsRows):
        element = element.element
    if isinstance(element, Values):
        return sum(map(len, element._data)) == 1
    if not isinstance(element, Select):
        return False
    return getattr(element._limit_clause, "value", None) == 1 or _selects_one(element)


def _selects_one(select: Any) -> bool:
    if select._group_by_clauses:
        return False
    columns, froms = list(select.selected_columns), select.get_final_froms()
    if not froms:
        # A function may give several rows: unnest() and its kin.
        return not any(isinstance(e, FunctionElement) for c in columns for e in visitors.iterate(c))
    by_key = len(froms) == 1 and _is_held_by_key(froms[0], select)
    return by_key or any(map(_makes_one_row, columns))


_AGGREGATES = COUNTING | {"min", "max", "bool_and", "bool_or", "every", "stddev", "variance"}


def _makes_one_row(column: Any) -> bool:
    """Return whether `column` has an aggregate: without GROUP BY, that is one row of all."""
    if isinstance(column, (Over, SelectBase, ScalarSelect, Exists)):
        return False
    if isinstance(column, FunctionElement) and getattr(column, "name", "") in _AGGREGATES:
        return True
    return any(map(_makes_one_row, column.get_children()))


def _is_held_by_key(table: Any, select: Any) -> bool:
    """Return whether the conditions of `select` hold each column of the primary key to a value."""
    key = set(getattr(table, "primary_key", ()) or ())
    held = {column for each in select._where_criteria for column in _held(each)}
    return bool(key) and key <= held


def _held(condition: Any) -> Iterator[Any]:
    if isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
        for each in condition.clauses:
            yield from _held(each)
    elif isinstance(condition, BinaryExpression) and condition.operator is operators.eq:
        sides = (condition.left, condition.right)
        if any(isinstance(each, BindParameter) for each in sides):
            yield from (each for each in sides if isinstance(each, ColumnClause))
