"""A WSGI application, asked as PEP 3333 has it."""

import io
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from qprof.domain.errors import MeasureError
from qprof.targets.web.answers import WebAnswer, check_answer
from qprof.targets.web.web_request import WebRequest

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass
class _WsgiAnswer:
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: list[bytes] = field(default_factory=list)

    def start(
        self, status: str, headers: Iterable[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        """Take the status line, as `start_response`."""
        if exc_info is not None and any(self.body):
            raise exc_info[1]
        self.status = int(status.split(" ", 1)[0])
        self.headers = tuple(headers)
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
    """Return the body of the answer to `request`.

    Raises MeasureError where that is not what was asked for, and what `answer_wsgi` raises.
    """
    answer = answer_wsgi(application, request)
    check_answer(request, answer)
    return answer.body


def answer_wsgi(application: Application, request: WebRequest) -> WebAnswer:
    """Run `request` to the end of its response.

    Raises MeasureError where there is none, and what the application raises, also where its
    framework made a page of it.
    """
    got, errors = _WsgiAnswer(), io.StringIO()
    with _logged() as logged:
        _run(application(_environ(request, errors), got.start), got)
    if not got.status:
        raise MeasureError(f"{request.text} got no response: the application never started one.")
    if got.status >= 500 and logged.error is not None:
        raise logged.error
    sys.stderr.write(errors.getvalue())
    parts = [part for part in got.body if part]
    return WebAnswer(got.status, got.headers, b"".join(parts), len(parts))


def _run(parts: Iterable[bytes], answer: _WsgiAnswer) -> None:
    try:
        answer.body.extend(parts)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()


def _environ(request: WebRequest, errors: io.StringIO) -> dict[str, Any]:
    secure = request.scheme == "https"
    found = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.decode("latin-1"),
        "QUERY_STRING": request.query,
        "REQUEST_URI": f"{request.raw_path}?{request.query}".rstrip("?"),
        "CONTENT_LENGTH": str(len(request.body)),
        "SERVER_NAME": request.host.partition(":")[0],
        "SERVER_PORT": "443" if secure else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": request.host,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": errors,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        if key != "CONTENT_LENGTH":
            found[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return found
