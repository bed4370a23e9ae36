"""What is a WSGI or an ASGI application, and what it answers; no framework is imported."""

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

_PARAMETERS = re.compile(r"env(iron)? start_response|scope receive send")
"""What an application's parameters are called."""
_OPEN = re.compile(r"[{<]")


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
    """Return whether `value` can be called without arguments, as no application can."""
    try:
        found = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return False
    return all(
        each.default is not each.empty or each.kind is inspect.Parameter.VAR_KEYWORD
        for each in found
    )


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


def routes(application: object) -> list[str]:
    """Return the GET requests that an application of Flask, FastAPI or Starlette lists.

    A path with parameters is given as the framework writes it. Of other applications: none.
    """
    found = dict.fromkeys(f"GET {path}" for path in _paths(application))
    return sorted(found)


def is_complete(route: str) -> bool:
    """Return whether one of `routes` can be asked as it stands."""
    return _OPEN.search(route) is None


def _paths(application: object) -> Iterator[str]:
    rules = getattr(getattr(application, "url_map", None), "iter_rules", None)
    for rule in rules() if rules is not None else ():
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            yield rule.rule
    for route in getattr(application, "routes", None) or ():
        # Starlette leaves its pages of documentation out of the schema.
        if "GET" in (getattr(route, "methods", None) or ()) and route.include_in_schema:
            yield route.path
