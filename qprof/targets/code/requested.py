"""Calls that are requests to a user's WSGI or ASGI application."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from qprof.domain.errors import QprofError
from qprof.targets.code.calls import TargetCall
from qprof.targets.code.source import Source
from qprof.targets.web import (
    WebRequest,
    ask_asgi,
    ask_wsgi,
    is_application,
    is_asgi,
    is_factory,
    is_request,
    lifespan,
    parse_request,
    routes,
    takes,
)

_ASKED_WITH = (2, 3)
"""How many arguments an application of WSGI takes, and one of ASGI."""


@dataclass(frozen=True, kw_only=True)
class RequestCall(TargetCall):
    """A request; its session is the application's own."""

    application: Callable[..., Any]
    request: WebRequest

    @property
    def reader(self) -> str:
        """The application itself: nobody sees more than its response."""
        return "request"

    def _run(self, source: Source, stack: ExitStack) -> tuple[Callable[[], Any], list[Any]]:
        self.steps.prepared(None, stack, source)
        if not is_asgi(self.application):
            return lambda: ask_wsgi(self.application, self.request), []
        with source.guard.relaxed():
            state = source.kept(self.application, lambda: lifespan(self.application))
        return lambda: ask_asgi(self.application, self.request, state), []


def find_requests(
    attribute: object, reference: str, names: Iterable[str]
) -> dict[str, TargetCall] | None:
    """Return those of `names` that are requests, as calls of the application at `reference`.

    None where neither is meant. Raises QprofError where one is without the other.
    """
    asked = [name for name in names if is_request(name)]
    if not asked:
        if is_application(attribute):
            raise QprofError(_unasked(attribute, reference))
        return None
    application = _application(attribute, reference, asked[0])
    return {
        name: RequestCall(name, None, application=application, request=parse_request(name))
        for name in asked
    }


def _application(attribute: object, reference: str, asked: str) -> Callable[..., Any]:
    """Return the application, or what a function makes that needs no arguments for it."""
    if callable(attribute) and not isinstance(attribute, type):
        found: Any = _made(attribute, reference) if is_factory(attribute) else attribute
        if callable(found) and takes(found, *_ASKED_WITH):
            application: Callable[..., Any] = found
            return application
    raise QprofError(
        f"{asked!r} is a request, and {reference} is no WSGI or ASGI application, nor a function "
        "that makes one without arguments. Name the application that answers it, for example "
        "--target myapp.main:app."
    )


def _made(factory: Callable[[], Any], reference: str) -> Any:
    try:
        return factory()
    except Exception as error:
        said = f"{type(error).__name__}: {error}".strip(": ").splitlines()[0]
        raise QprofError(
            f"{reference} was called to make the application, and raised {said.rstrip('.')}. Name "
            "an application, or a function that makes one without arguments."
        ) from error


def _unasked(application: Any, reference: str) -> str:
    kind = "an ASGI" if is_asgi(application) else "a WSGI"
    known = routes(application)
    example = known[0] if known else "GET /"
    answers = f" It answers: {', '.join(known)}." if known else ""
    return (
        f"{reference} is {kind} application. Name the request to run, for example "
        f"qprof profile '{example}' --target {reference}.{answers}"
    )
