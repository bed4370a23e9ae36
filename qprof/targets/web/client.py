"""A client of an application: what a login left is carried on, and a form's token is fetched."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from qprof.domain.errors import MeasureError, QprofError
from qprof.targets.web.answers import WebAnswer, asks_password, check_answer
from qprof.targets.web.secrets import secrets_of
from qprof.targets.web.web_request import (
    WebRequest,
    Written,
    checked,
    expanded,
    made_request,
    merged,
)

Ask = Callable[[WebRequest], WebAnswer]

_TOKENS = (
    "access_token",
    "accesstoken",
    "token",
    "jwt",
    "id_token",
    "idtoken",
    "key",
    "auth_token",
)
"""What a token is called in a login's answer; in the order of preference."""
_DEEPEST = 3
_CSRF = re.compile("csrf|xsrf", re.IGNORECASE)
_CSRF_HEADERS = ("X-CSRFToken", "X-CSRF-Token", "X-XSRF-TOKEN")
"""What frameworks read the token from that a cookie holds."""
_SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass
class Client:
    """Sends requests as a browser or a script does, one after the other."""

    ask: Ask
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    """What no output may show."""

    def log_in(self, written: Written) -> None:
        """Send the login, and keep the cookies and the token of its answer.

        Raises MeasureError where it is refused, or gives neither.
        """
        request = self.request(written, {})
        answer = self._asked(request)
        _check_login(request, answer)
        token = next(_tokens(_json(answer)), None)
        if token is None and not self.cookies:
            raise MeasureError(
                f"The login {request.text} gave neither a cookie nor a token, so that nobody is "
                "signed in. Name a function with --login MODULE:ATTR."
            )
        if token is not None:
            self.carry({"Authorization": f"Bearer {token}"})

    def carry(self, given: Any) -> None:
        """Keep what a login function gave: a token, or headers, or `headers` and `cookies`.

        Raises QprofError for anything else.
        """
        if isinstance(given, str):
            given = {"Authorization": f"Bearer {given}"}
        if not isinstance(given, Mapping):
            raise QprofError(
                f"--login gave a {type(given).__name__}; return a token, or a mapping of headers, "
                "or one with headers and cookies."
            )
        both = given.keys() <= {"headers", "cookies"}
        self.headers.update(given.get("headers", {}) if both else given)
        self.cookies.update(given.get("cookies", {}) if both else {})
        self.secrets.update(
            secrets_of([*self.headers.values(), *self.cookies.values()], every=True)
        )

    def request(self, written: Written, arguments: Mapping[str, Any]) -> WebRequest:
        """Return a request that carries what is kept, with the token that its form needs.

        Raises what `made_request` raises.
        """
        parts = merged(
            merged({"headers": self.headers, "cookies": self.cookies}, written.parts), arguments
        )
        self.secrets.update(secrets_of(expanded(parts)))
        plain = made_request(Written(written.where, parts), arguments)
        method, _ = checked(written.where)
        if method not in _SAFE and not any(_CSRF.search(name) for name in parts.get("form", {})):
            if "form" in parts or "files" in parts:
                parts = merged(self._fields(plain), parts)
            parts = merged(parts, {"cookies": self.cookies, "headers": self._csrf_headers()})
        made = made_request(Written(written.where, parts), {**arguments, **parts})
        return replace(made, text=written.name)

    def _fields(self, request: WebRequest) -> dict[str, Any]:
        """Return the hidden fields of the form that is sent to where `request` goes."""
        kept = tuple(each for each in request.headers if each[0].lower() in ("cookie", "host"))
        form = _Form(request.raw_path)
        for path in (request.raw_path, "/"):
            asked = replace(request, method="GET", headers=kept, body=b"")
            page = self._asked(replace(asked, raw_path=path, path=unquote_to_bytes(path)))
            if page.status < 300 and page.is_page and not form.hidden:
                form.feed(page.body.decode("utf-8", "replace"))
            if form.hidden:
                break
        self.secrets.update(secrets_of(form.hidden, every=True))
        return {"form": form.hidden}

    def _csrf_headers(self) -> dict[str, str]:
        tokens = [value for name, value in self.cookies.items() if _CSRF.search(name)]
        return dict.fromkeys(_CSRF_HEADERS, tokens[0]) if tokens else {}

    def _asked(self, request: WebRequest) -> WebAnswer:
        answer = self.ask(request)
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                self._keep(value)
        return answer

    def _keep(self, header: str) -> None:
        try:
            found = SimpleCookie(header)
        except CookieError:
            return
        for name, each in found.items():
            if each.value and each["max-age"] != "0":
                self.cookies[name] = each.coded_value
                self.secrets.update(secrets_of(each.value, every=True))
            else:
                self.cookies.pop(name, None)


def _check_login(request: WebRequest, answer: WebAnswer) -> None:
    try:
        check_answer(replace(request, method="POST"), answer)
    except MeasureError as error:
        raise MeasureError(f"The login failed. {error}") from None
    if asks_password(answer):
        raise MeasureError(
            f"The login {request.text} was answered with a page that asks for a password again. "
            "Look at the names of its fields, the user and the password."
        )


def _json(answer: WebAnswer) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError:
        return None


def _tokens(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield the tokens in a login's answer: that of the likeliest name, and the topmost, first."""
    if isinstance(value, str) and depth == 0:
        yield value  # A token, and nothing else.
    if not isinstance(value, dict) or depth > _DEEPEST:
        return
    known = {str(name).lower().replace("-", "_"): each for name, each in value.items()}
    yield from (known[name] for name in _TOKENS if isinstance(known.get(name), str))
    for each in value.values():
        if isinstance(each, dict):
            yield from _tokens(each, depth + 1)


class _Form(HTMLParser):
    """Finds the hidden fields of the form that posts to a path."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        self._inside = False
        self.hidden: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Read a form's beginning, and its hidden fields."""
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urlsplit(found.get("action", "")).path
            posts = found.get("method", "get").lower() == "post"
            self._inside = posts and action in ("", ".", "#", self._path)
        elif tag == "input" and self._inside and found.get("type", "").lower() == "hidden":
            self.hidden[found.get("name", "")] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """Read a form's end."""
        self._inside = self._inside and tag != "form"
