"""Exchanges the loader strategies of a statement in flight. The only file that knows how.

A later option does not override an earlier one: SQLAlchemy raises "Loader strategies … conflict".
So the options of a copied statement are exchanged in place, and paths that have none of their own
(mapper defaults, wildcards, lazy loads) get one. Private names used, the same in 2.0 and 2.1:
`Select._with_options` and `._generate`, `Load.context` and `._clone`, and of its elements
`.strategy`, `.local_opts`, `.path` and `._clone`. `tests/measure/experiments` holds the contract.

Private names of SQLAlchemy, too: `_unique_filter_state`.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, cast

from sqlalchemy import event, inspect, util
from sqlalchemy.orm import Load, Mapper, ORMExecuteState, RelationshipProperty, Session

from qprof.domain.loaders import EAGER, LOADERS, WORDS, is_eager_word
from qprof.domain.plans import Plan
from qprof.measure.orm.paths import path_name, relationships
from qprof.measure.orm.roots import RootPaths, Roots, is_read, statement_key

_KEYS = {name: (("lazy", word),) for name, word in WORDS.items()}
_EXCHANGEABLE = {*_KEYS.values(), (("lazy", "raise_on_sql"),), (("lazy", "noload"),)}
_EAGER = {_KEYS[name] for name in EAGER}
_OF_THE_OLD = ("innerjoin", "recursion_depth", "chunksize")
"""Arguments of an option that belong to the strategy that is exchanged."""


@contextmanager
def applying(plan: Plan, roots: Roots) -> Iterator[set[Hashable]]:
    """Run the block with `plan`: statements among `roots` are rewritten before they execute.

    Yields the keys of those that were.
    """
    applied: set[Hashable] = set()

    def rewrite(state: ORMExecuteState) -> Any:
        if not plan.rewrites or state.is_relationship_load or not is_read(state):
            return None
        return _rewrite(state, plan.strategies, roots, applied)

    event.listen(Session, "do_orm_execute", rewrite)
    try:
        yield applied
    finally:
        event.remove(Session, "do_orm_execute", rewrite)


def unmoved(plan: Plan, roots: Roots, applied: Set[Hashable]) -> list[str]:
    """Return the paths that `plan` moves, and whose statement was not among those rewritten."""
    if not plan.rewrites:
        return []
    return [
        name
        for key, root in roots.items()
        for name, path in root.paths.items()
        if key not in applied and plan.strategies.get(name, path.strategy) != path.strategy
    ]


def _rewrite(
    state: ORMExecuteState, plan: Mapping[str, str], roots: Roots, applied: set[Hashable]
) -> Any:
    key = statement_key(state.statement)
    root = roots.get(key)
    if root is None or not plan.keys() & root.paths.keys():
        return None
    applied.add(key)
    state.statement = rewritten(state.statement, root, plan)
    result = state.invoke_statement()
    # Code that was written for selectinload does not call unique(), which joined rows require.
    needs_unique = getattr(result, "_unique_filter_state", None) is not None
    return cast("Any", result).unique() if needs_unique else result


def rewritten(
    statement: Any, root: RootPaths, plan: Mapping[str, str], *, learning: bool = False
) -> Any:
    """Return a copy of `statement` that loads each of its paths as `plan` says, else as before.

    With `learning`, paths may be loaded that are not in `root` yet.
    """
    copy = statement._generate()
    wanted = {
        name: plan.get(name, path.strategy)
        for name, path in root.paths.items()
        if path.strategy in LOADERS
    }
    options = [_exchanged(option, wanted) for option in statement._with_options]
    copy._with_options = tuple(options)
    explicit = {name for option in options for name in _explicit(option)}
    missing = [name for name in sorted(wanted, key=_depth) if name not in explicit]
    added = [_option(copy, root.steps[name], wanted[name]) for name in missing]
    stops = {name: steps for name, steps in _defaults_below(root) if name not in explicit}
    if learning:
        stops = {name: steps for name, steps in stops.items() if comes_again(steps)}
    return copy.options(*added, *(_option(copy, steps, "lazy") for steps in stops.values()))


def _defaults_below(root: RootPaths) -> "Iterator[tuple[str, list[RelationshipProperty[Any]]]]":
    """Yield what mappers load by default right below the call's paths, and the call did not.

    Where a default stops at a depth (join_depth), a path that has moved to a SELECT of its own
    would begin to count anew, and load more than the call as written.
    """
    for steps in root.steps.values():
        for prop in steps[-1].mapper.relationships:
            name = path_name([*steps, prop])
            if is_eager_word(prop.lazy) and name not in root.paths:
                yield name, [*steps, prop]


def comes_again(steps: "list[RelationshipProperty[Any]]") -> bool:
    """Return whether the last step leads to a class on the way: a default may stop there."""
    last = steps[-1]
    passed = [steps[0].parent, *(each.mapper for each in steps[:-1])]
    return any(each.base_mapper is last.mapper.base_mapper for each in passed)


def _exchanged(option: Any, wanted: Mapping[str, str]) -> Any:
    if _is_wildcard(option):
        return _without_wildcard(option)
    if not isinstance(option, Load):
        return option
    copy: Any = option._clone()
    copy.context = tuple(_exchanged_element(each, wanted) for each in cast("Any", option).context)
    return copy


def _is_wildcard(option: Any) -> bool:
    path = getattr(option, "path", None)
    return isinstance(path, tuple) and bool(path) and str(path[0]).startswith("relationship:")


def _without_wildcard(option: Any) -> Any:
    """Return a wildcard that loads nothing: each path it stood for has an option of its own now.

    Left as it was, it would go on to load further paths below those that moved.
    """
    if option.strategy not in _EAGER:
        return option
    copy = option._clone()
    copy.strategy = _KEYS["lazy"]
    return copy


def _exchanged_element(element: Any, wanted: Mapping[str, str]) -> Any:
    if element.is_token_strategy:
        return _without_wildcard(element)
    strategy = wanted.get(_element_path(element)) if _is_loader(element) else None
    if strategy is None or _KEYS[strategy] == element.strategy:
        return element
    copy = element._clone()
    copy.strategy = _KEYS[strategy]
    kept = {key: value for key, value in element.local_opts.items() if key not in _OF_THE_OLD}
    copy.local_opts = util.immutabledict(kept)
    return copy


def _is_loader(element: Any) -> bool:
    # contains_eager is a joined strategy that reads a JOIN of the author's.
    own_join = "eager_from_alias" in element.local_opts
    return element.strategy in _EXCHANGEABLE and not own_join and bool(_element_path(element))


def _element_path(element: Any) -> str:
    return path_name(relationships(element.path.path))


def _explicit(option: Any) -> Iterator[str]:
    if isinstance(option, Load):
        for element in cast("Any", option).context:
            if _is_loader(element) and not element.is_token_strategy:
                yield _element_path(element)


def _depth(name: str) -> int:
    return name.count(".")


def _option(statement: Any, steps: "list[RelationshipProperty[Any]]", strategy: str) -> Load:
    """Return a new option for the path along `steps`."""
    root = _root_entity(statement, steps[0])
    option = Load(root)
    for step, after in pairwise(steps):
        option = option.defaultload(_towards(_attribute(root, step), step, after))
        root = None
    method: Callable[[Any], Load] = getattr(option, LOADERS[strategy])
    return method(_attribute(root, steps[-1]))


def _towards(attribute: Any, step: Any, after: Any) -> Any:
    """Return the attribute of `step`; where `after` is a subclass's own, of that subclass."""
    return attribute if step.mapper.isa(after.parent) else attribute.of_type(after.parent.class_)


def _root_entity(statement: Any, step: "RelationshipProperty[Any]") -> Any:
    for column in statement.column_descriptions:
        entity = column.get("entity")
        if entity is not None and (
            _mapper(entity).isa(step.parent) or step.parent in _subclasses(entity)
        ):
            return entity
    return step.parent.class_


def _subclasses(entity: Any) -> "Sequence[Mapper[Any]]":
    """Return the mappers that a with_polymorphic() selects."""
    found = cast("Any", inspect(entity))
    return found.with_polymorphic_mappers if found.is_aliased_class else ()


def _mapper(entity: Any) -> "Mapper[Any]":
    return cast("Mapper[Any]", inspect(entity).mapper)


def _attribute(root: Any, step: "RelationshipProperty[Any]") -> Any:
    if root is None:
        return getattr(step.parent.class_, step.key)
    # with_polymorphic() has an attribute for each subclass that it selects.
    own = root if _mapper(root).isa(step.parent) else getattr(root, step.parent.class_.__name__)
    return getattr(own, step.key)
