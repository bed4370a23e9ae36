"""What an expression can be, as far as loader options go, and what a function's body has built.

All of it is small; the values are frozen.
"""

import ast
from collections.abc import Mapping
from collections.abc import Sequence as Items
from dataclasses import dataclass, field, replace
from itertools import count

from qprof.scan.models.facts import Class
from qprof.scan.source_file import ModuleKey

Span = tuple[int, int]
"""First and last line of a statement of Python."""


@dataclass(frozen=True)
class NamePlace:
    """Where a name stands in a file; columns are counted in characters."""

    key: ModuleKey
    file: str
    line: int
    column: int
    span: Span

    @property
    def text(self) -> str:
        """Return "artists.py:40"."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class EntityName:
    """A class, or an alias of it, in a query."""

    name: str
    mapped: Class | None
    alias: str | None = None
    called: str = field(default="", compare=False)
    """The variable that holds an alias; "" where none does."""

    @property
    def shown(self) -> str:
        """The name in a path."""
        return self.name.rpartition(".")[2]

    @property
    def code(self) -> str:
        """The name to write in an option."""
        return self.called or self.shown


@dataclass(frozen=True)
class Attribute:
    """Artist.tracks, perhaps narrowed by .and_() or of_type()."""

    owner: EntityName
    name: str
    narrowed: bool = False
    subclass: EntityName | None = None


@dataclass(frozen=True)
class Step:
    """One loader call of a chain: joinedload(Artist.tracks)."""

    strategy: str
    attribute: Attribute
    place: NamePlace
    written: str
    """The function's name as it stands in the source: joinedload, jl, orm.joinedload."""
    inner: bool = False
    """innerjoin= is said."""
    of_all: bool = False
    """It names no path: joinedload("*")."""
    argument: str = field(default="", compare=False)
    """The attribute as it stands in the source: models.Artist.tracks.and_(…)."""
    keywords: tuple[str, ...] = field(default=(), compare=False)
    """The other arguments as they stand in the source: innerjoin=True."""


Chain = tuple[Step, ...]


@dataclass(frozen=True)
class Option:
    """Loader chains that one expression gives; the last one is where a method goes on."""

    chains: tuple[Chain, ...]
    open: Chain = ()
    """What the next method of the chain hangs on."""
    root: EntityName | None = None
    """What Load(Artist) starts at."""
    wildcard: str | None = None
    """The strategy of lazyload("*")."""
    everything: "tuple[NamePlace, str] | None" = None
    """Where joinedload("*") stands, and how its function is written."""
    everything_below: "tuple[tuple[Chain, NamePlace, str], ...]" = ()
    """The same of joinedload(Artist.tracks).joinedload("*"): below which chain."""
    leaves: "tuple[tuple[Chain, str], ...]" = ()
    """What is said besides of the end of a chain, as written: load_only(Artist.name)."""
    unsupported: tuple[str, ...] = ()
    """Sentences on what could not be understood."""
    is_lost: bool = False
    """What its last call loads is not known, so neither is what hangs on it."""


@dataclass(frozen=True)
class Sequence:
    """A list, tuple or set of values that matter."""

    items: "tuple[Value, ...]"


@dataclass(frozen=True)
class Statement:
    """A SELECT under construction, with the options that it was given so far."""

    serial: int
    """Tells two statements apart that look alike."""
    roots: tuple[EntityName, ...]
    options: tuple[Option, ...]
    place: NamePlace
    legacy: bool = False
    """A Query, whose first() and slices are limits."""
    limit: NamePlace | None = None
    is_single: bool = False
    """It brings one root: first(), one(), get(), limit(1)."""
    built: tuple[Span, ...] = ()
    """The statements of Python that it went through."""


@dataclass(frozen=True)
class Function:
    """A function or method of a scanned file, with what surrounds it."""

    node: ast.FunctionDef | ast.AsyncFunctionDef
    key: ModuleKey
    name: str
    around: "Mapping[str, Value]" = field(hash=False, compare=False)
    owner: "ClassBody | None" = field(default=None, hash=False, compare=False)
    is_property: bool = False


@dataclass(frozen=True)
class ClassBody:
    """A class of a scanned file as the code at hand sees it: its attributes and methods."""

    name: str
    key: ModuleKey
    attributes: "dict[str, Value]" = field(hash=False, compare=False)
    bases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bound:
    """A method, and the instance or class that it is called on."""

    function: Function
    instance: ClassBody


Value = (
    EntityName
    | Attribute
    | Option
    | Sequence
    | Statement
    | Function
    | ClassBody
    | Bound
    | str
    | None
)
"""None is anything that says nothing about loading."""

Env = dict[str, Value]


_serials = count(1)


@dataclass
class Frame:
    """One function body, or a module's or class's own."""

    built: list[Statement] = field(default_factory=list)
    superseded: set[int] = field(default_factory=set)
    returned: list[Value] = field(default_factory=list)

    def start(
        self,
        roots: Items[EntityName],
        place: NamePlace,
        *,
        legacy: bool = False,
        of: Items[Option] = (),
    ) -> Statement:
        """Return a new statement of `roots`."""
        made = Statement(
            next(_serials), tuple(roots), tuple(of), place, legacy, built=(place.span,)
        )
        self.built.append(made)
        return made

    def adopt(self, value: Value) -> None:
        """Take a statement that another function built for one of this frame's."""
        if isinstance(value, Statement) and value not in self.built:
            self.built.append(value)

    def extend(self, old: Statement, place: NamePlace, *options: Option) -> Statement:
        """Return `old` with more options."""
        return self._derived(old, place, options=(*old.options, *options))

    def limit(self, old: Statement, place: NamePlace, *, is_single: bool = False) -> Statement:
        """Return `old` under a LIMIT or OFFSET; `is_single` where that is LIMIT 1."""
        single = is_single or old.is_single
        return self._derived(old, place, limit=old.limit or place, is_single=single)

    def single(self, old: Statement, place: NamePlace) -> Statement:
        """Return `old`, of which one root is asked for."""
        return self._derived(old, place, is_single=True)

    def _derived(self, old: Statement, place: NamePlace, **changed: object) -> Statement:
        self.superseded.add(old.serial)
        spans = tuple(dict.fromkeys((*old.built, place.span)))
        new = replace(old, serial=next(_serials), built=spans, **changed)  # type: ignore[arg-type]
        self.built.append(new)
        return new

    def finished(self) -> list[Statement]:
        """Return the statements that nothing was added to, each once."""
        kept = {
            (each.roots, each.options, each.limit, each.place, each.is_single): each
            for each in self.built
            if each.serial not in self.superseded
        }
        return list(kept.values())
