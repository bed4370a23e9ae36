"""Reads a compiled ORM statement: its loader path, and the joins that were really rendered.

SQLAlchemy has no public way to ask for these. What is used, in 2.0 and 2.1 alike:
`compile_state.current_path`, `.attributes`, `.compound_eager_adapter`, `._has_mapper_entities`,
`.compile_options` (of it `_for_refresh_state` and `_only_load_props`), `Select._offset_clause` and
`RelationshipProperty._get_context_loader`. Reading the result rather
than the options sees mapper defaults and wildcards too. `tests/measure/capture` holds the
contract on both lines.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `_extra_criteria`, `_of_type` and
`_setup_joins`.
"""

from collections.abc import Callable, Iterator
from typing import Any
from weakref import ref

from sqlalchemy.orm import InstanceState, RelationshipProperty
from sqlalchemy.orm.interfaces import MANYTOONE
from sqlalchemy.orm.path_registry import PathRegistry
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import DDLCompiler, SQLCompiler

from qprof.domain.loaders import OWN_JOIN, Kind
from qprof.domain.trace import Join
from qprof.measure.orm.keys import IN_CHUNKS, key_columns, root_entities
from qprof.measure.orm.orders import may_find_several
from qprof.measure.orm.paths import (
    EAGER,
    eager_paths,
    full_name,
    hop_names,
    path_name,
    relationships,
)
from qprof.measure.orm.products import unlinked
from qprof.measure.orm.shape import Shape

Steps = list["RelationshipProperty[Any]"]


class Known:
    """What is the same for every execution of one compiled statement."""

    __slots__ = ("compiled", "shape", "sql", "writes")

    def __init__(self, compiled: SQLCompiler, forget: Callable[[Any], None]) -> None:
        self.compiled = ref(compiled, forget)
        self.sql: str | None = compiled.string
        """One text for all lengths of an expanded IN list: "IN (__[POSTCOMPILE_x])"."""
        self.shape = read_shape(compiled)
        self.writes = isinstance(compiled, DDLCompiler) or any(
            getattr(compiled, kind, False) for kind in ("isinsert", "isupdate", "isdelete")
        )


known: dict[int, Known] = {}
"""By id, which is found faster than in a WeakKeyDictionary; the entry leaves with its statement."""


def known_of(compiled: SQLCompiler) -> Known:
    """Return what is known of `compiled`, a SQLAlchemy Compiled, which is read once."""
    key = id(compiled)
    found = known.get(key)
    if found is None or found.compiled() is not compiled:
        found = known[key] = Known(compiled, lambda gone: _forget(key, gone))
    return found


def _forget(key: int, gone: "ref[Any]") -> None:
    found = known.get(key)
    if found is not None and found.compiled is gone:
        del known[key]


def read_shape(compiled: SQLCompiler) -> Shape:
    """Return the shape of `compiled`, a SQLAlchemy Compiled or None (driver-level SQL)."""
    state: Any = getattr(compiled, "compile_state", None)
    offset = _skips_rows(compiled)
    if not hasattr(state, "current_path"):
        kind: Kind = "values" if _is_select(compiled) else "other"
        return Shape(kind=kind, offset=offset, unlinked=unlinked(compiled))
    steps = relationships(state.current_path.path)
    if _loads_columns(compiled, state, steps):
        return _shape_of_columns(compiled, state, steps)
    joins = tuple(_joins(state, path_name(steps), hop_names(steps)))
    own_join = not steps and _joins_itself(state)
    return Shape(
        kind=_kind(state, steps),
        secondary=bool(steps),
        entity=_entity(state, steps),
        path=path_name(steps) if steps else None,
        hops=hop_names(steps),
        to_many=bool(steps and steps[-1].uselist),
        entities=bool(state._has_mapper_entities),
        joins=joins,
        wrapped=getattr(state, "compound_eager_adapter", None) is not None,
        offset=offset,
        unlinked=unlinked(compiled),
        keys=key_columns(compiled, state, path_name(steps)) if joins or own_join else None,
        own_join=own_join,
        several=any(may_find_several(relationships(p)[-1]) for _, p in eager_paths(state)),
        steps=tuple(steps),
        join_steps=tuple((*steps, *relationships(path)) for _, path in eager_paths(state)),
    )


def _shape_of_columns(compiled: SQLCompiler, state: Any, steps: Steps) -> Shape:
    """Return the shape of a SELECT of columns: its path says where their objects were loaded."""
    attributes = tuple(sorted(state.compile_options._only_load_props or ()))
    base = _base(state, steps, attributes)
    return Shape(
        kind="columns",
        secondary=True,
        entity=_entity(state, []) if base is not None else _declaring(state, attributes),
        below=hop_names(steps),
        attributes=attributes,
        base=base,
        entities=True,
        joins=tuple(_joins(state, path_name(steps), hop_names(steps))),
        join_steps=tuple((*steps, *relationships(path)) for _, path in eager_paths(state)),
        unlinked=unlinked(compiled),
    )


def _declaring(state: InstanceState[Any], attributes: tuple[str, ...]) -> str | None:
    """Return the class that all of `attributes` are of: one option loads them for its subclasses.

    Each subclass has a SELECT of its own for what it inherits.
    """
    entities = root_entities(state)
    if not entities:
        return None
    found = mapper = entities[0].mapper
    for each in mapper.iterate_to_root() if attributes else ():
        if not all(name in each.attrs for name in attributes):
            break
        found = each
        if each.concrete:
            break
    return str(found.class_.__name__)


def _base(state: InstanceState[Any], steps: Steps, attributes: tuple[str, ...]) -> str | None:
    """Return the class that was selected, if none of its tables has the columns `attributes`."""
    entities = root_entities(state)
    if not entities or not attributes:
        return None
    mapper = entities[0].mapper
    selected = steps[-1].mapper if steps else mapper.base_mapper
    known = (mapper.column_attrs.get(name) for name in attributes)
    tables = {getattr(each, "table", None) for prop in known if prop for each in prop.columns}
    own = bool(tables) and tables.isdisjoint({None, *selected.tables})
    return str(selected.class_.__name__) if own else None


def _loads_columns(compiled: SQLCompiler, state: Any, steps: Steps) -> bool:
    """Return whether `compiled` is for objects that exist: one of them, or a chunk of many.

    The chunks are selectin_polymorphic's, which names its parameter as a selectin does. Below a
    relationship it is a selectin of that path.
    """
    if state.compile_options._for_refresh_state:
        return True
    in_chunks = IN_CHUNKS in compiled.bind_names.values()
    return in_chunks and not steps and bool(state._has_mapper_entities)


def _kind(state: Any, steps: Steps) -> Kind:
    if steps:
        return "collection" if steps[-1].uselist else "to-one"
    return "root" if state._has_mapper_entities else "values"


def _entity(state: InstanceState[Any], steps: Steps) -> str | None:
    if steps:
        return str(steps[-1].parent.class_.__name__)
    entities = root_entities(state)
    return str(entities[0].mapper.class_.__name__) if entities else None


def _is_select(compiled: SQLCompiler) -> bool:
    statement = getattr(compiled, "statement", None)
    return bool(getattr(statement, "is_select", False))


def _skips_rows(compiled: SQLCompiler) -> bool | None:
    """Return whether the author of a SELECT skips rows; None where only its text is known.

    The text does not tell: SQLite and older databases render a LIMIT alone with an OFFSET of 0, or
    as a condition on ROWNUM.
    """
    if not _is_select(compiled):
        return None
    selects = visitors.iterate(compiled.statement)
    return any(getattr(each, "_offset_clause", None) is not None for each in selects)


def _joins_itself(state: Any) -> bool:
    """Return whether a SELECT of one entity has a JOIN that its author wrote."""
    written = getattr(getattr(state, "select_statement", None), "_setup_joins", ())
    return bool(written) and len(state._entities) == 1


def _joins(state: InstanceState[Any], base: str, base_hops: tuple[str, ...]) -> Iterator[Join]:
    outer: dict[str, bool] = {}
    repeats = _repeats_class(state)
    for marker, path in eager_paths(state):
        steps = relationships(path)
        name = full_name(base, steps)
        above = outer.get(name.rpartition(".")[0], False)
        inner = _is_inner(state, path, above)
        outer[name] = above or not inner
        yield Join(
            path=name,
            hops=base_hops + hop_names(steps),
            to_many=bool(steps[-1].uselist),
            strategy="joined" if marker == EAGER else OWN_JOIN,
            inner=inner,
            required=_is_required(steps[-1]),
            under_outer=above,
            narrowed=_is_narrowed(_option(state, path)),
            mapped=marker == EAGER and _is_mapped(state, path),
            repeats_class=repeats,
        )


def _repeats_class(state: InstanceState[Any]) -> bool:
    """Return whether one base class is more than once among the roots and the joined paths."""
    paths = [relationships(path) for _, path in eager_paths(state)]
    roots = {steps[0].parent.base_mapper for steps in paths}
    classes = [*roots, *(steps[-1].mapper.base_mapper for steps in paths)]
    return len(set(classes)) < len(classes)


def _is_inner(state: InstanceState[Any], path: tuple[Any, ...], under_outer: bool) -> bool:
    option = _option(state, path)
    options = {} if option is None else option.local_opts
    wanted = options.get("innerjoin", path[-1].innerjoin)
    return bool(wanted) and not (under_outer and wanted == "unnested")


def _is_mapped(state: InstanceState[Any], path: tuple[object, ...]) -> bool:
    option = _option(state, path)
    return option is None or not option.strategy


def _is_narrowed(option: object) -> bool:
    return bool(getattr(option, "_extra_criteria", ()) or getattr(option, "_of_type", None))


def _option(state: InstanceState[Any], path: tuple[Any, ...]) -> Any:
    """Return the loader option in force, or None where there is none.

    As SQLAlchemy looks it up: by the path itself, then by a wildcard that covers it.
    """
    *above, step = path
    return step._get_context_loader(state, PathRegistry.coerce(tuple(above)))


def _is_required(step: "RelationshipProperty[Any]") -> bool:
    return step.direction is MANYTOONE and not any(column.nullable for column in step.local_columns)
