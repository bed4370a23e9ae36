"""A callable of the user's, its parameters told apart: what qprof fills in, and what the user."""

import inspect
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, get_args, get_origin

from qprof.targets.code.needs import Need, need_of

_VARIABLE = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@dataclass(frozen=True)
class Maker:
    """A function, method or class, to be called with what it needs."""

    function: Callable[..., Any]
    bound: bool = False
    """The first parameter is the object's own."""
    is_async: bool = False
    """Whether a session known by its name alone is an AsyncSession."""
    depth: int = field(default=0, compare=False)

    @cached_property
    def signature(self) -> Mapping[str, inspect.Parameter]:
        """Every parameter by name; none where Python cannot tell."""
        found = _signature(self.function)
        return dict(list(found.items())[1:]) if self.bound else found

    @cached_property
    def needs(self) -> Mapping[str, Need]:
        """The parameters that are sessions and the like."""
        is_async = self.is_async or runs_async(self.function)
        found = {
            name: need_of(each, is_async=is_async)
            for name, each in self.signature.items()
            if name not in self.dependencies
        }
        return {name: need for name, need in found.items() if need is not None}

    @cached_property
    def dependencies(self) -> Mapping[str, "Maker"]:
        """The parameters that say by `Depends(x)` what is to be called for them."""
        found = {name: dependency_of(each) for name, each in self.signature.items()}
        return {
            name: Maker(each, depth=self.depth + 1)
            for name, each in found.items()
            if each is not None and not _is_session(self.signature[name])
        }

    @property
    def parameters(self) -> Mapping[str, inspect.Parameter]:
        """The parameters that are left to the user."""
        return {
            name: each
            for name, each in self.signature.items()
            if name not in self.needs and name not in self.dependencies
        }

    @cached_property
    def hanging(self) -> tuple[str, ...]:
        """What only a web framework gives: a request, and what dependencies take of one."""
        own = [name for name, each in self.parameters.items() if _is_of_request(each)]
        below = [
            f"{name} of {named(maker.function)}"
            for maker in self.dependencies.values()
            for name, each in maker.parameters.items()
            if each.default is each.empty and name not in maker.hanging
        ]
        deeper = [
            each if " of " in each else f"{each} of {named(maker.function)}"
            for maker in self.dependencies.values()
            for each in maker.hanging
        ]
        return tuple(dict.fromkeys([*own, *below, *deeper]))

    def own(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of the user's `arguments` that it takes."""
        return {
            name: each
            for name, each in arguments.items()
            if name in self.parameters or self.takes_any
        }

    @cached_property
    def takes_any(self) -> bool:
        """Whether it has a `**` parameter."""
        kinds = [each.kind for each in _all_parameters(self.function).values()]
        return inspect.Parameter.VAR_KEYWORD in kinds

    @property
    def is_decorated(self) -> bool:
        """Whether a decorator stands between the caller and the function; it may give a session."""
        return hasattr(self.function, "__wrapped__")

    @property
    def supplied(self) -> bool:
        """Whether it takes anything of qprof's."""
        return bool(self.needs) or any(each.supplied for each in self.dependencies.values())


_OF_REQUEST = ("Request", "HTTPConnection", "WebSocket", "Response", "BackgroundTasks")
"""The classes of Starlette's that are part of a request."""


def _is_of_request(parameter: inspect.Parameter) -> bool:
    kind = parameter.annotation
    module = getattr(kind, "__module__", "").partition(".")[0]
    known = module in ("starlette", "fastapi") and getattr(kind, "__name__", "") in _OF_REQUEST
    return known and parameter.default is parameter.empty


def named(function: Callable[..., Any]) -> str:
    """Return the name of a function, or of the class of an object that stands for one."""
    return str(getattr(function, "__name__", type(function).__name__))


def runs_async(function: Callable[..., Any]) -> bool:
    """Return whether calling it gives something to await or to iterate with `async for`."""
    plain = inspect.unwrap(function)
    return inspect.iscoroutinefunction(plain) or inspect.isasyncgenfunction(plain)


def _signature(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    found = _all_parameters(function)
    return {name: each for name, each in found.items() if each.kind not in _VARIABLE}


def _all_parameters(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(function, eval_str=True).parameters
    except Exception:  # an annotation that exists for type checkers only can raise anything
        try:
            found = inspect.signature(function).parameters
        except (TypeError, ValueError):
            return {}
        return {name: _evaluated(each, function) for name, each in found.items()}


def _evaluated(parameter: inspect.Parameter, function: Callable[..., Any]) -> inspect.Parameter:
    """Return the parameter with its annotation evaluated by itself, where that works."""
    module = sys.modules.get(getattr(inspect.unwrap(function), "__module__", ""))
    with suppress(Exception):
        annotation = eval(parameter.annotation, vars(module).copy())
        return parameter.replace(annotation=annotation)
    return parameter


def _is_session(parameter: inspect.Parameter) -> bool:
    return need_of(parameter) is not None


def dependency_of(parameter: inspect.Parameter) -> Callable[..., Any] | None:
    """Return the x of `Depends(x)`, as a default or in Annotated; None for other parameters.

    It is known by its class's name, so that no web framework is imported here.
    """
    marks = [parameter.default]
    if get_origin(parameter.annotation) is Annotated:
        marks += get_args(parameter.annotation)[1:]
    for mark in marks:
        if type(mark).__name__ == "Depends":
            found = getattr(mark, "dependency", None)
            return found if callable(found) else _own_type(parameter)
    return None


def _own_type(parameter: inspect.Parameter) -> Callable[..., Any] | None:
    """Return the annotated class: `Depends()` without an argument makes one."""
    annotation = parameter.annotation
    found = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    return found if callable(found) else None
