"""A text such as "GET /artists?query=a", and what is said of a response that is no success."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote, unquote_to_bytes

from qprof.domain.errors import MeasureError, QprofError
from qprof.domain.registry import nearest

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
HOST = "localhost"
_MOVED = (301, 307, 308)
_ELSEWHERE = (*_MOVED, 302, 303)
"""What answers a request that only reads by naming another page: a login wall, say."""
_LOOKS = re.compile(r"\S+ /|[A-Z]+ \S")


@dataclass(frozen=True)
class WebRequest:
    """A request without a body."""

    text: str
    method: str
    path: bytes
    """Decoded, as both WSGI and ASGI have it."""
    raw_path: str
    query: str


def is_request(text: str) -> bool:
    """Return whether the name of a call is meant as a request."""
    return _LOOKS.match(text) is not None


def parse_request(text: str) -> WebRequest:
    """Return the request that `text` writes. Raises QprofError, with what to type, for another."""
    method, _, where = text.partition(" ")
    if method not in METHODS:
        close = nearest(method, METHODS)
        raise QprofError(
            f"{text!r} starts with {method!r}, which is no method that qprof sends.{close} "
            f"Known: {', '.join(METHODS)}."
        )
    if not where.startswith("/"):
        raise QprofError(
            f"{text!r} is no request: the path starts with /. Write '{method} /{where.strip()}'."
        )
    if any(each.isspace() for each in where):
        raise QprofError(f"{text!r} has a blank in its path; write %20 for it.")
    raw, _, query = where.partition("#")[0].partition("?")
    raw, query = quote(raw, safe="/%:@!$&'()*+,;=~"), quote(query, safe="/?%:@!$&'()*+,;=~[]")
    return WebRequest(text, method, unquote_to_bytes(raw), raw, query)


def check_response(request: WebRequest, status: int, location: str, body: bytes) -> None:
    """Raise MeasureError for a `status` from 400 on, and for one that says to ask elsewhere."""
    if status in (_ELSEWHERE if request.method in ("GET", "HEAD") else _MOVED):
        raise MeasureError(
            f"{request.text} was sent on to {location or 'nowhere'} with status {status}; "
            "name that path."
        )
    if status >= 400:
        said = first_line(body)
        why = f": {said.rstrip('.')}" if said else ""
        raise MeasureError(f"{request.text} was answered with status {_named(status)}{why}.")


def _named(status: int) -> str:
    known = {each.value: each.phrase for each in HTTPStatus}
    return f"{status} {known[status]}" if status in known else str(status)


def first_line(body: bytes) -> str:
    """Return the first line of `body` that says anything, without tags; at most 200 characters."""
    text = re.sub(r"<[^>]*>", " ", body.decode("utf-8", "replace"))
    lines = (" ".join(line.split()) for line in text.splitlines())
    return next(filter(None, lines), "")[:200]
