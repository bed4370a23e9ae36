"""The rows of a root statement, without what its options join: primary keys instead of entities.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `_compile_options`, `_distinct_on`,
`_fetch_clause`, `_for_update_arg`, `_generate`, `_group_by_clauses`, `_has_row_limiting_clause`,
`_having_criteria`, `_limit_clause`, `_offset_clause`, `_order_by_clauses`, `_set_base_alias` and
`_with_options`.
"""

from typing import Any

from sqlalchemy import (
    SelectLabelStyle,
    UnaryExpression,
    and_,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.sql import Select

from qprof.forecast.predict.tree import Tree, Unpredictable, is_entity, mapper_of


def key_attributes(entity: object) -> list[Any]:
    """Return the attributes of `entity`, a class or alias, that hold its primary key."""
    mapper = mapper_of(entity)
    return [
        getattr(entity, mapper.get_property_by_column(column).key) for column in mapper.primary_key
    ]


def key_names(prefix: str, entity: object) -> list[str]:
    """Return a column name for each part of the primary key."""
    return [f"{prefix}_{number}" for number in range(len(mapper_of(entity).primary_key))]


def root_names(tree: Tree, name: str) -> list[str]:
    """Return the columns that `keyed` gives the root of that name."""
    return key_names(f"r{list(tree.entities).index(name)}", tree.entities[name])


def bare(statement: Select[Any]) -> Any:
    """Return a copy of `statement` without loader options and locks.

    Raises Unpredictable for what is no plain SELECT.
    """
    if not isinstance(statement, Select):
        raise Unpredictable("the statement is no plain SELECT")
    if getattr(statement._compile_options, "_set_base_alias", False):
        raise Unpredictable("the statement is a union of legacy queries")
    plain: Any = statement._generate()
    plain._with_options = ()
    plain._for_update_arg = None
    # A legacy Query names its columns "table_column".
    return plain.set_label_style(SelectLabelStyle.LABEL_STYLE_DISAMBIGUATE_ONLY)


def is_limited(statement: Select[Any]) -> bool:
    """Return whether it has LIMIT, OFFSET or FETCH."""
    return bool(statement._has_row_limiting_clause)


def is_grouped(statement: Select[Any]) -> bool:
    """Return whether it has GROUP BY or HAVING."""
    return bool(statement._group_by_clauses or statement._having_criteria)


def ties_at_limit(statement: Select[Any], tree: Tree) -> object:
    """Return how many groups of rows with equal ORDER BY a LIMIT or OFFSET cuts in two.

    None if it cuts none for sure: without a LIMIT, or if the primary keys are in the ORDER BY. Rows
    of the same objects are no ties. Raises Unpredictable if that cannot be asked.
    """
    if not is_limited(statement) or _is_total(statement, tree):
        return None
    if statement._distinct_on or statement._fetch_clause is not None:
        raise Unpredictable("it is not known which rows the LIMIT leaves")
    whole = keyed(statement, tree).limit(None).offset(None).order_by(None)
    ranked = whole.add_columns(_rank(statement)).subquery()
    names = [name for root in tree.entities for name in root_names(tree, root)]
    keys, place = [ranked.c[name] for name in names], ranked.c.qprof_rank
    number = func.row_number().over(order_by=[place, *keys])
    rows = select(place, *keys, number.label("n")).subquery()
    values = [rows.c[name] for name in names]
    differ = (
        or_(func.min(each) != func.max(each), func.count(each).not_in((0, func.count())))
        for each in values
    )
    groups = select(func.min(rows.c.n).label("first"), func.max(rows.c.n).label("last"))
    tied = groups.group_by(rows.c.qprof_rank).having(or_(*differ)).subquery()
    cut = (and_(tied.c.first <= each, tied.c.last > each) for each in _cuts(statement))
    return select(func.count()).select_from(tied).where(or_(*cut))


def _rank(statement: Select[Any]) -> object:
    """Return the place that the ORDER BY gives to a row; ties have the same."""
    order = [getattr(each, "element", each) for each in statement._order_by_clauses]
    rank = func.rank().over(order_by=order) if order else literal(1)
    return rank.label("qprof_rank")


def ranked_keys(statement: Select[Any], tree: Tree) -> object:
    """Return a SELECT of the keys of each row in its order, and of the place that it has in it."""
    ranked = keyed(statement, tree).add_columns(_rank(statement)).subquery()
    names = [name for root in tree.entities for name in root_names(tree, root)]
    columns = [*(ranked.c[name] for name in names), ranked.c.qprof_rank]
    return select(*columns).order_by(ranked.c.qprof_rank, *columns)


def _cuts(statement: Select[Any]) -> list[object]:
    """Return after how many rows OFFSET and LIMIT cut."""
    offset, limit = statement._offset_clause, statement._limit_clause
    start = literal(0) if offset is None else offset
    return [start] if limit is None else [start, start + limit]


def _is_total(statement: Select[Any], tree: Tree) -> bool:
    """Return whether the ORDER BY names the whole primary key of each entity."""
    order = list(map(_unwrapped, statement._order_by_clauses))
    keys = [
        key.__clause_element__() for each in tree.entities.values() for key in key_attributes(each)
    ]
    return all(any(each.compare(key) for each in order) for key in keys)


def _unwrapped(clause: Any) -> Any:
    """Return what is ordered by, without DESC, NULLS FIRST and SQLAlchemy's own wrapping."""
    while isinstance(clause, UnaryExpression) or clause.__visit_name__ == "label_reference":
        clause = clause.element
    return clause


def keyed(statement: Select[Any], tree: Tree) -> Any:
    """Return `statement` with each entity's primary key in its place; the same rows.

    What else it selects stays: DISTINCT, HAVING and ORDER BY may need it.
    """
    columns: list[object] = []
    names = iter(tree.entities)
    for number, each in enumerate(statement.column_descriptions):
        if is_entity(each["expr"]):
            name = next(names)
            labels = root_names(tree, name)
            keys = key_attributes(each["expr"])
            columns += [key.label(label) for key, label in zip(keys, labels, strict=True)]
        else:
            columns.append(_labelled(each["expr"], f"x{number}"))
    found = bare(statement).with_only_columns(*columns)
    return found if is_limited(statement) or found._distinct_on else found.order_by(None)


def _labelled(expression: Any, name: str) -> object:
    # A label of the author's may be what ORDER BY or HAVING names.
    own = getattr(expression, "name", None)
    return expression if own and hasattr(expression, "element") else expression.label(name)
