"""Requests in a file that people have already: .http, HAR, curl commands, an OpenAPI document."""

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from qprof.domain.errors import QprofError
from qprof.targets.web.routes import documented
from qprof.targets.web.web_request import METHODS, Written, made_request

_LINE = re.compile(rf"(?:({'|'.join(METHODS)})\s+)?(\S+)(?:\s+HTTP/[\d.]+)?\s*")
_HEADER = re.compile(r"([\w-]+)\s*:\s*(.*)")
_SETTING = re.compile(r"@([\w-]+)\s*=\s*(.*)")
_INSERT = re.compile(r"\{\{\s*([\w$-]+)\s*\}\}")
_COMMENT = ("#", "//")
_LEFT = ("host", "content-length", "connection", "accept-encoding", "if-none-match")
"""Headers that belong to a connection, or ask for no answer where nothing changed."""


def read_requests(file: Path) -> dict[str, Written]:
    """Return the requests in a file by name; those of one name are told apart by a number.

    Raises QprofError where the file cannot be read, or has no request in it.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise QprofError(f"The requests in {file} cannot be read: {error}.") from None
    found: dict[str, Written] = {}
    for written in _read(text, file):
        try:
            made_request(written, {})
        except QprofError as error:
            raise QprofError(f"{file}: {error}") from None
        name, number = written.where, 1
        while name in found:
            number += 1
            name = f"{written.where} #{number}"
        found[name] = written
    if not found:
        raise QprofError(
            f"{file} has no request in it. Name a file of .http, a HAR, curl commands, or an "
            "OpenAPI document in JSON."
        )
    return found


def _read(text: str, file: Path) -> Iterator[Written]:
    document = _json(text)
    if isinstance(document, Mapping) and "paths" in document:
        return _of_openapi(document)
    if isinstance(document, Mapping) and "log" in document:
        return _of_har(document)
    if re.match(r"\s*(\$\s+)?curl\s", text):
        return _of_curl(text)
    return _of_http(text, file)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _of_openapi(document: Mapping[str, Any]) -> Iterator[Written]:
    """Yield the operations whose parameters all have an example."""
    for route in documented(document):
        path = route.path
        for name, value in route.examples.items():
            path = path.replace(f"{{{name}}}", str(value))
        if "{" not in path:
            query = "&".join(f"{name}={value}" for name, value in route.query.items())
            yield Written(f"{route.method} {path}{'?' if query else ''}{query}", route.parts)


def _of_har(document: Mapping[str, Any]) -> Iterator[Written]:
    """Yield what a browser asked for, but for what it fetched to show the page."""
    for entry in document["log"].get("entries", ()):
        asked, kind = entry.get("request", {}), entry.get("_resourceType", "document")
        if kind not in ("document", "xhr", "fetch", "other"):
            continue
        headers = {each["name"]: each["value"] for each in asked.get("headers", ())}
        data = asked.get("postData") or {}
        parts = _with_body(_plain(headers), data.get("text", ""), data.get("mimeType", ""))
        if "params" in data and not data.get("text"):
            parts["form"] = {each["name"]: each.get("value", "") for each in data["params"]}
        yield Written(f"{asked.get('method', 'GET')} {_path(asked.get('url', '/'))}", parts)


def _plain(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in headers.items()
        if name.lower() not in _LEFT and not name.startswith(":")
    }


def _path(url: str) -> str:
    """Return the path and the query of a URL: the application is asked in this process."""
    there = urlsplit(url if url.startswith("/") or "://" in url else f"//{url}")
    return (there.path or "/") + (f"?{there.query}" if there.query else "")


def _with_body(headers: Mapping[str, str], body: str, kind: str = "") -> dict[str, Any]:
    parts: dict[str, Any] = {"headers": dict(headers)} if headers else {}
    kind = kind or next((v for k, v in headers.items() if k.lower() == "content-type"), "")
    if not body:
        return parts
    if "json" in kind and _json(body) is not None:
        parts["json"] = _json(body)
    elif "urlencoded" in kind:
        parts["form"] = dict(parse_qsl(body, keep_blank_values=True))
    else:
        parts["body"] = body
    return parts


_WITH_VALUE = (
    *(
        "-o",
        "--output",
        "-A",
        "--user-agent",
        "-e",
        "--referer",
        "-m",
        "--max-time",
        "-x",
        "--proxy",
    ),
    *("-w", "--write-out", "-c", "--cookie-jar", "-T", "-E", "--cert", "--cacert", "--key"),
    *("--connect-timeout", "--retry", "--resolve"),
)
"""Options of curl that are of no matter here, and have a value."""


def _of_curl(text: str) -> Iterator[Written]:
    """Yield the request of each curl command, as a browser copies them."""
    lines = text.replace("\\\r\n", " ").replace("\\\n", " ").replace("$'", "'")
    for line in lines.splitlines():
        words = _words(line.strip().removeprefix("$ "))
        if words[:1] == ["curl"]:
            yield _curl(words[1:])


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError as error:
        raise QprofError(f"A curl command cannot be read: {error}. Look at its quotes.") from None


def _curl(words: Iterable[str]) -> Written:
    found = _Curl()
    left = list(_apart(words))
    while left:
        word = left.pop(0)
        if word in found.takes:
            found.takes[word](left.pop(0) if left else "")
        elif word in ("-G", "--get"):
            found.gets = True
        elif word in ("-I", "--head"):
            found.method = "HEAD"
        elif word in _WITH_VALUE:
            left = left[1:]
        elif not word.startswith("-"):
            found.url = word
    return found.written()


def _apart(words: Iterable[str]) -> Iterator[str]:
    """Yield options and their values apart, however they were typed: -XPOST, --data=x."""
    for word in words:
        if re.match(r"--\w[\w-]*=", word):
            yield from word.split("=", 1)
        elif re.match(r"-[XHdFbu].", word):
            yield from (word[:2], word[2:])
        else:
            yield word


class _Curl:
    """What the options of a curl command say."""

    def __init__(self) -> None:
        self.method = self.url = ""
        self.gets = False
        self._headers: dict[str, str] = {}
        self._data: list[str] = []
        self._parts: dict[str, Any] = {}
        data = ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode")
        self.takes: dict[str, Any] = {
            **dict.fromkeys(("-X", "--request"), self._set_method),
            **dict.fromkeys(("-H", "--header"), self._add_header),
            **dict.fromkeys(data, self._data.append),
            **dict.fromkeys(("-F", "--form"), self._add_field),
            **dict.fromkeys(("-b", "--cookie"), self._add_cookies),
            **dict.fromkeys(("-u", "--user"), self._add_user),
            "--json": self._add_json,
            "--url": self._set_url,
        }

    def written(self) -> Written:
        """Return the request."""
        data, path = "&".join(self._data), _path(self.url)
        if self.gets and data:
            path, data = f"{path}{'&' if '?' in path else '?'}{data}", ""
        known = {name.lower() for name in self._headers}
        kind = "" if "content-type" in known or not data else "application/x-www-form-urlencoded"
        parts = {**_with_body(_plain(self._headers), data, kind), **self._parts}
        posts = data or "form" in parts or "files" in parts
        return Written(f"{self.method or ('POST' if posts else 'GET')} {path}", parts)

    def _set_method(self, value: str) -> None:
        self.method = value.upper()

    def _set_url(self, value: str) -> None:
        self.url = value

    def _add_header(self, value: str) -> None:
        name, _, rest = value.partition(":")
        self._headers[name.strip()] = rest.strip()

    def _add_field(self, value: str) -> None:
        name, _, rest = value.partition("=")
        is_file = rest.startswith("@")
        part = self._parts.setdefault("files" if is_file else "form", {})
        part[name] = rest.removeprefix("@").partition(";")[0] if is_file else rest

    def _add_cookies(self, value: str) -> None:
        self._headers["Cookie"] = value

    def _add_user(self, value: str) -> None:
        from base64 import b64encode

        self._headers["Authorization"] = f"Basic {b64encode(value.encode()).decode()}"

    def _add_json(self, value: str) -> None:
        self._headers["Content-Type"] = "application/json"
        self._data.append(value)


def _of_http(text: str, file: Path) -> Iterator[Written]:
    """Yield the requests of a .http or .rest file, which ### stands between."""
    settings: dict[str, str] = {}
    for block in re.split(r"^###.*$", text, flags=re.MULTILINE):
        lines = block.splitlines()
        for line in lines:
            if setting := _SETTING.fullmatch(line.strip()):
                settings[setting[1]] = _inserted(setting[2], settings, file)
        lines = [line for line in lines if not _SETTING.fullmatch(line.strip())]
        while lines and (not lines[0].strip() or lines[0].lstrip().startswith(_COMMENT)):
            lines.pop(0)
        if lines:
            yield _http([_inserted(line, settings, file) for line in lines], file)


def _inserted(line: str, settings: Mapping[str, str], file: Path) -> str:
    def value(found: "re.Match[str]") -> str:
        if found[1] not in settings:
            raise QprofError(f"{file} uses {found[0]}, and has no line @{found[1]} = … for it.")
        return settings[found[1]]

    return _INSERT.sub(value, line)


def _http(lines: list[str], file: Path) -> Written:
    asked = _LINE.fullmatch(lines.pop(0).strip())
    if asked is None or not (asked[1] or "/" in asked[2]):
        raise QprofError(f"{file} is no file of requests: write lines such as GET /artists?q=a.")
    query, headers = "", {}
    while lines and lines[0].strip():
        line = lines.pop(0).strip()
        header = _HEADER.fullmatch(line)
        if line.startswith(("?", "&")):
            query += re.sub(r"\s+HTTP/[\d.]+$", "", line)
        elif header is not None and not line.startswith(_COMMENT):
            headers[header[1]] = header[2]
    body = "\n".join(lines).strip()
    path = _path(asked[2]) + (f"&{query[1:]}" if query and "?" in asked[2] else query)
    return Written(f"{asked[1] or 'GET'} {path}", _with_body(_plain(headers), _body(body, file)))


def _body(text: str, file: Path) -> str:
    """Return a body without the script that may follow it; `< FILE` is what is in that file."""
    text = re.split(r"^\s*> ?\{%", text, maxsplit=1, flags=re.MULTILINE)[0].strip()
    named = re.fullmatch(r"<\s+(\S+)", text)
    if named is None:
        return text
    try:
        return (file.parent / named[1]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise QprofError(f"{file} names {named[1]}, which cannot be read: {error}.") from None
