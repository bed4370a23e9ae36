"""A configuration to start with: every call of a target, and what each one lacks."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import Parameter

from qprof.domain.errors import QprofError
from qprof.domain.registry import load
from qprof.runs.request import Request
from qprof.targets.code import TargetCall, example, find_calls, load_steps, shown
from qprof.targets.database import parse_url
from qprof.targets.web import is_application, is_complete, routes

_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Starter:
    """A configuration as TOML, and how many calls it lists."""

    text: str
    calls: int
    ready: int
    """The calls that can be run as they stand."""


def starter(request: Request) -> Starter:
    """Return the configuration that lists what `request`'s target offers.

    Raises QprofError where no target is named, or it leads to nothing that can be called.
    """
    if request.target is None:
        raise QprofError(
            "Which code is to be profiled? Type qprof init --target PACKAGE.MODULE:ATTRIBUTE, with "
            "a class, function, module or application of yours."
        )
    _check(request)
    attribute = load(request.target)
    if is_application(attribute):
        blocks = [_route(each) for each in routes(attribute)]
        ready = [is_complete(each) for each in routes(attribute)]
        head = _head(request, takes_sessions=False)
    else:
        calls = find_calls(attribute, request.target).values()
        blocks = [_call(each) for each in calls]
        ready = [each.supplied and not each.missing for each in calls]
        head = _head(request, takes_sessions=any(each.supplied for each in calls))
    text = "\n\n".join("\n".join(lines) for lines in (head, *blocks))
    return Starter(f"{text}\n", len(ready), sum(ready))


def _check(request: Request) -> None:
    load_steps(request.setup, request.touch)
    if request.sessions is not None:
        load(request.sessions)
    if request.database is not None:
        parse_url(request.database)


def _head(request: Request, *, takes_sessions: bool) -> Iterator[str]:
    yield "# Take the # away from a line to set it. qprof profile runs every call that has what it"
    yield "# needs, or those that it is given by name."
    yield "[tool.qprof]"
    for key in ("target", "database", "sessions", "setup", "touch"):
        value = getattr(request, key)
        if value is not None:
            yield f"{key} = {_text(value)}"
    if takes_sessions and request.database is None and request.sessions is None:
        yield '# database = "sqlite:///app.db"'
        yield '# sessions = "package.module:SessionLocal"'


def _route(text: str) -> Iterator[str]:
    ready = is_complete(text)
    yield f"# {text} {'is ready' if ready else 'needs values for what stands in brackets'}."
    yield f"{'' if ready else '# '}[tool.qprof.calls.{_text(text)}]"


def _call(call: TargetCall) -> Iterator[str]:
    yield f"# {call.name} {_state(call)}"
    off = "" if call.supplied else "# "
    if not call.supplied or call.parameters:
        yield f"{off}[tool.qprof.calls.{_text(call.name)}]"
    for parameter in call.parameters.values():
        yield f"# {_key(parameter.name)} = {_value(parameter)}"


def _state(call: TargetCall) -> str:
    lacks = f"needs {', '.join(call.missing)}" if call.missing else ""
    if call.supplied:
        return f"{lacks}." if lacks else "is ready."
    only = "takes no session, so it is run only if it is listed here"
    return f"{lacks}; it {only}." if lacks else f"{only}."


def _value(parameter: Parameter) -> str:
    """Return the default as TOML, or an example of the type; a remark where neither is known."""
    if isinstance(parameter.default, (str, int, float, bool)):
        return json.dumps(parameter.default, ensure_ascii=False)
    wanted = example(parameter.annotation)
    text = json.dumps("a" if wanted is None else wanted, ensure_ascii=False)
    if parameter.annotation in (Parameter.empty, str, int, float, bool, list):
        return text
    return f"{text}  # {shown(parameter.annotation)}".replace("\n", " ")


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(value: str) -> str:
    """Return a text as TOML has it; JSON's escapes are the same, but for one control character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
