"""What of a request is a secret, which no output shows."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

HIDDEN = "***"
_SECRET = re.compile(
    r"(^|[-_.\[])(pass|pwd|pin|otp|jwt|auth|authorization|bearer|cookie|cookies|credentials?|csrf|xsrf"
    r"|signature|sig|session|sessionid|sid|key)($|[-_.\]])|pass(word|wd|phrase|code)|secret|token"
    r"|api-?_?key|authorization|csrf|cookie",
    re.IGNORECASE,
)
_SHORTEST = 4
"""Characters from which on a secret is looked for in a text: a shorter one is any word."""
_IN_QUERY = re.compile(r"(?<=[?&])([^=&#]+)=([^&#]*)")


def is_secret(name: str) -> bool:
    """Return whether what goes by this name is one: a password, a token, a cookie."""
    return _SECRET.search(name) is not None


def masked(value: Any) -> Any:
    """Return `value` with each secret in its tables replaced."""
    if isinstance(value, Mapping):
        return {
            name: HIDDEN if is_secret(str(name)) else masked(each) for name, each in value.items()
        }
    if isinstance(value, list):
        return [masked(each) for each in value]
    return masked_query(value) if isinstance(value, str) else value


def masked_parts(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a request with each secret replaced; a cookie is always one."""
    shown = {name: masked(each) for name, each in parts.items() if name not in ("body", "cookies")}
    if "body" in parts:
        shown["body"] = HIDDEN
    if isinstance(parts.get("cookies"), Mapping):
        shown["cookies"] = dict.fromkeys(parts["cookies"], HIDDEN)
    return {
        name: HIDDEN if is_secret(name) and name != "cookies" else shown[name] for name in shown
    }


def named_in(value: Any, name: str = "") -> Any:
    """Return `value` with `${NAME}` in the place of each secret, to be set in the environment."""
    if isinstance(value, Mapping):
        every = name == "cookies"
        return {
            key: named_in(each, str(key) if not every else f"cookie_{key}")
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [named_in(each, name) for each in value]
    if not (name == "body" or is_secret(name)) or "${" in str(value):
        return value
    return f"${{{re.sub(r'[^A-Z0-9]+', '_', name.upper())}}}"


def masked_query(text: str) -> str:
    """Return a path with the secrets of its query replaced."""
    return _IN_QUERY.sub(
        lambda found: f"{found[1]}={HIDDEN}" if is_secret(found[1]) else found[0], text
    )


def secrets_of(parts: Any, *, every: bool = False) -> Iterator[str]:
    """Yield the secrets in the parts of a request, to be kept out of messages."""
    if isinstance(parts, Mapping):
        for name, each in parts.items():
            yield from secrets_of(each, every=every or is_secret(str(name)))
    elif isinstance(parts, list):
        for each in parts:
            yield from secrets_of(each, every=every)
    elif every and len(str(parts)) >= _SHORTEST:
        yield str(parts)
        yield from (word for word in str(parts).split() if len(word) >= 2 * _SHORTEST)
