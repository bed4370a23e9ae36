"""The rows of a root statement, without what its options join: primary keys instead of entities."""

from typing import Any

from sqlalchemy import SelectLabelStyle
from sqlalchemy.sql import Select

from qprof.forecast.predict.tree import Tree, Unpredictable, is_entity, mapper_of


def key_attributes(entity: Any) -> list[Any]:
    """Return the attributes of `entity`, a class or alias, that hold its primary key."""
    mapper = mapper_of(entity)
    return [
        getattr(entity, mapper.get_property_by_column(column).key) for column in mapper.primary_key
    ]


def key_names(prefix: str, entity: Any) -> list[str]:
    """Return a column name for each part of the primary key."""
    return [f"{prefix}_{number}" for number in range(len(mapper_of(entity).primary_key))]


def root_names(tree: Tree, name: str) -> list[str]:
    """Return the columns that `keyed` gives the root of that name."""
    return key_names(f"r{list(tree.entities).index(name)}", tree.entities[name])


def bare(statement: Any) -> Any:
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


def is_limited(statement: Any) -> bool:
    """Return whether it has LIMIT, OFFSET or FETCH."""
    return bool(statement._has_row_limiting_clause)


def keyed(statement: Any, tree: Tree) -> Any:
    """Return `statement` with each entity's primary key in its place; the same rows.

    What else it selects stays: DISTINCT, HAVING and ORDER BY may need it.
    """
    columns: list[Any] = []
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


def _labelled(expression: Any, name: str) -> Any:
    # A label of the author's may be what ORDER BY or HAVING names.
    own = getattr(expression, "name", None)
    return expression if own and hasattr(expression, "element") else expression.label(name)
