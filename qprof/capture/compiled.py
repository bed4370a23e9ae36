"""Reads a compiled ORM statement: its loader path, and the joins that were really rendered.

SQLAlchemy has no public way to ask for these. What is used, in 2.0 and 2.1 alike:
`compile_state.current_path`, `.attributes`, `.compound_eager_adapter`, `._has_mapper_entities`
and `compiled.from_linter`. Reading the result rather than the options sees mapper defaults and
wildcards too. `tests/capture` holds the contract on both lines.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import RelationshipProperty
from sqlalchemy.orm.interfaces import MANYTOONE

from qprof.capture.keys import key_columns
from qprof.capture.paths import EAGER, eager_paths, full_name, hop_names, path_name, relationships
from qprof.capture.shape import Shape
from qprof.trace import Join


def read_shape(compiled: Any) -> Shape:
    """Return the shape of `compiled`, a SQLAlchemy Compiled or None (driver-level SQL)."""
    state: Any = getattr(compiled, "compile_state", None)
    if not hasattr(state, "current_path"):
        return Shape(unlinked=_unlinked(compiled))
    steps = relationships(state.current_path.path)
    joins = tuple(_joins(state, path_name(steps), hop_names(steps)))
    return Shape(
        path=path_name(steps) if steps else None,
        hops=hop_names(steps),
        to_many=bool(steps and steps[-1].uselist),
        entities=bool(state._has_mapper_entities),
        joins=joins,
        wrapped=getattr(state, "compound_eager_adapter", None) is not None,
        unlinked=_unlinked(compiled),
        keys=key_columns(compiled, state, path_name(steps)) if joins else None,
        steps=tuple(steps),
        join_steps=tuple((*steps, *relationships(path)) for _, path in eager_paths(state)),
    )


def _joins(state: Any, base: str, base_hops: tuple[str, ...]) -> Iterator[Join]:
    outer: dict[str, bool] = {}
    for marker, path in eager_paths(state):
        steps = relationships(path)
        name = full_name(base, steps)
        inner = _is_inner(state, path, steps[-1])
        above = outer.get(name.rpartition(".")[0], False)
        outer[name] = above or not inner
        yield Join(
            path=name,
            hops=base_hops + hop_names(steps),
            to_many=bool(steps[-1].uselist),
            strategy="joined" if marker == EAGER else "contains_eager",
            inner=inner,
            required=_is_required(steps[-1]),
            under_outer=above,
        )


def _is_inner(state: Any, path: tuple[Any, ...], step: "RelationshipProperty[Any]") -> bool:
    option = state.attributes.get(("loader", path))
    if option is None:
        return bool(step.innerjoin)
    return bool(option.local_opts.get("innerjoin", step.innerjoin))


def _is_required(step: "RelationshipProperty[Any]") -> bool:
    return step.direction is MANYTOONE and not any(column.nullable for column in step.local_columns)


def _unlinked(compiled: Any) -> tuple[str, ...]:
    """Return what SQLAlchemy's own linter would warn of; () where the engine switched it off."""
    linter = getattr(compiled, "from_linter", None)
    if linter is None:
        return ()
    names, start = linter.lint()
    return tuple(sorted(str(name) for name in {*names, start})) if names else ()
