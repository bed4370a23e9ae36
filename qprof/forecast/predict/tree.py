"""The relationships of one root statement, as its loader options have them.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `Select._with_options`, `Load.context`, and of
its elements `.path`, `.local_opts`, `.strategy`, `._extra_criteria` and `._of_type`; of a
relationship `._get_strategy`, and of its lazy strategy `.use_get` and `._equated_columns`.

Private names of SQLAlchemy, too: `_distinct`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, inspect
from sqlalchemy.orm import Load, Mapper, RelationshipProperty
from sqlalchemy.orm.interfaces import MANYTOONE
from sqlalchemy.sql import ClauseElement

from qprof.domain.loaders import EAGER, FORBIDDEN, FROM_PARENT, OWN_JOIN, OWN_SELECTS
from qprof.measure.orm.loader_options import elements_of, loader_word
from qprof.measure.orm.paths import path_name, relationships
from qprof.measure.orm.rewrite import comes_again
from qprof.measure.orm.roots import RootPaths


class Unpredictable(Exception):
    """No aggregate tells what a plan would fetch; the message is the reason."""


class Stopped(Unpredictable):
    """A bound of qprof's own ended the question: the plan may be too large to run, too."""


@dataclass(frozen=True)
class Edge:
    """One step of a loader path."""

    path: str
    parent: str
    """The path above, or the name of the root."""
    step: "RelationshipProperty[Any]"
    written: str
    """The strategy that the statement, or the mapping, asks for."""
    narrowed: bool = False
    """Whether of_type() names a subclass: its columns are joined, and all objects still come."""
    criteria: tuple[object, ...] = ()
    """What .and_() adds to the ON clause."""
    innerjoin: bool | str = False
    """As the option in force has it: True, False or "unnested"."""
    chunk: int | None = None
    """The chunksize that the statement's selectinload asks for."""
    depth: int | None = None
    """How many levels of its own kind its selectinload goes on for: recursion_depth; -1 is all."""

    @property
    def to_many(self) -> bool:
        """Whether it loads a collection."""
        return bool(self.step.uselist)

    @property
    def by_identity(self) -> bool:
        """Whether the parent's foreign key is the target's primary key: a get() finds it."""
        return self.step.direction is MANYTOONE and bool(_lazy(self.step).use_get)

    def foreign_key(self) -> list[Any]:
        """Return the parent's columns that hold the target's primary key, in its order."""
        found = _lazy(self.step)._equated_columns
        return [found[column] for column in self.step.mapper.primary_key]


@dataclass(frozen=True)
class Tree:
    """What a root statement selects, and the paths below."""

    entities: Mapping[str, Any]
    """By class name: the mapped class, or its alias, that the statement selects."""
    edges: Mapping[str, Edge]
    """In the order in which they are read: parents before children."""
    columns: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    """By path or root: what load_only() and defer() say, whether each attribute is deferred."""
    forbidden: "frozenset[RelationshipProperty[Any]]" = frozenset()
    """What an option forbids to load lazily on some path."""
    forbids_others: bool = False
    """Whether a wildcard forbids what has no option of its own."""

    def forbids(self, step: "RelationshipProperty[Any]") -> bool:
        """Return whether an option or the mapping may forbid to load `step` lazily."""
        return self.forbids_others or step in self.forbidden or step.lazy in FORBIDDEN

    def below(self, path: str) -> list[Edge]:
        """Return the steps that hang on `path`."""
        return [edge for edge in self.edges.values() if edge.parent == path]

    def widened(self) -> bool:
        """Return whether a path joins columns of subclasses, which no mapping of a path tells."""
        paths = (*self.entities, *self.edges)
        edges = self.edges.values()
        return (
            any(map(self.of_subclass, edges))
            or any(map(self.leaves_out, edges))  # a JOIN selects what it is found by all the same
            or any(self.mapper(path).with_polymorphic for path in paths)
        )

    def selects_subclasses(self, path: str) -> bool:
        """Return whether the columns of subclasses are selected with what is at `path`."""
        entity: Mapper[Any] = (
            inspect(self.entities[path]) if path in self.entities else self.mapper(path)
        )
        poly = getattr(entity, "with_polymorphic_mappers", ())
        return len(poly) > 1

    def comes_elsewhere(self, path: str) -> bool:
        """Return whether objects of the same hierarchy are at another path."""
        base = self.mapper(path).base_mapper
        paths = (*self.entities, *self.edges)
        return any(self.mapper(each).base_mapper is base for each in paths if each != path)

    def of_subclass(self, edge: Edge) -> bool:
        """Return whether columns of a subclass, or paths of its own, come with `edge`."""
        return edge.narrowed or not self.mapper(edge.parent).isa(edge.step.parent)

    def is_apart(self, edge: Edge) -> bool:
        """Return whether only a subclass has `edge`, and no of_type() joins it to what is above."""
        named = edge.parent in self.edges and self.edges[edge.parent].narrowed
        return not named and not self.mapper(edge.parent).isa(edge.step.parent)

    def leaves_out(self, edge: Edge) -> bool:
        """Return whether parents may lack a column that `edge` is found by: each then loads it."""
        mapper, said = self.mapper(edge.parent), self.columns.get(edge.parent, {})
        needed = [c for c in edge.step.local_columns if c not in set(mapper.primary_key)]
        if not needed or not mapper.isa(edge.step.parent):
            return False
        found = [mapper.get_property_by_column(column) for column in needed]
        return any(said.get(p.key, said.get(_OTHERS, bool(p.deferred))) for p in found)

    def mapper(self, path: str) -> "Mapper[Any]":
        """Return the mapper of what is at `path`."""
        if path in self.edges:
            return self.edges[path].step.mapper
        return mapper_of(self.entities[path])


def mapper_of(entity: object) -> "Mapper[Any]":
    """Return the mapper of a mapped class or of an alias of one."""
    found: Mapper[Any] = inspect(entity).mapper
    return found


def read_tree(statement: Select[Any], root: RootPaths) -> Tree:
    """Return the tree of `statement`, whose paths are those of `root`.

    Raises Unpredictable where names do not tell its roots apart.
    """
    entities = _entities(statement)
    every = dict(_options(statement))
    options = {name: each for name, each in every.items() if not _goes_on(name, every)}
    written = {n: path.strategy for n, path in root.paths.items() if not _goes_on(n, every)}
    steps = dict(root.steps)
    for name in _unseen(options, written):
        chain = relationships(options[name].path.path)
        _refuse_unseen_subclass(entities, name, chain)
        written[name] = _strategy(options[name])
        steps.setdefault(name, chain)
    edges: dict[str, Edge] = {}
    # By name, as `touch` reads them: what a lazy load finds depends on what was read before.
    for name in sorted(written):
        for each in _down_to(name, steps):
            top = _root_name(entities, steps[each][0])
            edge = _edge(each, top, steps[each], options.get(each), written[each])
            edges.setdefault(each, edge)
    tree = Tree(entities, edges, _columns(statement, entities), *_forbidden(statement))
    if getattr(statement, "_distinct", False) and any(
        each.written == OWN_JOIN for each in edges.values()
    ):
        raise Unpredictable("DISTINCT is over what contains_eager reads")
    _refuse_ambiguous(tree)
    _refuse_forgotten(tree, options)
    _refuse_unlearned(tree, options, steps)
    _refuse_looked_up(tree)
    _refuse_below_levels(tree)
    _refuse_whole_hierarchies(tree)
    return tree


def _entities(statement: Select[Any]) -> dict[str, object]:
    """Return what a statement selects, by class name."""
    entities: dict[str, object] = {}
    for entity in selected(statement):
        name = mapper_of(entity).class_.__name__
        if name in entities:
            raise Unpredictable(f"two roots of the class {name} are selected")
        entities[name] = entity
    return entities


def _refuse_unlearned(tree: Tree, options: Mapping[str, object], steps: Mapping[str, Any]) -> None:
    """Refuse what a mapping loads below a join, where the probe may have seen more or less of it.

    The probe loads what was joined apart: a default that stops at a depth goes deeper there, and a
    subqueryload names its path from there, not from the root. What only a subclass loads comes
    under some strategies of the path above it, and not under others.
    """
    for edge in tree.edges.values():
        for prop in _by_default(edge.step.mapper):
            name = f"{edge.path}.{prop.key}"
            joined = edge.written in ("joined", OWN_JOIN)
            deeper = joined and comes_again([*steps[edge.path], prop])
            unsure = deeper or prop.lazy == "subquery" or not edge.step.mapper.isa(prop.parent)
            if unsure and name not in (*tree.edges, *options):
                raise Unpredictable(f"it is not known how deep the mapping loads {name}")
        above = tree.edges.get(edge.parent)
        if above is None or above.written != "joined" or edge.path in options:
            continue
        if not above.step.mapper.isa(edge.step.parent):
            raise Unpredictable(f"it is not known under which plans the mapping loads {edge.path}")


def _by_default(mapper: "Mapper[Any]") -> "set[RelationshipProperty[Any]]":
    """Return what a mapping and those of its subclasses load by SELECTs of their own."""
    every = (prop for each in mapper.self_and_descendants for prop in each.relationships)
    return {prop for prop in every if prop.lazy in OWN_SELECTS}


def _goes_on(name: str, options: Mapping[str, Any]) -> bool:
    """Return whether a path is a further level of one that is loaded by recursion_depth."""
    above, _, key = name.rpartition(".")
    deep = above in options and options[above].local_opts.get("recursion_depth") is not None
    return deep and above.rpartition(".")[2] == key


def _refuse_below_levels(tree: Tree) -> None:
    """Refuse what recursion_depth is not modelled with: other paths below it, and criteria."""
    for edge in tree.edges.values():
        if edge.depth is None:
            continue
        more = tree.below(edge.path) or _by_default(edge.step.mapper)
        if edge.criteria or edge.narrowed or edge.by_identity or more:
            raise Unpredictable(
                f"more than plain levels are loaded by recursion_depth at {edge.path}"
            )


def _refuse_looked_up(tree: Tree) -> None:
    """Refuse an immediateload of objects that are on another path, too.

    It may find them in the session and send nothing, or load them first: what hangs on them is then
    a path of the call under one plan, and none under another.
    """
    for edge in tree.edges.values():
        if edge.written == "immediate" and tree.comes_elsewhere(edge.path):
            raise Unpredictable(f"it is not known whether {edge.path} is loaded or found")


def _refuse_whole_hierarchies(tree: Tree) -> None:
    """Refuse a subclass's own path where the mapping selects all subclasses at once."""
    for edge in tree.edges.values():
        if tree.of_subclass(edge) and tree.mapper(edge.parent).with_polymorphic:
            raise Unpredictable(f"{edge.path} is a subclass's own, below with_polymorphic")


def _unseen(options: Mapping[str, object], written: Mapping[str, str]) -> Iterator[str]:
    """Yield what nobody was seen to load, since there was no row to load it for."""
    for name in sorted(options, key=lambda each: each.count(".")):
        above = name.rpartition(".")[0]
        known = above in written or "." not in above
        if known and name not in written and _strategy(options[name]) in EAGER:
            yield name


def _refuse_unseen_subclass(entities: Mapping[str, Any], name: str, chain: list[Any]) -> None:
    """Refuse an attribute of a subclass that nobody was seen to load: it may never be."""
    root = mapper_of(entities[_root_name(entities, chain[0])])
    mapper = chain[-2].mapper if len(chain) > 1 else root
    if not mapper.isa(chain[-1].parent):
        raise Unpredictable(f"{name} is a subclass's own, and was not loaded")


def _refuse_forgotten(tree: Tree, options: Mapping[str, Any]) -> None:
    """Refuse options below a path that nobody reads: an object may be read on another path."""
    steps = {edge.step: edge for edge in tree.edges.values()}
    for name, option in options.items():
        other = steps.get(relationships(option.path.path)[-1])
        if name not in tree.edges and other is not None:
            raise Unpredictable(f"{name} and {other.path} load the same attribute differently")


def _refuse_ambiguous(tree: Tree) -> None:
    """Refuse paths that SQLAlchemy itself does not keep apart."""
    first: dict[object, Edge] = {}
    for edge in tree.edges.values():
        other = first.setdefault(edge.step, edge)
        if (other.criteria, other.innerjoin) != (edge.criteria, edge.innerjoin):
            raise Unpredictable(
                f"{other.path} and {edge.path} load the same attribute by different criteria, and "
                "an object on both paths keeps what was loaded first"
            )
        if not _nested(other, edge) and _steps_below(tree, other) != _steps_below(tree, edge):
            raise Unpredictable(
                f"{other.path} and {edge.path} load the same attribute, and not the same below it"
            )
        if edge.parent in tree.edges and tree.edges[edge.parent].written == OWN_JOIN:
            raise Unpredictable(f"{edge.path} hangs on what contains_eager reads")
        if edge.written == "subquery" and _is_misnamed(tree, edge):
            raise Unpredictable(f"{edge.path} may be taken for a path of what is selected")
        if edge.written == "subquery" and _begins_anew(tree, edge):
            raise Unpredictable(
                f"{edge.path} is a subqueryload below a path with SELECTs of its own, from which "
                "it begins anew"
            )


def _is_misnamed(tree: Tree, edge: Edge) -> bool:
    """Return whether the SELECT of a subqueryload looks like one of a path of the root.

    The run that learns the call moves joined collections; the subqueryload then begins below them.
    """
    above = edge
    while above.parent in tree.edges:
        above = tree.edges[above.parent]
        if above.written == "joined" and above.to_many:
            base = edge.step.parent.base_mapper
            return any(tree.mapper(name).base_mapper is base for name in tree.entities)
    return False


def _nested(one: Edge, other: Edge) -> bool:
    return one is other or other.path.startswith(f"{one.path}.") or one.path.startswith(other.path)


def _steps_below(tree: Tree, edge: Edge) -> set[object]:
    return {each.step for each in tree.below(edge.path)}


def _begins_anew(tree: Tree, edge: Edge) -> bool:
    above = tree.edges.get(edge.parent)
    return above is not None and (above.written in FROM_PARENT or _begins_anew(tree, above))


def _down_to(name: str, known: Mapping[str, object]) -> list[str]:
    """Return the paths from the top down to `name`, in the order of a walk."""
    parts = name.split(".")
    above = [".".join(parts[:length]) for length in range(2, len(parts) + 1)]
    missing = [each for each in above if each not in known]
    if missing:
        raise Unpredictable(f"it is not known how {missing[0]} is loaded")
    return above


def _strategy(option: Any) -> str:
    word = str(dict(option.strategy).get("lazy"))
    return "lazy" if word == "select" else word


def selected(statement: Select[Any]) -> list[Any]:
    """Return the mapped classes and aliases that `statement` selects."""
    return [each["expr"] for each in statement.column_descriptions if is_entity(each["expr"])]


def is_entity(expression: ClauseElement) -> bool:
    """Return whether a selected expression is a mapped class or an alias of one."""
    found = inspect(expression, raiseerr=False)
    return bool(getattr(found, "is_mapper", False) or getattr(found, "is_aliased_class", False))


def _root_name(entities: Mapping[str, Any], step: "RelationshipProperty[Any]") -> str:
    for name, entity in entities.items():
        if mapper_of(entity).isa(step.parent) or step.parent.isa(mapper_of(entity)):
            return name
    raise Unpredictable(f"{step.parent.class_.__name__} is none of what is selected")


def _edge(name: str, top: str, steps: Any, option: Any, written: str) -> Edge:
    parent = path_name(steps[:-1]) if len(steps) > 1 else top
    options = {} if option is None else option.local_opts
    return Edge(
        path=name,
        parent=parent,
        step=steps[-1],
        written=written,
        narrowed=_is_narrowed(option, steps[-1]),
        criteria=tuple(option._extra_criteria) if option is not None else (),
        innerjoin=options.get("innerjoin", steps[-1].innerjoin),
        chunk=options.get("chunksize"),
        depth=options.get("recursion_depth"),
    )


def _is_narrowed(option: object, step: "RelationshipProperty[Any]") -> bool:
    wanted = getattr(option, "_of_type", None)
    if wanted is None:
        return False
    if inspect(wanted).is_aliased_class:
        raise Unpredictable(f"{step} is loaded as an alias of its class")
    return inspect(wanted).mapper is not step.mapper


def _options(statement: Select[Any]) -> Iterator[tuple[str, Any]]:
    for option in statement._with_options:
        for element in getattr(option, "context", ()) if isinstance(option, Load) else ():
            steps = relationships(element.path.path)
            # What load_only() and defer() say of columns stands on the same path.
            if steps and not element.is_token_strategy and "lazy" in dict(element.strategy or ()):
                yield path_name(steps), element


def _forbidden(statement: Any) -> "tuple[frozenset[RelationshipProperty[Any]], bool]":
    """Return what raiseload() and noload() name, and whether one is a wildcard."""
    elements = [each for each in elements_of(statement) if loader_word(each) in FORBIDDEN]
    named = [each for each in elements if not getattr(each, "is_token_strategy", True)]
    steps = (relationships(each.path.path) for each in named)
    return frozenset(each[-1] for each in steps if each), len(named) < len(elements)


_OTHERS = "*"


def _columns(statement: Any, entities: Mapping[str, Any]) -> Mapping[str, Mapping[str, bool]]:
    found: dict[str, dict[str, bool]] = {}
    for option in statement._with_options:
        for each in getattr(option, "context", ()) if isinstance(option, Load) else ():
            deferred = dict(each.strategy or ()).get("deferred")
            for holder in _holders(each.path.path, entities) if deferred is not None else ():
                said = found.setdefault(holder, {})
                last = each.path.path[-1]
                said[_OTHERS if each.is_token_strategy else last.key] = bool(deferred)
    return found


def _holders(path: Any, entities: Mapping[str, Any]) -> list[str]:
    """Return the path of relationships that a column's path is of, or the roots that have it.

    What is said of an inherited attribute begins at the class that declares it.
    """
    name, mapper = path_name(relationships(path)), path[0].mapper
    return [name] if name else [n for n, each in entities.items() if mapper_of(each).isa(mapper)]


def _lazy(step: Any) -> Any:
    return step._get_strategy((("lazy", "select"),))
