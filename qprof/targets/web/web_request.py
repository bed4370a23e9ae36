"""A request as a client sends it, from a text such as "POST /orders --json '{…}'"."""

import json
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlencode, urlsplit

from qprof.domain.errors import QprofError
from qprof.domain.registry import nearest, unknown
from qprof.targets.web.bodies import multipart
from qprof.targets.web.secrets import masked, masked_parts, masked_query, named_in

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
HOST = "localhost"
PARTS = ("json", "form", "files", "body", "headers", "cookies")
"""What a request has beside its method and its path; all other arguments stand in its path."""
_BODIES = PARTS[:4]
_OPTIONS = {"--header": "headers", "--cookie": "cookies", "--form": "form", "--file": "files"}
_WHOLE = {"--json": "json", "--body": "body"}
_LOOKS = re.compile(r"\S+ /|[A-Z]+ \S")
_BRACKETS = re.compile(r"\{([^{}]*)\}|<([^<>]*)>")
_CONVERTER = re.compile(r"(int|str|string|float|path|uuid|any|default|alpha|slug|decimal)(\(.*\))?")
_VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class WebRequest:
    """A request, ready to be sent."""

    text: str
    """As it is shown: without secrets."""
    method: str
    path: bytes
    """Decoded, as both WSGI and ASGI have it."""
    raw_path: str
    query: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    scheme: str = "http"
    host: str = HOST

    def header(self, name: str) -> str:
        """Return a header's value; "" where it is not sent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


@dataclass(frozen=True)
class Written:
    """A request as its user writes it."""

    where: str
    """Its method and its path, which may have parameters in brackets."""
    parts: Mapping[str, Any] = field(default_factory=dict)
    """By the names of `PARTS`."""

    @property
    def name(self) -> str:
        """The text that it is known by: without secrets."""
        return " ".join([masked_query(self.where), *_options(masked_parts(self.parts))])

    @property
    def portable(self) -> str:
        """The text for a file that others read: secrets come from the environment."""
        return " ".join([masked_query(self.where), *_options(named_in(self.parts))])

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters of its path."""
        return parameters_of(self.where)


def is_request(text: str) -> bool:
    """Return whether the name of a call is meant as a request."""
    return _LOOKS.match(text) is not None


def read_request(text: str) -> Written:
    """Return the request that `text` writes. Raises QprofError, with what to type, for another."""
    where, dashes, rest = text.partition(" --")
    checked(where)
    return Written(where, read_options(_words(f"--{rest}", text)) if dashes else {})


def parse_request(text: str) -> WebRequest:
    """Return the request that `text` writes. Raises QprofError, with what to type, for another."""
    return made_request(read_request(text), {})


def _words(rest: str, text: str) -> list[str]:
    try:
        return shlex.split(rest)
    except ValueError as error:
        raise QprofError(f"{text!r} cannot be read: {error}. Look at its quotes.") from None


def read_options(words: list[str]) -> dict[str, Any]:
    """Return the parts that words such as `--header 'X-Tenant: 7'` write.

    Raises QprofError for a word that is none of these options, or has no value.
    """
    parts: dict[str, Any] = {}
    left = list(words)
    while left:
        option, equals, value = left.pop(0).partition("=")
        if option not in {*_OPTIONS, *_WHOLE}:
            raise unknown("part of a request", option, [*_WHOLE, *_OPTIONS])
        if not equals:
            if not left:
                raise QprofError(f"{option} has no value.")
            value = left.pop(0)
        add_option(parts, option, value)
    return parts


def add_option(parts: dict[str, Any], option: str, value: str) -> None:
    """Add to `parts` what an option says, such as `--form name=value`.

    Raises QprofError for a value of another form.
    """
    if option == "--json":
        parts["json"] = _json(value)
    elif option == "--body":
        parts["body"] = value
    else:
        mark = ":" if option == "--header" else "="
        name, found, rest = value.partition(mark)
        if not found or not name.strip():
            raise QprofError(f"{option} {masked(value)!r} is not of the form NAME{mark} VALUE.")
        parts.setdefault(_OPTIONS[option], {})[name.strip()] = rest.strip()


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise QprofError(f"--json is no JSON: {error}. Put names and texts in quotes.") from None


def checked(where: str) -> tuple[str, str]:
    """Return the method and the path. Raises QprofError, with what to type, for another text."""
    method, _, path = where.partition(" ")
    if method not in METHODS:
        close = nearest(method, METHODS)
        raise QprofError(
            f"{where!r} starts with {method!r}, which is no method that qprof sends.{close} "
            f"Known: {', '.join(METHODS)}."
        )
    if not path.startswith(("/", "http://", "https://")):
        raise QprofError(
            f"{where!r} is no request: the path starts with /. Write '{method} /{path.strip()}'."
        )
    if any(each.isspace() for each in path):
        raise QprofError(f"{where!r} has a blank in its path; write %20 for it.")
    return method, path


def parameters_of(where: str) -> tuple[str, ...]:
    """Return the names of what stands in brackets in a path, in whichever framework's way."""
    path = where.partition("?")[0]
    return tuple(_parameter(*each.groups("")) for each in _BRACKETS.finditer(path))


def _parameter(braces: str, angles: str) -> str:
    """Return the name in `{name:int}` and in `<int:name>`; Sanic and Bottle write `<name:int>`."""
    name, _, rest = (braces or angles).partition(":")
    if angles and rest and _CONVERTER.fullmatch(name):
        name = rest
    return name.strip()


def made_request(written: Written, arguments: Mapping[str, Any]) -> WebRequest:
    """Return a request with the `arguments` in place: its parts, its path's, and of its query.

    Raises QprofError for a part that is of another kind, or one that cannot stand beside another.
    """
    method, path = checked(written.where)
    parts = merged(written.parts, {name: arguments[name] for name in PARTS if name in arguments})
    rest = {name: _text(each) for name, each in arguments.items() if name not in PARTS}
    path = _BRACKETS.sub(lambda found: _filled(found, rest), path.partition("#")[0])
    further = {name: each for name, each in rest.items() if name not in written.parameters}
    there = urlsplit(path)
    raw = quote(there.path or "/", safe="/%:@!$&'()*+,;=~")
    query = "&".join(filter(None, [there.query, urlencode(further)]))
    query = quote(query, safe="/?%:@!$&'()*+,;=~[]")
    headers, body = _sent(parts)
    return WebRequest(
        written.name,
        method,
        unquote_to_bytes(raw),
        raw,
        query,
        headers,
        body,
        there.scheme or "http",
        there.netloc or HOST,
    )


def _filled(found: "re.Match[str]", values: Mapping[str, str]) -> str:
    name = _parameter(*found.groups(""))
    keeps = "/" if "path" in found[0] or "*" in found[0] else ""
    return quote(values[name], safe=keeps) if name in values else found[0]


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of both; those of `second` win, header by header."""
    mixed = dict(first)
    for name, each in second.items():
        both = isinstance(each, Mapping) and isinstance(mixed.get(name), Mapping)
        mixed[name] = {**mixed[name], **each} if both and name != "json" else each
    return mixed


def _sent(parts: Mapping[str, Any]) -> tuple[tuple[tuple[str, str], ...], bytes]:
    for name in ("form", "files", "headers", "cookies"):
        if not isinstance(parts.get(name, {}), Mapping):
            raise QprofError(f"{name} of a request is {masked(parts[name])!r}; write a table.")
    given = [name for name in _BODIES if name in parts]
    if len(given) > 1 and set(given) != {"form", "files"}:
        raise QprofError(f"A request has one body; leave out {' or '.join(given)}.")
    parts = expanded(parts)
    kind, body = _body(parts)
    headers = {name: _text(each) for name, each in parts.get("headers", {}).items()}
    known = {name.lower() for name in headers}
    if kind and "content-type" not in known:
        headers["Content-Type"] = kind
    cookies = [f"{name}={_text(each)}" for name, each in parts.get("cookies", {}).items()]
    if cookies:
        own = [value for name, value in headers.items() if name.lower() == "cookie"]
        headers = {name: each for name, each in headers.items() if name.lower() != "cookie"}
        headers["Cookie"] = "; ".join([*own, *cookies])
    return tuple(headers.items()), body


def _body(parts: Mapping[str, Any]) -> tuple[str, bytes]:
    if "json" in parts:
        return "application/json", json.dumps(parts["json"]).encode()
    if "files" in parts:
        return multipart(parts.get("form", {}), parts["files"])
    if "form" in parts:
        pairs = [(name, each) for name, value in parts["form"].items() for each in _each(value)]
        return "application/x-www-form-urlencoded", urlencode(pairs).encode()
    body = parts.get("body", b"")
    return "", body if isinstance(body, bytes) else str(body).encode()


def _each(value: Any) -> list[str]:
    return [_text(each) for each in (value if isinstance(value, list) else [value])]


def expanded(value: Any) -> Any:
    """Return `value` with `${NAME}` replaced by what the environment has for it.

    Raises QprofError where it has nothing.
    """
    if isinstance(value, str):
        return _VARIABLE.sub(_variable, value)
    if isinstance(value, Mapping):
        return {name: expanded(each) for name, each in value.items()}
    return [expanded(each) for each in value] if isinstance(value, list) else value


def _variable(found: "re.Match[str]") -> str:
    if found[1] not in os.environ:
        raise QprofError(f"The environment has no {found[1]}, which a request asks for.")
    return os.environ[found[1]]


def _options(parts: Mapping[str, Any]) -> Iterator[str]:
    """Yield the parts as they are typed."""
    if "json" in parts:
        yield f"--json {shlex.quote(json.dumps(parts['json'], ensure_ascii=False))}"
    if "body" in parts:
        yield f"--body {shlex.quote(str(parts['body']))}"
    for option, name in _OPTIONS.items():
        mark = ": " if option == "--header" else "="
        for key, value in parts.get(name, {}).items():
            yield f"{option} {shlex.quote(f'{key}{mark}{value}')}"
