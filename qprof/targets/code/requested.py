"""Calls that are requests to a user's WSGI or ASGI application."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from inspect import Parameter
from pathlib import Path
from typing import Any

from qprof.domain.errors import MeasureError, QprofError
from qprof.domain.registry import load
from qprof.domain.trace import Scalar
from qprof.targets.code.calls import TargetCall
from qprof.targets.code.entering import entered
from qprof.targets.code.source import Source
from qprof.targets.web import (
    Client,
    WebAnswer,
    WebRequest,
    Written,
    answer_asgi,
    answer_wsgi,
    check_answer,
    is_application,
    is_asgi,
    is_factory,
    is_request,
    lifespan,
    made_by,
    makes_application,
    masked_parts,
    masked_query,
    notes_on,
    read_request,
    read_requests,
    routes_of,
    secrets_of,
    takes,
)

_ASKED_WITH = (2, 3)
"""How many arguments an application of WSGI takes, and one of ASGI."""


@dataclass(frozen=True)
class Login:
    """How a user is signed in, once for all requests: by a request, or by a function."""

    request: Written | None = None
    function: Callable[[], Any] | None = None


@dataclass(frozen=True)
class Requests:
    """What is asked of an application, and as whom."""

    names: tuple[str, ...] = ()
    """Of calls; those that are requests count."""
    file: str | None = None
    """A file of requests."""
    login: Login | None = None


@dataclass(frozen=True, kw_only=True)
class RequestCall(TargetCall):
    """A request; its session is the application's own."""

    application: Callable[..., Any]
    written: Written
    login: Login | None = None

    @property
    def reader(self) -> str:
        """The application itself: nobody sees more than its response."""
        return "request"

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """The parameters of its path."""
        return {name: Parameter(name, Parameter.KEYWORD_ONLY) for name in self.written.parameters}

    @property
    def takes_any(self) -> bool:
        """Whatever its path has no place for belongs to its query."""
        return True

    @property
    def shown(self) -> Mapping[str, Scalar]:
        """The arguments in force, without secrets."""
        hidden = masked_parts(self.arguments)
        return {
            name: each if isinstance(each, (str, int, float)) else json.dumps(each, default=str)
            for name, each in hidden.items()
        }

    @property
    def supplied(self) -> bool:
        """It needs nothing of qprof's."""
        return True

    def _run(
        self, source: Source, stack: ExitStack, notes: list[str]
    ) -> tuple[Callable[[], Any], list[Any]]:
        self.steps.prepared(None, stack, source)
        with source.guard.relaxed():
            ask = _asking(self.application, source)
            client = source.kept(
                ("client", id(self.application)), lambda: self._client(source, ask)
            )
            request = source.kept(
                ("request", id(self.written)), lambda: client.request(self.written, self.arguments)
            )
        source.secrets.update(client.secrets, secrets_of(self.arguments))

        def run() -> bytes:
            answer = ask(request)
            with _without_secrets(source):
                check_answer(request, answer)
            notes[:] = notes_on(request, answer)
            return answer.body

        return run, []

    def _client(self, source: Source, ask: Callable[[WebRequest], WebAnswer]) -> Client:
        """Return a client that is signed in, where it is said as whom."""
        client = Client(ask)
        if self.login is None:
            return client
        if self.login.request is not None:
            source.secrets.update(secrets_of(self.login.request.parts))
            with _without_secrets(source):
                client.log_in(self.login.request)
        if self.login.function is not None:
            client.carry(entered(self.login.function(), ExitStack(), source.loop))
        return client


@contextmanager
def _without_secrets(source: Source) -> Iterator[None]:
    """Take what must not be shown out of a sentence on an answer."""
    try:
        yield
    except MeasureError as error:
        raise MeasureError(source.redacted(str(error))) from None


def _asking(application: Callable[..., Any], source: Source) -> Callable[[WebRequest], WebAnswer]:
    """Return what asks an application, which is started first if it has a lifespan."""
    if not is_asgi(application):
        return lambda request: answer_wsgi(application, request)
    state = source.kept(("lifespan", id(application)), lambda: lifespan(application))
    return lambda request: source.loop.run(answer_asgi(application, request, state))


def load_login(text: str | None) -> Login | None:
    """Return the login that is named: a request, or a function as MODULE:ATTR.

    Raises QprofError where it is neither.
    """
    if text is None:
        return None
    if is_request(text):
        return Login(request=read_request(text))
    found = load(text)
    if not callable(found) or not takes(found, 0):
        raise QprofError(
            f"--login {text} is a {type(found).__name__}; name a request, such as 'POST /login "
            "--form user=a --form password=b', or a function without arguments that gives a token, "
            "or headers."
        )
    return Login(function=found)


def find_requests(
    attribute: object, reference: str, requests: Requests
) -> dict[str, TargetCall] | None:
    """Return what is asked, as calls of the application at `reference`.

    None where nothing is, nor meant. Raises QprofError where one is without the other.
    """
    asked = {name: read_request(name) for name in requests.names if is_request(name)}
    if requests.file is not None:
        asked = {**read_requests(Path(requests.file)), **asked}
    if not asked:
        if is_application(attribute):
            raise QprofError(_unasked(attribute, reference))
        return None
    application = application_of(attribute, reference, next(iter(asked)))
    return {
        name: RequestCall(
            written.name if name in requests.names else masked_query(name),
            None,
            application=application,
            written=written,
            login=requests.login,
        )
        for name, written in asked.items()
    }


def application_of(attribute: object, reference: str, asked: str) -> Callable[..., Any]:
    """Return the application, or what a function makes that needs no arguments for it.

    Raises QprofError where it is neither.
    """
    if callable(attribute) and not isinstance(attribute, type):
        found: object = _made(attribute, reference) if is_factory(attribute) else attribute
        if callable(found) and takes(found, *_ASKED_WITH):
            application: Callable[..., object] = found
            return application
    raise QprofError(
        f"{asked!r} is a request, and {reference} is no WSGI or ASGI application, nor a function "
        "that makes one without arguments. Name the application that answers it, for example "
        "--target myapp.main:app."
    )


def application_in(attribute: object, reference: str) -> Callable[..., Any] | None:
    """Return the application that `attribute` is, or makes; None where it is something else.

    Raises QprofError where a factory raises.
    """
    if is_application(attribute) or makes_application(attribute):
        return application_of(attribute, reference, "GET /")
    return None


def _made(factory: Callable[[], Any], reference: str) -> Any:
    try:
        return made_by(factory)
    except Exception as error:
        said = f"{type(error).__name__}: {error}".strip(": ").splitlines()[0]
        raise QprofError(
            f"{reference} was called to make the application, and raised {said.rstrip('.')}. Name "
            "an application, or a function that makes one without arguments."
        ) from error


def _unasked(application: Any, reference: str) -> str:
    kind = "an ASGI" if is_asgi(application) else "a WSGI"
    known = [each.where for each in routes_of(application) if each.method == "GET"]
    example = known[0] if known else "GET /"
    answers = f" It answers: {', '.join(known)}." if known else ""
    return (
        f"{reference} is {kind} application. Name the request to run, for example "
        f"qprof profile '{example}' --target {reference}.{answers}"
    )
