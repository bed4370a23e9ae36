"""A callable of the user's, and how it is opened, run and closed once, with all its sessions."""

import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, time
from decimal import Decimal
from fnmatch import fnmatchcase
from inspect import Parameter
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Result, Select, SelectBase
from sqlalchemy.ext.asyncio import (
    AsyncScalarResult,
    AsyncSession,
    async_scoped_session,
    async_sessionmaker,
)
from sqlalchemy.orm import Query, Session, scoped_session

from qprof.domain.errors import NothingSent, QprofError, WriteRefused
from qprof.domain.registry import unknown
from qprof.domain.trace import Scalar
from qprof.domain.words import listed
from qprof.measure.experiments.graph import HANDLES
from qprof.targets.code.loop import Loop
from qprof.targets.code.makers import Maker
from qprof.targets.code.needs import Kind, Need
from qprof.targets.code.owners import Owner
from qprof.targets.code.provided import without_session
from qprof.targets.code.source import Source
from qprof.targets.code.steps import Steps
from qprof.targets.code.supply import bound, supplied

Ask = Callable[[Executable], Any]
"""Sends a statement in the session that the call was given, and returns the open result."""


def consumed(value: Any, loop: Loop, ask: Ask) -> object:
    """Return `value` with nothing left open.

    Coroutines are awaited, iterators and results exhausted, statements that the call left
    unexecuted are sent; of a tuple, each part.
    """
    if inspect.isawaitable(value):
        value = consumed(loop.run(_awaited(value)), loop, ask)
    elif hasattr(value, "__aiter__"):
        value = loop.run(_listed(value))
    elif isinstance(value, Query):
        value = value.all() if value.session is not None else _sent(value.statement, ask)
    elif isinstance(value, SelectBase):
        value = _sent(value, ask)
    elif isinstance(value, Iterator) or hasattr(value, "yield_per"):
        value = list(value)
    elif type(value) is tuple:
        value = tuple(consumed(each, loop, ask) for each in value)
    return value


async def _awaited(value: Any) -> object:
    return await value


async def _listed(values: AsyncIterator[object] | AsyncScalarResult[Any]) -> list[object]:
    return [each async for each in values]


def _sent(statement: Any, ask: Ask) -> object:
    """Return the objects of a statement for one entity, the rows of another."""
    result: Result[Any] = ask(statement)
    if isinstance(statement, Select) and _is_one_entity(statement):
        return result.unique().scalars().all()
    return result.all()


def _is_one_entity(statement: Select[Any]) -> bool:
    described = statement.column_descriptions
    return (
        len(described) == 1
        and isinstance(described[0]["type"], type)
        and (described[0]["entity"] is not None and described[0]["expr"] is described[0]["entity"])
    )


@dataclass(frozen=True)
class Opened:
    """A call that is ready to run, once."""

    invoke: Callable[[], object]
    """Runs it to its end and returns what its caller would get."""
    reading: Callable[[Callable[[], object]], object]
    """Runs a function that may load lazily from the objects that the call returned."""
    reader: str = ""
    """Who reads what the call returned, before `invoke` is done: touch, request, or nobody."""
    gave: list[object] = field(default_factory=list)
    """What the touch gave for each object."""
    notes: list[str] = field(default_factory=list)
    """What is to be said of a run that is over."""


@dataclass(frozen=True)
class TargetCall:
    """One callable of the user's."""

    name: str
    function: Maker | None
    """None for a property, whose reading is the call."""
    attribute: str = ""
    """The name of the method or property on its object."""
    owner: Owner | None = None
    arguments: Mapping[str, Scalar] = field(default_factory=dict)
    steps: Steps = field(default_factory=Steps)

    @property
    def reader(self) -> str:
        """Who reads what the call returns, within the measurement; "" where nobody does."""
        return "touch" if self.steps.touch is not None else ""

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """What is left to the user: the arguments of the function, and of its object's class."""
        made = self.owner.maker if self.owner and not self.steps.comes_first else None
        own = self.function.parameters if self.function else {}
        return {**(made.parameters if made else {}), **own}

    @property
    def takes_any(self) -> bool:
        """Whether it has a `**` parameter, so that any argument may be meant for it."""
        return self.function is not None and self.function.takes_any

    @property
    def missing(self) -> tuple[str, ...]:
        """The parameters that have neither a default nor an argument."""
        return tuple(
            name
            for name, parameter in self.parameters.items()
            if parameter.default is parameter.empty and name not in self.arguments
        )

    @property
    def hanging(self) -> tuple[str, ...]:
        """What only a web framework gives to it or its dependencies: a request, and its parts."""
        made = self.owner.maker if self.owner else None
        makers = [each for each in (made, self.function) if each is not None]
        return tuple(name for each in makers for name in each.hanging)

    @property
    def shown(self) -> Mapping[str, Scalar]:
        """The arguments in force, defaults included."""
        defaults = {
            name: parameter.default
            for name, parameter in self.parameters.items()
            if parameter.default is not parameter.empty
        }
        return {name: _scalar(value) for name, value in {**defaults, **self.arguments}.items()}

    @property
    def supplied(self) -> bool:
        """Whether qprof gives it a session or the like; without, it is run only by its name."""
        made = self.owner.maker if self.owner else None
        return any(each.supplied for each in (made, self.function) if each is not None)

    @contextmanager
    def open(self, source: Source) -> Iterator[Opened]:
        """Yield the call, ready to run once; what was opened for it is rolled back and closed.

        An error of the block is raised again where a dependency of the call catches it.
        """
        caught: list[BaseException] = []
        with source.guard.strict(), ExitStack() as stack:
            notes: list[str] = []
            run, given = self._run(source, stack, notes)

            def ask(statement: Executable) -> object:
                return _asked(statement, given, source, stack)

            gave: list[object] = []

            def invoke() -> object:
                checkouts = source.guard.checkouts
                value = consumed(run(), source.loop, ask)
                if isinstance(value, HANDLES) and checkouts == source.guard.checkouts:
                    raise NothingSent(_gives(self.name, value))
                gave[:] = self.steps.touched(value, source.loop)
                return value

            def reading(function: Callable[[], object]) -> object:
                return source.loop.run_plain(function) if source.loop.used else function()

            try:
                yield Opened(invoke, reading, self.reader, gave, notes)
            except BaseException as error:
                caught.append(error)
                raise
        if caught:
            raise caught[0]
        if source.guard.refused:
            said = source.guard.refused[0]
            raise self.writes(f"{said}; it catches that error, so its figures are of no use")

    def writes(self, said: str) -> WriteRefused:
        """Return the sentence for a call that was refused a write, with what was said to it."""
        locks = "SELECT FOR " in said or "refuses LOCK" in said
        what = "locks rows of" if locks else "writes to"
        return WriteRefused(
            f"{self.name} {what} the database, and qprof only reads: {said}. Run it on calls "
            "that read."
        )

    def _run(
        self, source: Source, stack: ExitStack, notes: list[str]
    ) -> tuple[Callable[[], Any], list[Any]]:
        """Return what runs the call, and what it was given; it may leave `notes` when it runs."""
        owner, given = self._owner(source, stack)
        if self.function is None:
            return lambda: getattr(owner, self.attribute), given
        function = self.function
        if self.owner is not None:
            function = replace(function, function=getattr(owner, self.attribute), bound=False)
        needed = supplied(function, source, stack)
        values = {**needed, **function.own(self.arguments)}
        return without_session(function, bound(function, values), values), [
            *given,
            *needed.values(),
        ]

    def _owner(self, source: Source, stack: ExitStack) -> tuple[object, list[object]]:
        """Return the object that the call is a method of, and what it was given."""
        if self.owner is None:
            return self.steps.prepared(None, stack, source), []
        return self.owner.found(self.steps, self.arguments, source, stack)


def _asked(
    statement: Executable, given: Sequence[object], source: Source, stack: ExitStack
) -> object:
    """Send a statement that the call left unexecuted, in the call's own session if it has one."""
    own = [each for each in given if isinstance(each, _SESSIONS)]
    need = Need(Kind.SESSION, any(isinstance(each, async_sessionmaker) for each in given))
    session = own[0] if own else source.give(need, stack)
    if isinstance(session, (AsyncSession, async_scoped_session)):
        return source.loop.run(session.execute(statement))
    return session.execute(statement)


_SESSIONS = (Session, AsyncSession, scoped_session, async_scoped_session)


def _gives(name: str, value: Any) -> str:
    return (
        f"{name} gives out a {type(value).__name__} and sends no statement, so there is nothing to "
        "measure. Name the calls that use it."
    )


def _scalar(value: object) -> Scalar:
    if isinstance(value, (str, int, float, bool, type(None))):
        return value
    # As they are typed: repr() of these names their module.
    return str(value) if isinstance(value, (date, time, Decimal, UUID)) else repr(value)


def choose(calls: Mapping[str, TargetCall], names: Sequence[str]) -> list[TargetCall]:
    """Return the calls of these names and patterns, in that order; all where none are given.

    A pattern has a star, as in "artists.*"; "artists" alone stands for it where no call has that
    name, and "search" for the one call whose name ends so. Raises QprofError for what is no call
    and fits none, and for an end of several.
    """
    chosen = dict.fromkeys(each for name in names for each in _named(calls, name))
    return [calls[name] for name in chosen] if names else list(calls.values())


def _named(calls: Mapping[str, TargetCall], name: str) -> list[str]:
    if name in calls:
        return [name]
    # A question mark begins the query of a request.
    pattern = name.replace("[", "[[]").replace("?", "[?]") if "*" in name else f"{name}.*"
    found = [each for each in calls if fnmatchcase(each, pattern)]
    if found:
        return found
    ends = [each for each in calls if each.endswith(f".{name}")]
    if len(ends) > 1:
        raise QprofError(
            f"{len(ends):,} calls end in {name}: {listed(ends)}. Write one in full, or all as "
            f"'*.{name}'."
        )
    if not ends:
        raise unknown("call", name, calls)
    return ends
