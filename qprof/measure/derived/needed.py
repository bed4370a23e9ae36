"""What the objects of a recording would have had to cost, derived from the rows that came.

A test cannot be run again under another plan, so nothing is replayed here: primary keys in the
rows say how many objects there are and how they hang together. The result is what the balanced
plan (to-one joined, to-many selectin) would measure for the objects that were loaded. Where the
rows do not tell, it is unknown, with the reason.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from qprof.domain.loaders import BY_PARENT, CHUNK
from qprof.domain.sql.reading import reads_tables
from qprof.domain.trace import Cost
from qprof.measure.capture.executions import repeated
from qprof.measure.capture.held import Held, identity_class
from qprof.measure.capture.sent import Sent
from qprof.measure.capture.sites import shown
from qprof.measure.orm.keys import KeyColumns, Side


@dataclass(eq=False)
class Load:
    """One SELECT of the balanced plan, or the chunks of one selectin."""

    queries: int = 0
    parents: int = 0
    rows: int = 0
    cells: int = 0
    riders: int = 0
    """Columns of to-one paths that would be joined onto its rows."""
    width: int = 0
    mains: set[Any] = field(default_factory=set)
    """The (parent, child) pairs that subqueryloads brought."""
    owners: set[Any] = field(default_factory=set)
    pairs: set[Any] = field(default_factory=set)
    """Of a path that was joined: its parents, and its (parent, child) pairs."""

    def add(self, rows: int, width: int) -> None:
        """Add rows of so many columns."""
        self.rows += rows
        self.cells += rows * width

    def new(self, pairs: set[Any]) -> int:
        """Return how many of the (parent, child) pairs of a subqueryload did not come before."""
        new = pairs - self.mains
        self.mains |= new
        return len(new)

    def hold(self, owners: set[Any], pairs: set[Any], width: int) -> None:
        """Add what was joined: parents, and pairs, of which each one counts once."""
        self.owners |= owners
        self.pairs |= pairs
        self.width = width

    def cost(self) -> tuple[int, int, int]:
        """Return queries, rows and cells."""
        queries = self.queries + ceil((self.parents + len(self.owners)) / CHUNK)
        rows = self.rows + len(self.pairs)
        return queries, rows, self.cells + len(self.pairs) * self.width + rows * self.riders


@dataclass(eq=False)
class Place:
    """The objects of one path, and the load whose rows they came in."""

    path: str
    kind: Any
    """The class by which SQLAlchemy identifies them."""
    load: Load
    identities: set[Any] = field(default_factory=set)
    one_by_one: bool = False
    """Whether they, or what they hang on, came by a load for each parent."""

    def see(self, held: Held, path: str) -> None:
        """Add the objects of `path` that `held` has."""
        self.identities |= held.identities(path)


class Unknown(Exception):
    """The rows do not tell; the message is the reason."""


def main_part(sent: Sent, held: Held) -> tuple[int, int]:
    """Return the rows and columns of `sent`, were the collections that it joins not in it."""
    columns = held.keys.columns
    if not any(join.to_many for join in sent.shape.joins):
        return sent.rows, sent.columns
    if columns is None or not held.keys.alone:
        raise Unknown(f"several entities, or one without its key, are selected{at(sent)}")
    if held.broken is not None:
        raise Unknown(f"the rows cannot be looked into{at(sent)} ({held.broken})")
    if held.rows != len(held.combinations):
        raise Unknown(
            f"rows repeat beyond what the joined paths explain{at(sent)}, as a JOIN of the "
            "statement's own makes them"
        )
    return len(held.mains), sent.columns - sum(side.width for side in _beyond(columns))


def own_width(sent: Sent, held: Held) -> int:
    """Return the columns of the main entity, with what is joined to it to-one."""
    columns = held.keys.columns
    return columns.load_width(None) if columns is not None else sent.columns


def _beyond(columns: KeyColumns) -> list[Side]:
    """Return the to-many paths that are joined, and all that hangs on them."""
    away: dict[str, Side] = {}
    for path, side in columns.paths.items():
        if side.to_many or side.parent in away:
            away[path] = side
    return list(away.values())


def at(sent: Sent) -> str:
    """Return " at file:line" of what issued `sent`; "" where that is unknown."""
    site = shown(sent.site)
    return f" at {site.place}" if site is not None else ""


@dataclass(frozen=True)
class Derived:
    """What was needed, or why that is unknown."""

    cost: Cost | None
    reason: str = ""


_NOTHING = Cost(0, 0, 0)


def derived_needed(sent: Iterable[Sent]) -> Derived:
    """Return what the objects that `sent` loaded need; `sent` is in order, with what it held."""
    executions = list(sent)
    repeats = repeated(executions)
    needed = _Needed()
    try:
        for each in executions:
            if each.kind == "refresh" or id(each) not in repeats or not reads_tables(each.sql):
                needed.take(each)
    except Unknown as reason:
        return Derived(None, f"Needed is unknown: {reason}.")
    return Derived(needed.cost())


class _Needed:
    def __init__(self) -> None:
        self._loads: list[Load] = []
        self._places: list[Place] = []
        self._below: dict[tuple[int, str], Place] = {}
        self._outside: dict[object, Load] = {}

    def cost(self) -> Cost:
        each = [load.cost() for load in self._loads]
        return Cost(*(sum(figures) for figures in zip(*each, strict=True))) if each else _NOTHING

    def take(self, sent: Sent) -> None:
        held = sent.held
        if held is None or not sent.shape.entities:
            self._plain(sent)
        elif sent.kind == "refresh":
            self._anew(sent, held)
        elif sent.shape.kind == "columns" and held.parent is not None:
            self._of_columns(sent, held)
        elif sent.shape.path is None:
            self._root(sent, held)
        elif sent.strategy in BY_PARENT:
            self._by_parent(sent, held)
        elif sent.shape.to_many:
            self._collections(sent, held)
        else:
            self._ride(sent, held, self._owner(sent))

    def _plain(self, sent: Sent) -> None:
        """Take what loads no objects."""
        load = self._new_load(queries=1)
        load.add(sent.rows, sent.columns)

    def _anew(self, sent: Sent, held: Held) -> None:
        """Take a refresh, of an object or of one of its relationships: it is a load of its own."""
        load = self._new_load(queries=1)
        load.add(*main_part(sent, held))
        if held.path:
            mapper = held.keys.entities[held.path].mapper
            place = self._new_place(held.path, identity_class(mapper), load)
            place.see(held, held.path)
            self._joined(held, place)

    def _of_columns(self, sent: Sent, held: Held) -> None:
        """Take columns that came late: with their object they cost neither a query nor a row.

        What was expired had come with it. Objects from before could be asked for 500 at a time.
        """
        owner = self._holder(held.parent)
        if owner is not None:
            owner.load.cells += 0 if sent.kind == "expired" else sent.rows * sent.columns
            return
        kind = held.parent[0]
        load = self._outside.get(kind) or self._new_load()
        self._outside[kind] = load
        load.rows += sent.rows if held.parent not in load.owners else 0
        load.cells += sent.rows * sent.columns
        load.owners.add(held.parent)

    def _root(self, sent: Sent, held: Held) -> None:
        load = self._new_load(queries=1)
        load.add(*main_part(sent, held))
        joined = held.keys.columns.paths if held.keys.columns is not None else ()
        for path, entity in held.keys.entities.items():
            if path not in joined:
                place = self._new_place(path, identity_class(entity.mapper), load)
                place.see(held, path)
                self._joined(held, place)

    def _collections(self, sent: Sent, held: Held) -> None:
        """Take a selectin as it is, and a subqueryload as the selectin that it could be.

        Below parents that came by one load each, all selectins of a path could be one.
        """
        owner, path = self._owner(sent), str(sent.shape.path)
        load = self._main_below(owner, path, held).load
        rows, width = main_part(sent, held)
        if sent.strategy == "subquery":
            if owner is None:
                raise Unknown(f"the parents of {path} were loaded elsewhere{at(sent)}")
            # Lazy loads may bring one parent several times, and its children with each.
            rows = load.new(held.mains) if held.mains else rows
            width += held.keys.link - len(held.keys.named)
        apart = owner is not None and (owner.one_by_one or not owner.load.queries)
        if owner is not None and (sent.strategy == "subquery" or apart):
            load.parents = len(owner.identities)
        else:
            load.queries += 1
        load.add(rows, width)
        self._joined(held, self._below[id(owner), path])

    def _by_parent(self, sent: Sent, held: Held) -> None:
        owner = self._holder(held.parent)
        if not sent.shape.to_many:
            self._ride(sent, held, owner)
            return
        place = self._main_below(owner, sent.shape.hops[-1], held)
        rows, width = main_part(sent, held)
        place.load.parents += 1
        place.load.add(rows, width + held.keys.link)
        place.one_by_one = True
        self._joined(held, place)

    def _ride(self, sent: Sent, held: Held, owner: Place | None) -> None:
        """Take a to-one path: joined onto its parents' rows, it costs their number of columns."""
        name = sent.shape.hops[-1]
        known = (id(owner), name) in self._below
        place = self._place_below(owner, name, held, owner.load if owner else None)
        place.see(held, held.path)
        place.one_by_one |= sent.strategy in BY_PARENT
        if owner is None:
            by_parent = sent.strategy in BY_PARENT
            place.load.queries += not by_parent
            place.load.parents += by_parent
            place.load.add(*main_part(sent, held))
        elif not known:
            place.load.riders += own_width(sent, held)
        self._joined(held, place)

    def _joined(self, held: Held, main: Place) -> None:
        """Take what was joined in the same rows: to-many paths as selectins of their own.

        What many lazy loads joined is one selectin: their `main` is the same.
        """
        columns = held.keys.columns
        places: dict[str | None, Place] = {None: main}
        for path, side in columns.paths.items() if columns is not None else ():
            above = places[side.parent]
            places[path] = self._place_below(
                above, path, held, None if side.to_many else above.load
            )
            places[path].see(held, path)
            if side.to_many and columns is not None:
                owners = held.found(side.parent or held.path)
                places[path].load.hold(owners, held.pairs[path], columns.load_width(path))

    def _owner(self, sent: Sent) -> Place | None:
        """Return where the parents of a secondary load came from: the latest that fits."""
        above = str(sent.shape.path).rpartition(".")[0]
        kind = identity_class(sent.shape.steps[-1].parent)
        by_path = (each for each in reversed(self._places) if each.path == above)
        by_kind = (each for each in reversed(self._places) if each.kind is kind)
        return next(by_path, None) or next(by_kind, None)

    def _holder(self, identity: Any) -> Place | None:
        """Return where the object of that identity key was loaded; None for outside."""
        if identity is None:
            return None
        kind, key = identity[0], tuple(identity[1])
        fitting = (each for each in reversed(self._places) if each.kind is kind)
        return next((each for each in fitting if key in each.identities), None)

    def _main_below(self, owner: Place | None, name: str, held: Held) -> Place:
        """Return where the objects that `held` itself is of are kept, with a load of their own."""
        place = self._place_below(owner, name, held, None)
        place.see(held, held.path)
        return place

    def _place_below(self, owner: Place | None, name: str, held: Held, load: Load | None) -> Place:
        """Return the place of `name` below `owner`; a new one is in `load`, or one of its own."""
        key = (id(owner), name)
        if key not in self._below:
            path = name if name in held.keys.entities else held.path
            kind = identity_class(held.keys.entities[path].mapper)
            self._below[key] = self._new_place(path, kind, load or self._new_load())
            self._below[key].one_by_one = owner is not None and owner.one_by_one
        return self._below[key]

    def _new_load(self, queries: int = 0, parents: int = 0) -> Load:
        self._loads.append(Load(queries, parents))
        return self._loads[-1]

    def _new_place(self, path: str, kind: object, load: Load) -> Place:
        self._places.append(Place(path, kind, load))
        return self._places[-1]
