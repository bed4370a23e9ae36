"""What a rule of the scan is: it looks at what the functions of one file load."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from qprof.domain.report import Finding
from qprof.scan.calls.loading import LoadedPath, Select
from qprof.scan.calls.reader import Built
from qprof.scan.calls.values import NamePlace, Span, Statement


@dataclass(frozen=True)
class Loaded:
    """One statement of a function, with the tree and the SELECTs that it makes."""

    built: Built
    statement: Statement
    tree: tuple[LoadedPath, ...]
    selects: tuple[Select, ...]


@dataclass(frozen=True)
class LoaderChange:
    """A loader call to be renamed: joinedload to selectinload."""

    place: NamePlace
    written: str
    to: str
    """The loader function to use, by its own name."""


@dataclass(frozen=True)
class Suspicion:
    """A finding of the scan, with what the report does not carry."""

    finding: Finding
    spans: tuple[tuple[str, Span], ...]
    """The files and statements of Python where an ignore comment counts."""
    function: Span
    """First and last line of the function it is about."""
    changes: tuple[LoaderChange, ...]
    """What --fix would do."""
    kept: str
    """Why it would leave one of the options alone; "" where it leaves none."""


class StaticRule(Protocol):
    """A rule of the scan."""

    @property
    def id(self) -> str:
        """That of the measured rule that it foresees."""

    def inspect(self, loaded: Sequence[Loaded]) -> Iterable[Suspicion]:
        """Yield what the functions of one file break of this rule."""
