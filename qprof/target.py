"""What a user points qprof at: "package.module:attribute" to calls that take a session.

The attribute may be a function with a session parameter; a class whose constructor takes a
session, with its public methods, and those of the repositories that its attributes hold; a module
or a mapping of such. Nothing of it needs to know qprof.
"""

import inspect
import re
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from sqlalchemy.orm import Session

from qprof.errors import QprofError
from qprof.registry import load, unknown
from qprof.trace import Scalar

SESSION_NAMES = ("session", "db_session", "db")
"""Parameter names that mean a session where no annotation says so."""

_SESSION = re.compile(r"(?:[\w.]*(?:Optional|Annotated)\[)?[\w.]*Session\b")
"""An annotation that is a session, not a maker of sessions."""

Invoke = Callable[..., Any]


@dataclass(frozen=True)
class TargetCall:
    """One callable of the user's, and what it needs beside a session."""

    name: str
    bind: Callable[[Session], Invoke]
    """A session to the function or bound method."""
    parameters: Mapping[str, inspect.Parameter]
    arguments: Mapping[str, Scalar] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[str, ...]:
        """The parameters that have neither a default nor an argument."""
        return tuple(
            name
            for name, parameter in self.parameters.items()
            if parameter.default is parameter.empty and name not in self.arguments
        )

    @property
    def shown(self) -> Mapping[str, Scalar]:
        """The arguments in force, defaults included."""
        defaults = {
            name: parameter.default
            for name, parameter in self.parameters.items()
            if parameter.default is not parameter.empty
        }
        return {name: _scalar(value) for name, value in {**defaults, **self.arguments}.items()}

    def __call__(self, session: Session) -> Any:
        """Run it; an iterator or an open result is exhausted, since unread rows cost nothing.

        Raises QprofError for an async function.
        """
        return _consumed(self.name, self.bind(session)(**self.arguments))


def _consumed(name: str, value: Any) -> Any:
    if isinstance(value, Coroutine):
        value.close()
        raise QprofError(f"{name} is async, and calls run with a plain Session; name a sync one.")
    is_open = isinstance(value, Iterator) or hasattr(value, "yield_per")
    return list(value) if is_open else value


def _scalar(value: Any) -> Scalar:
    return value if isinstance(value, (str, int, float, bool, type(None))) else repr(value)


def load_target(reference: str) -> dict[str, TargetCall]:
    """Return the calls at "package.module:attribute" by name.

    Raises QprofError where the reference is wrong or leads to nothing that takes a session.
    """
    return find_calls(load(reference), reference)


def find_calls(attribute: object, reference: str) -> dict[str, TargetCall]:
    """Return the calls of `attribute`, which `reference` leads to."""
    calls = {call.name: call for call in _calls(attribute, "")}
    if not calls:
        raise QprofError(
            f"{reference} has no call that qprof can run: it looks for functions with a session "
            f"parameter ({', '.join(SESSION_NAMES)}, or one annotated Session), classes whose "
            "constructor takes one, and modules or mappings of these."
        )
    return calls


def _calls(attribute: object, prefix: str) -> Iterator[TargetCall]:
    if isinstance(attribute, Mapping):
        for name, each in attribute.items():
            yield from _calls(each, f"{prefix}{name}.")
    elif isinstance(attribute, ModuleType):
        yield from _module_calls(attribute)
    elif inspect.isclass(attribute):
        yield from _class_calls(attribute, prefix or f"{attribute.__name__}.")
    elif callable(attribute):
        yield from _function_calls(attribute, prefix)


def _module_calls(module: ModuleType) -> Iterator[TargetCall]:
    for name, each in vars(module).items():
        own = getattr(each, "__module__", None) == module.__name__
        if own and not name.startswith("_") and callable(each):
            yield from _calls(each, "")


def _function_calls(function: Callable[..., Any], prefix: str) -> Iterator[TargetCall]:
    parameters = _parameters(function)
    session = _session_parameter(parameters)
    if session is None:
        return
    rest = {name: each for name, each in parameters.items() if name != session.name}
    name = prefix.rstrip(".") or getattr(function, "__name__", "call")
    yield TargetCall(name, lambda given: _partial(function, session, given), rest)


def _partial(function: Invoke, parameter: inspect.Parameter, session: Session) -> Invoke:
    def call(**arguments: Any) -> Any:
        if parameter.kind is parameter.POSITIONAL_ONLY:
            return function(session, **arguments)
        return function(**{parameter.name: session}, **arguments)

    return call


def _class_calls(owner: type, prefix: str) -> Iterator[TargetCall]:
    parameter = _session_parameter(_parameters(owner))
    if parameter is None or _needs_more(owner, parameter):
        return

    def build(session: Session) -> Any:
        return _partial(owner, parameter, session)()

    yield from _methods(owner, build, prefix)
    for name, kind in _parts(owner, _sample(owner, build)):
        bound = prefix if prefix != f"{owner.__name__}." else ""
        yield from _methods(kind, _reach(build, name), f"{bound}{name}.")


def _needs_more(owner: type, session: inspect.Parameter) -> bool:
    others = (each for name, each in _parameters(owner).items() if name != session.name)
    return any(each.default is each.empty for each in others)


def _reach(build: Callable[[Session], Any], name: str) -> Callable[[Session], Any]:
    return lambda session: getattr(build(session), name)


def _sample(owner: type, build: Callable[[Session], Any]) -> object:
    """Return an object of `owner` with a session that is bound to nothing."""
    try:
        return build(Session())
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        raise QprofError(
            f"{owner.__name__} cannot be made with a session alone: {said}."
        ) from error


def _parts(owner: type, sample: object) -> Iterator[tuple[str, type]]:
    """Yield the public attributes that hold an object of a class from the same package."""
    package = owner.__module__.partition(".")[0]
    for name in dir(sample):
        if name.startswith("_"):
            continue
        try:
            kind = type(getattr(sample, name))
        except Exception:  # noqa: S112 (a property that asks the database holds no repository)
            continue
        if kind.__module__.partition(".")[0] == package and not issubclass(kind, type):
            yield name, kind


def _methods(owner: type, build: Callable[[Session], Any], prefix: str) -> Iterator[TargetCall]:
    for name, method in inspect.getmembers(owner, inspect.isfunction):
        if name.startswith("_") or isinstance(inspect.getattr_static(owner, name), staticmethod):
            continue
        parameters = dict(list(_parameters(method).items())[1:])
        yield TargetCall(f"{prefix}{name}", _reach(build, name), parameters)


def _parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Return the parameters of a callable; none where Python cannot tell."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return {}
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return {name: each for name, each in signature.parameters.items() if each.kind not in variable}


def _session_parameter(parameters: Mapping[str, inspect.Parameter]) -> inspect.Parameter | None:
    for parameter in parameters.values():
        if _SESSION.match(_annotation(parameter)) or parameter.name in SESSION_NAMES:
            return parameter
    return None


def _annotation(parameter: inspect.Parameter) -> str:
    annotation = parameter.annotation
    # Session | None has no name, and is written out.
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


def choose(calls: Mapping[str, TargetCall], names: list[str]) -> list[TargetCall]:
    """Return the calls of these names, in that order; all where none are given.

    Raises QprofError for a name that is none of them.
    """
    for name in names:
        if name not in calls:
            raise unknown("call", name, calls)
    return [calls[name] for name in names] if names else list(calls.values())
