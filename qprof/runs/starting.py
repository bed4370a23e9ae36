"""A configuration to start with: every call of a target, and what each one lacks."""

import gc
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from inspect import Parameter
from typing import Any

from sqlalchemy import Engine

from qprof.domain.errors import MeasureError, QprofError
from qprof.domain.limits import Limits
from qprof.domain.plans import AS_WRITTEN, named_plan
from qprof.domain.registry import load
from qprof.measure.experiments.experiment import Experiment, LimitReached
from qprof.measure.experiments.runner import Runner
from qprof.runs.preparing import lacks
from qprof.runs.profile import told
from qprof.runs.request import Request
from qprof.targets.code import (
    Identity,
    NoSession,
    RequestCall,
    Source,
    TargetCall,
    application_in,
    example,
    find_calls,
    identity_for,
    load_login,
    load_steps,
    shown,
)
from qprof.targets.database import database_here
from qprof.targets.web import WebRoute, Written, document_of, read_request, routes_of

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_TRIED = Limits(rows=100_000, seconds=5.0)
"""A call that takes more is ready all the same: `profile` has limits of its own."""
_SIGNED_OUT = re.compile(r"status (401|403)\b|--login")
_SIGNS_IN = re.compile(r"log-?_?in|sign-?_?in|token|session")


@dataclass(frozen=True)
class Starter:
    """A configuration as TOML, and how many calls it lists."""

    text: str
    calls: int
    ready: int
    """The calls that can be run as they stand."""


@dataclass(frozen=True)
class _Tried:
    """A call that was run once, or cannot be."""

    call: TargetCall
    lacking: str = ""
    """What it lacks, as a sentence; "" where it is ready."""
    sessionless: bool = False
    """Whether that is a session, of which the head of the file speaks."""
    engine: Any = None
    silent: bool = False
    """Whether it sent no statement."""
    about: str = ""
    """Where its arguments come from."""

    @property
    def runs(self) -> bool:
        """Whether `profile` runs it without being told more."""
        return not self.lacking and self.call.supplied and not self.silent


def starter(request: Request) -> Starter:
    """Return the configuration that lists what `request`'s target offers.

    What lacks nothing is run once, as `profile` runs it, except for requests that may write.
    Raises QprofError where no target is named, or it leads to nothing that can be called.
    """
    if request.target is None:
        raise QprofError(
            "No target. Type qprof init --target PACKAGE.MODULE:ATTRIBUTE, with a class, function, "
            "module or application of yours."
        )
    with Source() as source:
        source.own = load(request.sessions) if request.sessions is not None else None
        steps = load_steps(request.setup, request.touch)
        attribute = load(request.target)
        source.use(request.database)
        application = application_in(attribute, request.target)
        if application is not None:
            template = RequestCall(
                "",
                None,
                steps=steps,
                application=application,
                written=Written(""),
                login=load_login(request.login),
            )
            found = _requests(application, template, source)
            blocks = [_request_block(each) for each in found]
            head = _head(request, login=_login(application, found))
        else:
            calls = find_calls(attribute, request.target).values()
            found = [_tried(replace(call, steps=steps), source) for call in calls]
            blocks = [_call_block(each) for each in found]
            head = _head(request, takes_sessions=any(each.call.supplied for each in found))
        text = "\n\n".join("\n".join(lines) for lines in (head, *blocks))
    return Starter(f"{text}\n", len(found), sum(each.runs for each in found))


def _tried(call: TargetCall, source: Source) -> _Tried:
    """Run a call once, as `profile` does, and return what became of it."""
    if call.hanging or call.missing:
        return _Tried(call, lacks(call))
    if not call.supplied:
        return _Tried(call)
    runner = Runner(partial(call.open, source), _TRIED, asks=False)
    plan = named_plan(AS_WRITTEN, ())
    try:
        with told(call, source):
            result = runner.run(Experiment("whether it runs", plan, {}))
    except LimitReached as error:
        return _Tried(call, engine=error.engine)
    except QprofError as error:
        return _Tried(call, str(error), sessionless=isinstance(error, NoSession))
    return _Tried(call, engine=result.engine, silent=not result.executions)


def _requests(application: Any, template: RequestCall, source: Source) -> list[_Tried]:
    """Return every route of an application, as a call: those with parameters, once filled."""
    found: dict[str, _Tried] = {}
    routes = routes_of(application)
    for route in sorted(routes, key=lambda each: bool(each.parameters)):
        call = replace(template, name=route.where, written=Written(route.where))
        engines = [each.engine for each in found.values() if each.engine is not None]
        found[route.where] = _route(route, call, engines, source)
    return [found[route.where] for route in routes]


def _route(route: WebRoute, call: RequestCall, engines: Sequence[Any], source: Source) -> _Tried:
    known = Identity(route.examples)
    if not known.values.keys() >= {*route.parameters}:
        known = identity_for(route, dict.fromkeys([*engines, *_engines(source)]), source)
    arguments = {**known.values, **route.query, **route.parts}
    full = replace(call, arguments={name: _plain(each) for name, each in arguments.items()})
    if route.method != "GET":
        return _Tried(full, "It is not tried, since it may write.")
    return replace(_tried(full, source), about=known.origin)


def _engines(source: Source) -> list[Engine]:
    """Return the engines that may know of rows: that of --database, else all of the program's."""
    if source.url is not None:
        try:
            return [source.engine]
        except MeasureError:
            return []
    # A proxy may raise where it is asked for its class, and so type() is asked for.
    return [each for each in gc.get_objects() if issubclass(type(each), Engine)]


def _plain(value: Any) -> Any:
    """Return a value as TOML can have it."""
    return value if isinstance(value, (str, bool, int, float, Mapping, list)) else str(value)


def _head(
    request: Request, *, takes_sessions: bool = False, login: str | None = None
) -> Iterator[str]:
    yield "# Take the # away from a line to set it. qprof profile runs every call that has what it"
    yield "# needs, or those that it is given by name."
    yield "[tool.qprof]"
    for key in ("target", "database", "sessions", "setup", "touch"):
        value = getattr(request, key)
        if value is not None:
            yield f"{key} = {_text(value)}"
    if takes_sessions and request.database is None and request.sessions is None:
        yield "# The calls need a session. One of these gives it:"
        yield f"# database = {_text(database_here() or 'sqlite:///app.db')}"
        yield '# sessions = "package.module:SessionLocal"'
    if request.login is not None:
        signs_in = request.login
        yield f"login = {_text(read_request(signs_in).portable if ' ' in signs_in else signs_in)}"
    elif login is not None:
        yield f"# login = {_text(login)}"


def _login(application: Any, found: Sequence[_Tried]) -> str | None:
    """Return a request that signs a user in, where some route asks for one."""
    if not any(_SIGNED_OUT.search(each.lacking) for each in found):
        return None
    schemes = document_of(application).get("components", {}).get("securitySchemes", {})
    flows = [each.get("flows", {}).get("password", {}) for each in schemes.values()]
    posts = [each.call.name for each in found if each.call.name.startswith("POST ")]
    known = [f"POST /{each['tokenUrl'].lstrip('/')}" for each in flows if each.get("tokenUrl")]
    where = [*known, *filter(_SIGNS_IN.search, posts), "POST /login"][0]
    return f"{where} --form username=NAME --form 'password=${{PASSWORD}}'"


def _request_block(each: _Tried) -> Iterator[str]:
    call = each.call
    yield f"# {_one_line(_request_state(each))}"
    off = "" if each.runs else "# "
    yield f"{off}[tool.qprof.calls.{_text(call.name)}]"
    for name, value in call.arguments.items():
        yield f"{off}{_key(name)} = {_toml(value)}"
    for name in call.missing:
        yield f'# {_key(name)} = "a"'


def _request_state(each: _Tried) -> str:
    name = each.call.name
    if each.call.missing:
        return f"{name} needs {', '.join(each.call.missing)}."
    if each.lacking:
        signed_out = _SIGNED_OUT.search(each.lacking) is not None
        return f"{name} is not ready. {each.lacking}{' Set login above.' if signed_out else ''}"
    if each.silent:
        return f"{name} sends no statement, so there is nothing to measure."
    return f"{name} is ready{f', with the first of {each.about}' if each.about else ''}."


def _call_block(each: _Tried) -> Iterator[str]:
    call = each.call
    yield f"# {_one_line(f'{call.name} {_state(each)}')}"
    off = "" if call.supplied else "# "
    if not call.supplied or call.parameters:
        yield f"{off}[tool.qprof.calls.{_text(call.name)}]"
    for parameter in call.parameters.values():
        yield f"# {_key(parameter.name)} = {_value(parameter)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _state(each: _Tried) -> str:
    call = each.call
    needs = f"needs {', '.join(call.missing)}" if call.missing else ""
    if call.hanging:
        state = f"is not run by itself. {each.lacking}"
    elif not call.supplied:
        only = "takes no session, so it is run only if it is listed here"
        state = f"{needs}; it {only}." if needs else f"{only}."
    elif needs:
        state = f"{needs}."
    elif each.sessionless:
        state = "needs a session."
    elif each.lacking:
        state = f"cannot run yet. {each.lacking}"
    elif each.silent:
        state = "sends no statement, so there is nothing to measure."
    else:
        state = "is ready."
    return state


def _value(parameter: Parameter) -> str:
    """Return the default as TOML, or an example of the type; a remark where neither is known."""
    if isinstance(parameter.default, (str, int, float, bool)):
        return json.dumps(parameter.default, ensure_ascii=False)
    wanted = example(parameter.annotation)
    text = json.dumps("a" if wanted is None else wanted, ensure_ascii=False)
    if parameter.annotation in (Parameter.empty, str, int, float, bool, list):
        return text
    return f"{text}  # {shown(parameter.annotation)}".replace("\n", " ")


def _toml(value: Any) -> str:
    """Return a value of JSON in one line of TOML, which knows no null."""
    if isinstance(value, Mapping):
        pairs = [f"{_text(str(name))} = {_toml(each)}" for name, each in value.items()]
        return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    return _text("" if value is None else str(value))


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(value: str) -> str:
    """Return a text as TOML has it; JSON's escapes are the same, but for one control character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
