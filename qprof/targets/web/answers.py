"""What an application answers, and what is said of an answer that is not the one asked for."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from qprof.domain.errors import MeasureError
from qprof.targets.web.web_request import WebRequest

_MOVED = (301, 307, 308)
_LOGIN = re.compile(r"log-?_?in|sign-?_?in|/auth", re.IGNORECASE)
_REFRESH = re.compile(
    rb"<meta[^>]+http-equiv=[\"']?refresh[^>]+url=[\"']?([^\"'>\s]+)", re.IGNORECASE
)
_PASSWORD = re.compile(rb"<input[^>]+type=[\"']?password", re.IGNORECASE)
_HEAD = 100_000
"""Bytes of a page in which it is looked for what sends on, or asks for a password."""
_EMPTY = (b"[]", b"{}", b"null", b'""')


@dataclass(frozen=True)
class WebAnswer:
    """A response that was read to its end."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    parts: int = 1
    """In how many parts the body came."""

    def header(self, name: str) -> str:
        """Return a header's value; "" where there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def is_page(self) -> bool:
        """Whether it says that it is HTML."""
        return "html" in self.header("content-type")


def check_answer(request: WebRequest, answer: WebAnswer) -> None:
    """Raise MeasureError for an answer that is not what was asked for.

    That is an error, a redirect of what only reads, a login page in its place, an empty page, and
    an error of GraphQL, which comes with status 200.
    """
    _check_redirect(request, answer)
    if answer.status >= 400:
        said = first_line(answer.body)
        why = f": {said.rstrip('.')}" if said else ""
        raise MeasureError(f"{request.text} was answered with status {_named(answer.status)}{why}.")
    if request.method == "GET" and not answer.body.strip():
        raise MeasureError(
            f"{request.text} was answered with an empty page (status {_named(answer.status)})."
        )
    said = _graphql_error(answer)
    if said:
        raise MeasureError(f"{request.text} was answered with an error: {said.rstrip('.')}.")


def notes_on(request: WebRequest, answer: WebAnswer) -> Iterator[str]:
    """Yield what is to be said of an answer that is measured all the same."""
    if answer.body.strip() in _EMPTY:
        yield (
            f"The answer is {answer.body.decode().strip()}: there was nothing to load, so its "
            "figures say nothing of a page with content."
        )
    if asks_password(answer):
        yield "The page asks for a password: is it the login in the place of the page?"
    if answer.parts > 1:
        yield f"The body was streamed in {answer.parts:,} parts; all that it sent is counted."


def asks_password(answer: WebAnswer) -> bool:
    """Return whether a page has a field for a password."""
    return answer.is_page and _PASSWORD.search(answer.body[:_HEAD]) is not None


def _check_redirect(request: WebRequest, answer: WebAnswer) -> None:
    location, reads = answer.header("location"), request.method in ("GET", "HEAD")
    if 300 <= answer.status < 400 and (reads or answer.status in _MOVED or _is_login(location)):
        raise MeasureError(
            f"{request.text} was sent on to {_place(location)} with status {answer.status}; "
            f"{_instead(request, location)}"
        )
    refresh = _REFRESH.search(answer.body[:_HEAD]) if answer.is_page and reads else None
    if refresh is not None:
        raise MeasureError(
            f"{request.text} was sent on to {_place(refresh[1].decode('latin-1'))} by its page; "
            "name that path."
        )


def _place(location: str) -> str:
    """Return where a redirect leads, without its query, which may hold a token."""
    return location.partition("?")[0] or "nowhere"


def _is_login(location: str) -> bool:
    return _LOGIN.search(urlsplit(location).path) is not None


def _instead(request: WebRequest, location: str) -> str:
    there = urlsplit(location)
    if _is_login(location):
        return "name a user with --login."
    if there.scheme == "https" and request.scheme == "http" and there.path == request.raw_path:
        return f"name it as '{request.method} {_place(location)}'."
    return "name that path."


def _graphql_error(answer: WebAnswer) -> str:
    """Return what a GraphQL answer without data says; "" for any other."""
    if not answer.body.lstrip().startswith(b'{"errors"') and b'"data":' not in answer.body:
        return ""
    try:
        found = json.loads(answer.body)
        errors = found.get("errors")
        said = errors[0].get("message") if errors and not found.get("data") else ""
    except (ValueError, AttributeError, LookupError, TypeError):
        return ""
    return str(said or "")[:200]


def _named(status: int) -> str:
    known = {each.value: each.phrase for each in HTTPStatus}
    return f"{status} {known[status]}" if status in known else str(status)


def first_line(body: bytes) -> str:
    """Return the first line of `body` that says anything, without tags; at most 200 characters."""
    text = re.sub(r"<[^>]*>", " ", body.decode("utf-8", "replace"))
    lines = (" ".join(line.split()) for line in text.splitlines())
    return next(filter(None, lines), "")[:200]
