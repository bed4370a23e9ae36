"""What an expression can be, as far as loader options go. All of it is small and frozen."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from qprof.scan.models.facts import Class
from qprof.scan.source import ModuleKey

Span = tuple[int, int]
"""First and last line of a statement of Python."""


@dataclass(frozen=True)
class Place:
    """Where a name stands in a file; columns are counted in characters."""

    key: ModuleKey
    file: str
    line: int
    column: int
    span: Span


@dataclass(frozen=True)
class Entity:
    """A class, or an alias of it, in a query."""

    name: str
    mapped: Class | None
    alias: str | None = None

    @property
    def shown(self) -> str:
        """The name in a path."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True)
class Attribute:
    """Artist.tracks, perhaps narrowed by .and_() or of_type()."""

    owner: Entity
    name: str
    narrowed: bool = False
    subclass: Entity | None = None


@dataclass(frozen=True)
class Step:
    """One loader call of a chain: joinedload(Artist.tracks)."""

    strategy: str
    attribute: Attribute
    place: Place
    written: str
    """The function's name as it stands in the source: joinedload, jl, orm.joinedload."""
    inner: bool = False
    """innerjoin= is said."""


Chain = tuple[Step, ...]


@dataclass(frozen=True)
class Option:
    """Loader chains that one expression gives; the last one is where a method goes on."""

    chains: tuple[Chain, ...]
    open: Chain = ()
    """What the next method of the chain hangs on."""
    root: Entity | None = None
    """What Load(Artist) starts at."""
    wildcard: str | None = None
    """The strategy of lazyload("*")."""
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
    roots: tuple[Entity, ...]
    options: tuple[Option, ...]
    place: Place
    legacy: bool = False
    """A Query, whose first() and slices are limits."""
    limit: Place | None = None
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
    Entity | Attribute | Option | Sequence | Statement | Function | ClassBody | Bound | str | None
)
"""None is anything that says nothing about loading."""

Env = dict[str, Value]
