"""The root statements of a call, told apart by SQLAlchemy's own cache key, and their paths.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `Select._generate_cache_key`,
`._order_by_clauses`, `._propagate_attrs`, `._compile_options` with its `safe_merge`, and
`Query._compile_options`.
"""

from collections.abc import Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import (
    Mapper,
    ORMExecuteState,
    Query,
    RelationshipProperty,
    UserDefinedOption,
)
from sqlalchemy.orm.interfaces import ONETOMANY
from sqlalchemy.sql import visitors

from qprof.domain.loaders import FORBIDDEN, FROM_PARENT
from qprof.domain.trace import Path, Site
from qprof.measure.orm.keys import IN_CHUNKS
from qprof.measure.orm.loader_options import LoaderOptions
from qprof.measure.orm.orders import Order


class Origin(UserDefinedOption):
    """Travels with the objects that a root statement loads, so that a lazy load can name it.

    With it in place, SQLAlchemy also gives a lazy load its full path from the root.
    """

    propagate_to_loaders = True

    def __reduce__(self) -> Any:
        """Leave the mark behind where an object is pickled: it holds mappers, which cannot."""
        return Origin, ()


LEVELS = 10
"""Of one relationship on one path, such as parent.parent: plans leave deeper levels as written."""


@dataclass
class RootPaths:
    """What one root statement loads: each path with its relationships, in order of first use."""

    ordered: bool
    """Whether it has an ORDER BY of its own."""
    entities: "tuple[Mapper[Any], ...]" = ()
    """What the statement selects; empty where that is not known."""
    options: LoaderOptions | None = None
    """What its options say besides strategies; None where nobody looked."""
    paths: dict[str, Path] = field(default_factory=dict)
    steps: "dict[str, list[RelationshipProperty[Any]]]" = field(default_factory=dict)
    order: Order | None = None
    """By what it sorts; None where it asks for no order, or nobody looked."""
    limited: bool = False
    """Whether it has a LIMIT or OFFSET of its own."""
    nested: bool = False
    """Whether SQLAlchemy puts it in a subquery, before it joins what joinedload asks for."""
    aggregates: tuple[str, ...] = ()
    """The windows and aggregates that it selects: "count() OVER"."""
    repeated: tuple[tuple[str, str], ...] = ()
    """The aggregates whose rows its own JOINs repeat, each with the table that does."""
    moved: Mapping[str, str] = field(default_factory=dict)
    """The strategies that a run gives to paths, in place of those that were seen first."""

    @property
    def is_chosen(self) -> bool:
        """Whether it has a LIMIT, and an order that lets the database choose what comes."""
        return self.limited and not (self.order is not None and self.order.total)

    @property
    def depends_on_reads(self) -> bool:
        """Whether a path is narrowed by .and_(), and its parents come by another path as well.

        What an object holds then depends on the path that brings it first, or, under
        populate_existing, last. So does what is loaded lazily from the objects that .and_() leaves,
        if these come by another path: SQLAlchemy hands its criteria on with them. And where parents
        may be of a subclass, SQLAlchemy 2.0 may load what hangs on these without the criteria.
        """
        if self.options is None:
            return False
        if any(map(self._has_subclasses, self.options.narrowed)):
            return True
        found = [each for name in self.options.narrowed for each in self._parents(name)]
        handed = [name for name in self.options.criteria if name in self.steps]
        found += [self.steps[name][-1].mapper for name in handed]
        return any(map(self.comes_by_several, found))

    def _has_subclasses(self, name: str) -> bool:
        """Return whether the objects above the end of a path may be of several classes."""
        above = [*self.entities, *(each.mapper for each in self.steps.get(name, ())[:-1])]
        return any(len([*each.self_and_descendants]) > 1 for each in above)

    def loses(self, lazily: Container[str]) -> bool:
        """Return whether what these paths load lazily may raise, by what is read before it."""
        raises = self.options is not None and self.options.raises
        return any(
            name == lazy or name.startswith(f"{lazy}.")
            for name in self.by_order(raises=raises)
            for lazy in self.steps
            if lazy in lazily
        )

    def by_order(self, *, raises: bool) -> tuple[str, ...]:
        """Return the paths that are loaded or raise, by which path leads to their parents first.

        `raises`: whether an option has something raise.

        Where a second SELECT returns an object again, SQLAlchemy sets what is not loaded yet of it
        to how that SELECT loads it: the option of the first is lost. It raises where the second
        one, or the mapping that it goes by, has it raise.
        """
        return tuple(
            name
            for name, steps in self.steps.items()
            if (raises or steps[-1].lazy in FORBIDDEN) and self._lacks(steps[-1])
        )

    def _lacks(self, prop: "RelationshipProperty[Any]") -> bool:
        """Return whether a path, or the root, leads to parents of `prop` and does not load it.

        Not a path that leads back, as Artist.albums.artist: to objects that are there already.
        """
        ways = [[], *(each for each in self.steps.values() if not _leads_back(each))]
        loading = [steps[:-1] for steps in self.steps.values() if steps[-1] is prop]
        return any(
            way not in loading and any(_related(prop.parent, each) for each in self._ends(way))
            for way in ways
        )

    def _ends(self, way: "list[RelationshipProperty[Any]]") -> "Sequence[Mapper[Any]]":
        return [way[-1].mapper] if way else self.entities

    @property
    def empties_by_path(self) -> bool:
        """Return whether noload() empties what an object has by one path, and not by another."""
        empties = self.options is not None and self.options.empties
        return empties and any(map(self.comes_by_several, self._places()))

    def comes_by_several(self, mapper: "Mapper[Any]") -> bool:
        """Return whether several paths, or the root and a path, lead to objects of a class."""
        return sum(_related(mapper, place) for place in self._places()) > 1

    def _places(self) -> "list[Mapper[Any]]":
        """Return the classes of the roots and of what each path leads to."""
        return [*self.entities, *(steps[-1].mapper for steps in self.steps.values())]

    def _parents(self, name: str) -> "list[Mapper[Any]]":
        """Return the class that the last relationship of a path starts at, if it is known."""
        above = name.rpartition(".")[0]
        if above in self.steps:
            return [self.steps[above][-1].mapper]
        # A path of an inherited attribute begins with the class that declares it.
        return [each for each in self.entities if above in class_names(each.iterate_to_root())]

    site: Site | None = None
    """The line that sends it."""
    deeper: dict[str, str] = field(default_factory=dict)
    """The relationships of which there are more levels than are kept, and how these are loaded."""

    def add(self, path: Path, steps: "list[RelationshipProperty[Any]]") -> None:
        """Remember a path, the first strategy that it was seen under winning.

        A relationship that leads on and on is kept down to `LEVELS`: each level is a path of its
        own, with an option of as many steps.
        """
        deep = [step for step in dict.fromkeys(steps) if steps.count(step) > LEVELS]
        if deep:
            self.deeper.update({str(step): path.strategy for step in deep})
            return
        if self.options is not None and self.options.goes_on(path.name):
            path = replace(path, recursive=True)
        self.paths.setdefault(path.name, path)
        self.steps.setdefault(path.name, steps)

    def whole(
        self, steps: "list[RelationshipProperty[Any]]"
    ) -> "list[RelationshipProperty[Any]] | None":
        """Return `steps` from the root on; None where it cannot be told which way leads to them.

        A subqueryload below a selectinload, lazy or immediate load names its path from its own
        parent, not from the root.
        """
        start = steps[0].parent
        if not self.entities or any(_related(start, each) for each in self.entities):
            return steps
        ways = [
            self.steps[name]
            for name, path in self.paths.items()
            if self.moved.get(name, path.strategy) in FROM_PARENT
            and _related(start, self.steps[name][-1].mapper)
        ]
        return [*ways[0], *steps] if len(ways) == 1 else None


def _related(one: "Mapper[Any]", other: "Mapper[Any]") -> bool:
    return bool(one.isa(other) or other.isa(one))


def _leads_back(steps: "list[RelationshipProperty[Any]]") -> bool:
    """Return whether the last step leads from children to the parents that they came from."""
    if len(steps) < 2:
        return False
    down, up = steps[-2:]
    back = up.key == down.back_populates or down.key == up.back_populates
    return back and down.direction is ONETOMANY and down.parent is up.mapper


def class_names(mappers: "Iterable[Mapper[Any]]") -> set[str]:
    """Return the names of the mapped classes."""
    return {each.class_.__name__ for each in mappers}


Roots = dict[Hashable, RootPaths]


def is_read(state: ORMExecuteState) -> bool:
    """Return whether a statement loads rows anew: a select(), or one in from_statement()."""
    return (state.is_select or state.is_from_statement) and not state.is_column_load


def is_root(state: ORMExecuteState) -> bool:
    """Return whether a statement loads rows anew, and for no object that is loaded already."""
    return is_read(state) and not state.is_relationship_load and not is_of_subclass(state)


def is_of_subclass(state: ORMExecuteState) -> bool:
    """Return whether a SELECT is selectin_polymorphic's, of the columns that a subclass adds.

    SQLAlchemy marks it in no other way than by the name of its one parameter.
    """
    given = state.parameters
    return isinstance(given, Mapping) and set(given) == {IN_CHUNKS}


_DEFAULTS: Any = Query._compile_options


def statement_key(statement: Any) -> Hashable:
    """Return what is equal for the same statement written again, whatever its parameters.

    SQLAlchemy's key of a SELECT changes when it is compiled, alone or inside of another one: the
    defaults of `_compile_options` are then written out in place. That is done here beforehand, so
    that `q.options(...)` has one key, whether or not a count of `q.subquery()` was compiled.
    """
    for each in visitors.iterate(statement):
        if isinstance(each, Select) and _is_mapped(each):
            own: Any = each
            own._compile_options = _DEFAULTS.safe_merge(own._compile_options)
    key = statement._generate_cache_key()
    return key.key if key is not None else str(statement)


def _is_mapped(select: Select[Any]) -> bool:
    """Return whether the ORM compiles a SELECT, and has not yet."""
    plugin = select._propagate_attrs.get("compile_state_plugin")
    return plugin == "orm" and type(select._compile_options) is not _DEFAULTS


def is_ordered(statement: Select[Any]) -> bool:
    """Return whether the rows' order is asked for."""
    return bool(getattr(statement, "_order_by_clauses", ()))


def all_paths(roots: Roots) -> tuple[Path, ...]:
    """Return every path of every root statement, parents before children."""
    found: dict[str, Path] = {}
    for root in roots.values():
        for name, path in root.paths.items():
            found.setdefault(name, path)
    return tuple(sorted(found.values(), key=lambda path: (path.name.count("."), path.name)))
