"""Exchanges the loader strategies of a statement in flight. The only file that knows how.

A later option does not override an earlier one: SQLAlchemy raises "Loader strategies … conflict".
So the options of a copied statement are exchanged in place, and paths that have none of their own
(mapper defaults, wildcards, lazy loads) get one. Private names used, the same in 2.0 and 2.1:
`Select._with_options` and `._generate`, `Load.context` and `._clone`, and of its elements
`.strategy`, `.local_opts`, `.path` and `._clone`. `tests/measure/experiments` holds the contract.

Private names of SQLAlchemy, too: `_unique_filter_state` and, of an element, `_extra_criteria`.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, cast

from sqlalchemy import event, inspect, util
from sqlalchemy.orm import (
    Load,
    Mapper,
    ORMExecuteState,
    RelationshipProperty,
    Session,
    raiseload,
)

from qprof.domain.loaders import BY_PARENT, EAGER, LOADERS, RECURSIVE, WORDS, is_eager_word
from qprof.domain.plans import FIXED, Plan
from qprof.measure.orm.paths import path_name, relationships
from qprof.measure.orm.roots import RootPaths, Roots, is_root, statement_key

_KEYS = {name: (("lazy", word),) for name, word in WORDS.items()}
_EXCHANGEABLE = {*_KEYS.values(), (("lazy", "raise_on_sql"),), (("lazy", "noload"),)}
_EAGER = {_KEYS[name] for name in EAGER}
_MANY_LEVELS = 3
"""Levels of one relationship, lazy each, from which on all there are are loaded by recursion."""
_OF_THE_OLD = ("innerjoin", "recursion_depth", "chunksize")
"""Arguments of an option that belong to the strategy that is exchanged."""


Look = Callable[[Hashable, Any, frozenset[str]], None]
"""Is shown each statement that was rewritten, with its key, and its paths that are lazy anyhow."""


@contextmanager
def applying(plan: Plan, roots: Roots, look: Look | None = None) -> Iterator[set[Hashable]]:
    """Run the block with `plan`: statements among `roots` are rewritten before they execute.

    Yields the keys of those that were. The first of each is shown to `look`, as it is executed.
    """
    applied: set[Hashable] = set()

    def rewrite(state: ORMExecuteState) -> Any:
        if not plan.rewrites or not is_root(state):
            return None
        return _rewrite(state, plan, roots, applied, look)

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
    state: ORMExecuteState, plan: Plan, roots: Roots, applied: set[Hashable], look: Look | None
) -> Any:
    key = statement_key(state.statement)
    root = roots.get(key)
    if root is None or not _concerns(plan, root):
        return None
    state.statement = rewritten(state.statement, root, plan)
    if look is not None and key not in applied:
        look(key, state.statement, _lazy_anyhow(state.statement, root, plan))
    applied.add(key)
    result = state.invoke_statement()
    # Code that was written for selectinload does not call unique(), which joined rows require.
    needs_unique = getattr(result, "_unique_filter_state", None) is not None
    return cast("Any", result).unique() if needs_unique else result


def _concerns(plan: Plan, root: RootPaths) -> bool:
    named = {*plan.columns, *plan.subclasses}
    return bool(plan.strategies.keys() & root.paths.keys() or "" in named or named & {*root.paths})


def _lazy_anyhow(statement: Any, root: RootPaths, plan: Plan) -> frozenset[str]:
    """Return the paths of `root` that are lazy without an option."""
    options = statement._with_options
    elements = [e for o in options if isinstance(o, Load) for e in cast("Any", o).context]
    if any(map(_is_wildcard, options)) or any(each.is_token_strategy for each in elements):
        return frozenset()
    wanted = plan.strategies if plan.name == FIXED else {}
    lazy = [n for n, path in root.paths.items() if wanted.get(n, path.strategy) == "lazy"]
    # A lazyload of the author's may narrow what is read; of a path that is dropped, nobody reads.
    narrowed = {_element_path(each) for each in elements if each._extra_criteria}
    lazy = [n for n in lazy if n not in narrowed or root.paths[n].strategy != "lazy"]
    return frozenset(name for name in lazy if root.steps[name][-1].lazy in ("select", True))


def rewritten(statement: Any, root: RootPaths, plan: Plan, *, learning: bool = False) -> Any:
    """Return a copy of `statement` that loads each of its paths as `plan` says, else as before.

    With `learning`, paths may be loaded that are not in `root` yet.
    """
    copy = statement._generate()
    wanted = {
        name: plan.strategies.get(name, path.strategy)
        for name, path in root.paths.items()
        if path.strategy in LOADERS
    }
    options, covered = _recursive(statement._with_options, root, wanted)
    own = {name: strategy for name, strategy in wanted.items() if name not in covered}
    options = [_exchanged(option, own, plan) for option in options]
    copy._with_options = tuple(options)
    explicit = {name for option in options for name in _explicit(option)} | covered
    explicit |= _needless(statement, root, plan, wanted)
    missing = [name for name in sorted(wanted, key=_depth) if name not in explicit]
    whole = list(_begins(root, wanted, missing))
    explicit |= {each for name in whole for each in _levels(root, name)}
    added = []
    for name in missing:
        same = wanted[name] == root.paths[name].strategy
        if name not in explicit and not (same and _has_no_name(copy, root.steps[name][0])):
            more = {"recursion_depth": -1} if name in whole else {}
            if name in plan.inner and wanted[name] == "joined":
                more = {"innerjoin": plan.inner[name]}
            added.append(_option(copy, root.steps[name], wanted[name], **more))
    stops = {name: steps for name, steps in defaults_below(root) if name not in explicit}
    if learning:
        stops = {name: steps for name, steps in stops.items() if _may_stop(steps)}
    added += [_option(copy, steps, "lazy") for steps in stops.values()]
    if plan.sealed and not any(map(_is_wildcard, options)):
        added.append(cast("Load", raiseload("*")))
    return copy.options(*added, *_of_columns(copy, root, plan))


def _needless(statement: Any, root: RootPaths, plan: Plan, wanted: Mapping[str, str]) -> set[str]:
    """Return the paths that are lazy without an option, and are to be.

    An option could select more: an .of_type() on the way to what only a subclass has.
    """
    quiet = () if plan.sealed else _lazy_anyhow(statement, root, plan)
    return {name for name in quiet if wanted.get(name) == "lazy"}


def _recursive(
    options: Sequence[Any], root: RootPaths, wanted: Mapping[str, str]
) -> "tuple[list[Any], set[str]]":
    """Return `options` with what goes on below itself, and the paths that are loaded by that.

    SQLAlchemy names what selectinload(recursion_depth=…) loads as if it were two levels deep at
    most, so a level has no option of its own. If deeper ones are to be loaded as well, it goes on.
    """
    covered: set[str] = set()
    found = []
    for option in options:
        first = _recursion(option)
        name = _element_path(first) if first is not None else ""
        if first is None or wanted.get(name) not in RECURSIVE:
            found.append(option)
            continue
        below = _levels(root, name)
        more = any(wanted[each] != root.paths[each].strategy for each in below)
        depth = -1 if more else first.local_opts["recursion_depth"]
        found.append(_with_depth(option, _KEYS[wanted[name]], depth))
        covered.update(below)
    return found, covered


def _recursion(option: Any) -> Any:
    """Return the element of an option that goes on below itself, or None."""
    context = cast("Any", option).context if isinstance(option, Load) else ()
    return next((e for e in context if e.local_opts.get("recursion_depth") is not None), None)


def _begins(root: RootPaths, wanted: Mapping[str, str], missing: Sequence[str]) -> Iterator[str]:
    """Yield the paths that were lazy, level below level, and are to be loaded down to the last."""
    seen: set[str] = set()
    for name in missing:
        levels = [name, *_levels(root, name)]
        lazy = all(root.paths[each].strategy in BY_PARENT for each in levels)
        alike = all(wanted[each] == "selectin" for each in levels)
        if name not in seen and len(levels) >= _MANY_LEVELS and lazy and alike:
            seen.update(levels)
            yield name


def _levels(root: RootPaths, name: str) -> list[str]:
    """Return the paths that go on from `name` by its last step, again and again."""
    key = name.rpartition(".")[2]
    found, at = [], f"{name}.{key}"
    while at in root.paths:
        found.append(at)
        at = f"{at}.{key}"
    return found


def _with_depth(option: Any, strategy: Any, depth: int) -> Any:
    copy = option._clone()
    copy.context = tuple(_deeper(each, strategy, depth) for each in option.context)
    return copy


def _deeper(element: Any, strategy: Any, depth: int) -> Any:
    if element.local_opts.get("recursion_depth") is None:
        return element
    copy = element._clone()
    copy.strategy = strategy
    copy.local_opts = util.immutabledict({**element.local_opts, "recursion_depth": depth})
    return copy


def _of_columns(statement: Any, root: RootPaths, plan: Plan) -> Iterator[Load]:
    for name, attributes in plan.columns.items():
        for attribute in attributes:
            yield _led(statement, root, name, lambda option, of: option.undefer(of), attribute)
    for name, classes in plan.subclasses.items():
        yield _led(statement, root, name, _polymorphic, classes)


def _polymorphic(option: Any, classes: Any) -> Load:
    return cast("Load", option.selectin_polymorphic(classes))


def _led(
    statement: Any, root: RootPaths, name: str, add: Callable[[Any, Any], Load], what: Any
) -> Load:
    """Return an option that leads to the objects of the path `name`, "" for the root's."""
    steps = root.steps.get(name, [])
    if not steps:
        entity = statement.column_descriptions[0]["entity"]
        option, mapper = Load(entity), _mapper(entity)
    else:
        entity = _root_entity(statement, steps[0])
        option, mapper = Load(entity), steps[-1].mapper
        for step, after in zip(steps, [*steps[1:], None], strict=True):
            attribute = _attribute(entity, step)
            option = option.defaultload(
                _towards(attribute, step, after) if after is not None else attribute
            )
            entity = None
        entity = mapper.class_
    if isinstance(what, str):
        return add(option, getattr(entity, what))
    known = {each.class_.__name__: each.class_ for each in mapper.self_and_descendants}
    return add(option, [known[each] for each in what])


def defaults_below(root: RootPaths) -> "Iterator[tuple[str, list[RelationshipProperty[Any]]]]":
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


def _may_stop(steps: "list[RelationshipProperty[Any]]") -> bool:
    """Return whether SQLAlchemy may load a default no further, as its class comes again.

    It never does so for a collection by immediateload: `_ImmediateLoader` then only asks to fetch
    no related object by its key, and a collection is none.
    """
    last = steps[-1]
    return comes_again(steps) and not (last.lazy == "immediate" and last.uselist)


def _exchanged(option: Any, wanted: Mapping[str, str], plan: Plan) -> Any:
    if _is_wildcard(option):
        return _without_wildcard(option)
    if not isinstance(option, Load):
        return option
    copy: Any = option._clone()
    elements = [each for each in cast("Any", option).context if not _is_deferred(each, plan)]
    copy.context = tuple(_exchanged_element(each, wanted, plan) for each in elements)
    return copy


def _is_deferred(element: Any, plan: Plan) -> bool:
    """Return whether an element defers a column that `plan` loads along."""
    if element.is_class_strategy or not dict(element.strategy or ()).get("deferred"):
        return False
    name, last = _element_path(element), element.path.path[-1]
    return getattr(last, "key", "") in plan.columns.get(name, ())


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


def _exchanged_element(element: Any, wanted: Mapping[str, str], plan: Plan) -> Any:
    if element.is_token_strategy:
        return _without_wildcard(element)
    name = _element_path(element)
    strategy = wanted.get(name) if _is_loader(element) else None
    if strategy == "joined" and name in plan.inner:
        element = _with_inner(element, plan.inner[name])
    if strategy is None or _KEYS[strategy] == element.strategy:
        return element
    copy = element._clone()
    copy.strategy = _KEYS[strategy]
    kept = {key: value for key, value in element.local_opts.items() if key not in _OF_THE_OLD}
    if strategy == "joined" and name in plan.inner:
        kept["innerjoin"] = plan.inner[name]
    copy.local_opts = util.immutabledict(kept)
    return copy


def _with_inner(element: Any, inner: bool) -> Any:
    copy = element._clone()
    copy.local_opts = util.immutabledict({**element.local_opts, "innerjoin": inner})
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


def _option(
    statement: Any,
    steps: "list[RelationshipProperty[Any]]",
    strategy: str,
    **arguments: Any,
) -> Load:
    """Return a new option for the path along `steps`."""
    root = _root_entity(statement, steps[0])
    option = Load(root)
    for step, after in pairwise(steps):
        option = option.defaultload(_towards(_attribute(root, step), step, after))
        root = None
    method: Callable[..., Load] = getattr(option, LOADERS[strategy])
    return method(_attribute(root, steps[-1]), **arguments)


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


def _has_no_name(statement: Any, step: "RelationshipProperty[Any]") -> bool:
    """Return whether no option can name a path: a subclass's own, from an alias of its base."""
    entities = [column.get("entity") for column in statement.column_descriptions]
    aliases = [each for each in entities if each is not None and inspect(each).is_aliased_class]
    return _root_entity(statement, step) is step.parent.class_ and any(
        step.parent.isa(_mapper(each)) for each in aliases
    )


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
