"""Names whatever a statement, its options and its mappings use of SQLAlchemy.

What predicts or rewrites a statement compares these names with those that it knows.

Private names of SQLAlchemy, the same in 2.0 and 2.1 unless noted: of a select() its attributes as
`_traverse_internals` lists them, `._for_update_arg`, `._yield_per`, `._compile_options`,
`._execution_options` and `._with_options`; `Options._cache_attrs`; of loader options
`Load.context`, and of its elements `.strategy`, `.local_opts`, `.is_token_strategy`,
`._extra_criteria` and `._of_type`; `_WildcardLoad.path`; of a mapper `.local_table`,
`.with_polymorphic`, `.concrete` and `.allow_partial_pks`; of a relationship `.entity`,
`.join_depth`, `.omit_join` and `.distinct_target_key`.
"""

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Executable, FunctionElement, Table, TextClause, inspect
from sqlalchemy.orm import Load, Mapper, RelationshipProperty
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql import Select, visitors

Kind = Literal[
    "clause",
    "element",
    "function",
    "legacy setting",
    "loader option",
    "execution option",
    "class",
    "column attribute",
    "relationship",
]


@dataclass(frozen=True)
class Feature:
    """One thing that a statement or a mapping uses."""

    kind: Kind
    name: str
    place: str = ""
    """The class or relationship that has it; "" for the statement itself."""

    def __str__(self) -> str:
        """Return words for a sentence: "the execution option yield_per"."""
        return f"the {self.kind} {self.name}{f' of {self.place}' if self.place else ''}"


def statement_features(statement: Any) -> Iterator[Feature]:
    """Yield the clauses, elements, functions, settings and loader options of a select()."""
    yield from _clauses(statement)
    yield from _elements(statement)
    yield from _settings(statement)
    for option in statement._with_options:
        yield from _option(option)


def execution_features(options: Mapping[str, object]) -> Iterator[Feature]:
    """Yield the execution options that are set, as a session's event has them."""
    for name, value in options.items():
        if name == "_sa_orm_load_options":
            yield from (Feature("execution option", each) for each in _changed(value))
        elif value is not None and value is not False:
            yield Feature("execution option", name)


def batch_size(options: Mapping[str, Any]) -> int | None:
    """Return the yield_per of execution options, or the one that a legacy Query has set."""
    legacy = getattr(options.get("_sa_orm_load_options"), "_yield_per", None)
    size: int | None = options.get("yield_per") or legacy
    return size


def _clauses(statement: Executable) -> Iterator[Feature]:
    if not isinstance(statement, Select):
        return
    names: Any = statement._traverse_internals
    for name, _ in names:
        value = getattr(statement, name, None)
        empty = isinstance(value, (tuple, Mapping, Set)) and not value
        if value is not None and value is not False and not empty:
            yield Feature("clause", _METHODS.get(name, name.strip("_")))
    lock: Any = statement._for_update_arg
    if lock is not None and lock.skip_locked:
        yield Feature("clause", "with_for_update(skip_locked)")


_METHODS = {
    "_raw_columns": "select()",
    "_from_obj": "select_from()",
    "_setup_joins": "join()",
    "_where_criteria": "where()",
    "_having_criteria": "having()",
    "_group_by_clauses": "group_by()",
    "_order_by_clauses": "order_by()",
    "_limit_clause": "limit()",
    "_offset_clause": "offset()",
    "_fetch_clause": "fetch()",
    "_fetch_clause_options": "fetch()",
    "_distinct": "distinct()",
    "_distinct_on": "distinct(on)",
    "_for_update_arg": "with_for_update()",
    "_with_options": "options()",
    "_with_context_options": "a compile state function",
    "_compile_state_funcs": "a compile state function",
    "_correlate": "correlate()",
    "_correlate_except": "correlate_except()",
    "_independent_ctes": "add_cte()",
    "_independent_ctes_opts": "add_cte()",
    "_prefixes": "prefix_with()",
    "_suffixes": "suffix_with()",
    "_statement_hints": "with_statement_hint()",
    "_hints": "with_hint()",
    "_params": "params()",
    "_label_style": "set_label_style()",
}
"""An attribute of a select() to the method that sets it."""

_CALLED = re.compile(r"\b([a-z_]\w*)\s*\(", re.IGNORECASE)
"""A word before a parenthesis, in text that the author wrote as SQL."""


def _elements(statement: Select[Any]) -> Iterator[Feature]:
    found: dict[Feature, None] = {}
    for each in visitors.iterate(statement):
        found.setdefault(Feature("element", each.__visit_name__))
        if isinstance(each, FunctionElement):
            found.setdefault(Feature("function", str(getattr(each, "name", "")).lower()))
        for text in _texts(each):
            for name in _CALLED.findall(text):
                found.setdefault(Feature("function", name.lower()))
    yield from found


def _texts(element: Any) -> Iterator[str]:
    """Yield what the author wrote as SQL."""
    if isinstance(element, TextClause):
        yield element.text
    elif getattr(element, "is_literal", False):
        yield str(element.name)


def _settings(statement: Select[Any]) -> Iterator[Feature]:
    """Yield what a legacy Query sets beside the clauses of its statement."""
    options = getattr(statement, "_compile_options", None)
    if options is not None:
        yield from (Feature("legacy setting", each) for each in _changed(options))


def _changed(options: object) -> Iterator[str]:
    """Yield which of SQLAlchemy's own settings differ from their defaults."""
    kind: Any = options if isinstance(options, type) else type(options)
    for name in kind._cache_attrs:
        value, default = getattr(options, name), getattr(kind, name)
        if value is not default and value != default:
            yield name.strip("_")


def _option(option: object) -> Iterator[Feature]:
    if isinstance(option, LoaderCriteriaOption):
        yield Feature("loader option", "with_loader_criteria")
    elif isinstance(option, Load):
        elements: Any = option.context
        for element in elements:
            yield from _element(element, '("*")' if element.is_token_strategy else "")
    elif hasattr(option, "local_opts"):
        yield from _element(option, '("*")')
    else:
        yield Feature("loader option", type(option).__name__)


_LOADERS: Mapping[object, str] = {
    "select": "lazyload",
    "joined": "joinedload",
    "selectin": "selectinload",
    "subquery": "subqueryload",
    "immediate": "immediateload",
    "noload": "noload",
    "raise": "raiseload",
    "raise_on_sql": "raiseload",
}
"""The word of relationship(lazy=…) to the function that asks for it."""


def _element(element: Any, suffix: str) -> Iterator[Feature]:
    key = dict(element.strategy or ())
    name = f"{_function(key, element)}{suffix}"
    if name == "selectin_polymorphic" and len(element.path.path) > 1:
        name = "selectin_polymorphic() below a relationship"
    yield Feature("loader option", name)
    if name.startswith("undefer_group"):
        return
    for argument, value in element.local_opts.items():
        if value is not None and argument not in ("eager_from_alias", "entities"):
            yield Feature("loader option", f"{name.partition('(')[0]}({argument})")
    if element.local_opts.get("eager_from_alias") is not None:
        yield Feature("loader option", "contains_eager(alias)")
    if getattr(element, "_extra_criteria", ()):
        yield Feature("loader option", f"{name}.and_()")
    wanted = getattr(element, "_of_type", None)
    if wanted is not None:
        yield Feature("loader option", f"of_type({_kind_of(wanted)})")


def _kind_of(entity: object) -> str:
    found: Any = inspect(entity)
    if not found.is_aliased_class:
        return "class"
    return "with_polymorphic" if found.with_polymorphic_mappers else "alias"


_FUNCTIONS: Mapping[str, str] = {
    "query_expression": "with_expression",
    "selectinload_polymorphic": "selectin_polymorphic",
}
"""The word in an option's strategy to the function that asks for it, beside relationships."""


def _function(key: Mapping[str, object], element: Any) -> str:
    """Return the function of sqlalchemy.orm that makes an option of this strategy."""
    if "eager_from_alias" in element.local_opts:
        return "contains_eager"
    if "lazy" in key:
        return _LOADERS.get(key["lazy"], str(key["lazy"]))
    if "deferred" in key:
        without = "defer(raiseload)" if key.get("raiseload") else "defer"
        return without if key["deferred"] else "undefer"
    group = any(name.startswith("undefer_group") for name in element.local_opts)
    named = [_FUNCTIONS.get(word, word) for word in key] or ["undefer_group"] * group
    return named[0] if named else "defaultload"


def mapper_features(mapper: "Mapper[Any]") -> Iterator[Feature]:
    """Yield what the mapping of a class uses, its attributes included."""
    place = mapper.class_.__name__
    for name in _mapping(mapper):
        yield Feature("class", name, place)
    for prop in mapper.attrs:
        name = _attribute(prop)
        if name:
            yield Feature("column attribute", name, f"{place}.{prop.key}")


def _mapping(mapper: "Mapper[Any]") -> Iterator[str]:
    if mapper.concrete:
        yield "concrete inheritance"
    elif mapper.inherits is not None:
        yield "single-table inheritance" if mapper.single else "joined-table inheritance"
    if not isinstance(mapper.local_table, Table):
        yield f"mapping to a {mapper.local_table.__visit_name__}"
    if mapper.with_polymorphic:
        yield "with_polymorphic"
    yield from sorted(
        f'polymorphic_load="{each.polymorphic_load}"'
        for each in mapper.self_and_descendants
        if each.polymorphic_load
    )


def _attribute(prop: object) -> str:
    """Return what kind of attribute beside a plain column; "" for that and for relationships."""
    if isinstance(prop, RelationshipProperty):
        return ""
    columns = getattr(prop, "columns", ())
    if columns and isinstance(getattr(columns[0], "table", None), Table):
        return "deferred(raiseload)" if getattr(prop, "raiseload", False) else ""
    return type(prop).__name__


def relationship_features(step: "RelationshipProperty[Any]") -> Iterator[Feature]:
    """Yield what a relationship uses, beside its strategy."""
    place = f"{step.parent.class_.__name__}.{step.key}"
    for name in _relationship(step):
        yield Feature("relationship", name, place)


def _relationship(step: "RelationshipProperty[Any]") -> Iterator[str]:
    yield step.direction.name.lower()
    yield f'lazy="{step.lazy}"'
    if step.secondary is not None:
        yield "secondary" if isinstance(step.secondary, Table) else "secondary that is no table"
    entity: Any = step.entity
    if entity.is_aliased_class:
        yield "target that is an alias"
    for name in ("order_by", "join_depth", "innerjoin", "viewonly"):
        if getattr(step, name):
            yield name
    if step.omit_join is not None:
        yield "omit_join"
    if step.distinct_target_key is not None:
        yield "distinct_target_key"
