"""What is kept of a module: its classes, relationships and foreign keys, and no syntax tree."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from qprof.scan.imports import Imports
from qprof.scan.source_file import ModuleKey


@dataclass(frozen=True, slots=True)
class Backref:
    """The other side that `backref=` adds to the target."""

    name: str
    uselist: bool | None
    lazy: str | None


@dataclass(frozen=True, slots=True)
class Relationship:
    """One relationship as it is written."""

    name: str
    line: int
    last: int
    """The line that it ends on."""
    target: str
    """The dotted name as written; "" where it cannot be read."""
    uselist: bool | None
    """What uselist=, collection_class= or the annotation say; None where nothing does."""
    secondary: bool
    lazy: str | None
    back_populates: str | None
    backref: Backref | None
    remote_side: tuple[str, ...]
    foreign_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """One column and the table or class that it points to."""

    column: str
    target: str


@dataclass(frozen=True, slots=True)
class Class:
    """A class, mapped or not: mixins count."""

    key: ModuleKey
    file: str
    name: str
    line: int
    bases: tuple[str, ...]
    table: str | None
    """The name of its table, or of the variable that holds it."""
    relationships: Mapping[str, Relationship] = field(compare=False)
    keys: tuple[ForeignKey, ...] = field(compare=False)
    names: Mapping[str, str] = field(compare=False)
    """What its attributes name: model_class = models.Artist."""
    methods: tuple[str, ...] = field(compare=False)
    """Kept only where the module speaks of loader options."""


@dataclass(frozen=True, slots=True)
class Imperative:
    """A call of map_imperatively() or mapper(): what it adds to a class of any module."""

    name: str
    """The dotted name of the class, as written."""
    table: str | None
    relationships: Mapping[str, Relationship] = field(compare=False)


@dataclass(frozen=True, slots=True)
class MappedTable:
    """A Table() at module level."""

    name: str
    keys: tuple[ForeignKey, ...]


@dataclass(frozen=True, slots=True)
class Module:
    """Everything that is kept of one file after its tree is gone."""

    key: ModuleKey
    file: str
    imports: Imports
    classes: Mapping[str, Class]
    tables: Mapping[str, MappedTable]
    """By the variable that holds it."""
    mentions: frozenset[str]
    """Of "options" and "selects": what its text speaks of at all."""
    imperative: tuple[Imperative, ...] = ()
    loaded: frozenset[str] = frozenset()
    """The names that its loader calls begin with: Artist, models."""
