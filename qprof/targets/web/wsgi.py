"""A WSGI application, asked as PEP 3333 has it."""

import io
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from qprof.domain.errors import MeasureError
from qprof.targets.web.web_request import HOST, WebRequest, check_response

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass
class _WsgiAnswer:
    status: int = 0
    location: str = ""
    body: list[bytes] = field(default_factory=list)

    def start(
        self, status: str, headers: Iterable[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        """Take the status line, as `start_response`."""
        if exc_info is not None and any(self.body):
            raise exc_info[1]
        self.status = int(status.split(" ", 1)[0])
        self.location = {name.lower(): value for name, value in headers}.get("location", "")
        return self.body.append


class _Logged(logging.Handler):
    """Keeps the exception that a framework logs where it turns one into a page."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.error: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the exception of `record`."""
        if record.exc_info:
            self.error = record.exc_info[1]


@contextmanager
def _logged() -> Iterator[_Logged]:
    handler, root = _Logged(), logging.getLogger()
    root.addHandler(handler)
    try:
        yield handler
    finally:
        root.removeHandler(handler)


def ask_wsgi(application: Application, request: WebRequest) -> bytes:
    """Run `request` to the end of its response and return the body.

    Raises MeasureError where the answer is an error, and what the application raises, also where
    its framework made a page of it.
    """
    answer, errors = _WsgiAnswer(), io.StringIO()
    with _logged() as logged:
        _run(application(_environ(request, errors), answer.start), answer)
    if not answer.status:
        raise MeasureError(f"{request.text} got no response: the application never started one.")
    if answer.status >= 500 and logged.error is not None:
        raise logged.error
    sys.stderr.write(errors.getvalue())
    body = b"".join(answer.body)
    check_response(request, answer.status, answer.location, body)
    return body


def _run(parts: Iterable[bytes], answer: _WsgiAnswer) -> None:
    try:
        answer.body.extend(parts)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()


def _environ(request: WebRequest, errors: io.StringIO) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.decode("latin-1"),
        "QUERY_STRING": request.query,
        "REQUEST_URI": f"{request.raw_path}?{request.query}".rstrip("?"),
        "CONTENT_LENGTH": "0",
        "SERVER_NAME": HOST,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": HOST,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": errors,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
