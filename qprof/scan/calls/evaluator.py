"""What reads expressions and functions, as far as those who are read by it need it."""

import ast
from collections.abc import Iterable, Iterator
from typing import Protocol

from qprof.scan.calls.scope import Scope
from qprof.scan.calls.values import (
    Bound,
    ClassBody,
    EntityName,
    Env,
    Frame,
    Function,
    NamePlace,
    Span,
    Value,
)


class Functions(Protocol):
    """Runs the functions of the scanned files, and knows the members of their classes."""

    def defined(self, function: Function, reader: "Evaluator") -> None:
        """Take note of a function that is to be read."""

    def member(self, holder: ClassBody, name: str) -> Value:
        """Return what `holder` has by that name."""

    def overridden(self, holder: ClassBody, name: str) -> list[Value]:
        """Return the classes that subclasses of `holder` have by that name."""

    def having(self, method: str) -> list[tuple[ClassBody, Function]]:
        """Return the classes of scanned files that define `method`."""

    def run(
        self,
        called: Function | Bound,
        arguments: tuple[Value, ...],
        keywords: dict[str | None, Value],
        reader: "Evaluator",
    ) -> list[Value]:
        """Return what a call of `called` may give."""


class Evaluator(Protocol):
    """Reads the expressions of one function body."""

    scope: Scope
    frame: Frame
    span: Span
    """The statement of Python at hand."""

    @property
    def reading(self) -> Functions:
        """What runs the functions that are called."""

    def values(self, node: ast.expr | None, env: Env) -> list[Value]:
        """Return what `node` may be."""

    def place(self, node: ast.expr) -> NamePlace:
        """Return where `node` stands."""

    def combinations(self, nodes: Iterable[ast.expr], env: Env) -> Iterator[tuple[Value, ...]]:
        """Yield the values of `nodes` together."""

    def entity(self, value: Value) -> EntityName | None:
        """Return the mapped class that `value` is."""
