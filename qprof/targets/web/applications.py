"""What is a WSGI or an ASGI application, and what it answers; no framework is imported."""

import inspect
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

_PARAMETERS = re.compile(r"env(iron)? start_response|scope receive send")
"""What an application's parameters are called."""
_PASTE = ("global_config", "global_conf")
_FACTORY = re.compile(r"((create|make|get|build|init|setup)_)?(\w+_)?(app|application)(_factory)?")


def is_application(value: object) -> bool:
    """Return whether `value` looks like an application, by the names of its parameters."""
    if inspect.isclass(value) or not callable(value):
        return False
    return _PARAMETERS.fullmatch(" ".join(_parameters(value))) is not None


def takes(value: Callable[..., Any], *counts: int) -> bool:
    """Return whether `value` can be called with one of these numbers of arguments."""
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return True  # Python cannot tell.
    for count in counts:
        with suppress(TypeError):
            return bool(signature.bind(*[None] * count))
    return False


def is_factory(value: Callable[..., Any]) -> bool:
    """Return whether `value` can be called without arguments, as no application can.

    What PasteDeploy calls `global_config`, which Pyramid's factories take, is no argument here.
    """
    try:
        found = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return False
    return all(
        each.default is not each.empty
        or each.kind in (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
        or each.name in _PASTE
        for each in found
    )


def makes_application(value: object) -> bool:
    """Return whether a function is known, by its name or what it says to return, as a factory."""
    if not inspect.isroutine(value) or not is_factory(value):
        return False
    returned = inspect.signature(value).return_annotation
    if inspect.isclass(returned) and _PARAMETERS.fullmatch(
        " ".join(_parameters(returned.__call__)[1:])
    ):
        return True
    named = _FACTORY.fullmatch(value.__name__) is not None
    return named or set(_PASTE) & set(inspect.signature(value).parameters) != set()


def made_by(factory: Callable[..., Any]) -> Any:
    """Return what a factory makes."""
    names = set(_PASTE) & set(inspect.signature(factory).parameters)
    return factory(**{name: {} for name in names})


def is_asgi(application: Callable[..., Any]) -> bool:
    """Return whether an application is one of ASGI; else it is one of WSGI."""
    return _is_async(application) or len(_parameters(application)) == 3


def _is_async(application: Callable[..., Any]) -> bool:
    call = getattr(application, "__call__", None)  # noqa: B004
    return inspect.iscoroutinefunction(application) or inspect.iscoroutinefunction(call)


def _parameters(value: Callable[..., Any]) -> list[str]:
    try:
        found = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return []
    return [each.name for each in found if each.default is each.empty]
