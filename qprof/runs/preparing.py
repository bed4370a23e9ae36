"""From a request to calls that can be run, with arguments, and where their sessions come from."""

import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from inspect import Parameter
from typing import Any

import sqlalchemy
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

import qprof
from qprof.domain.errors import MeasureError, QprofError
from qprof.domain.limits import Limits
from qprof.domain.registry import load, unknown
from qprof.domain.trace import Environment, Library, Unmeasured
from qprof.domain.words import listed
from qprof.judge.detectors import DETECTORS, Detector
from qprof.judge.rules.thresholds import Thresholds
from qprof.measure.ending import at_signals
from qprof.measure.if_killed import watching
from qprof.runs.request import BUILT_IN, Request
from qprof.runs.seeding import Tell, sample_library
from qprof.seeding.library.provenance import Provenance, read_provenance
from qprof.targets.code import (
    RequestCall,
    Requests,
    Source,
    TargetCall,
    choose,
    example,
    fitted,
    load_login,
    load_steps,
    load_target,
    shown,
)
from qprof.targets.database import MissingFile, shown_url
from qprof.targets.web import merged


def with_arguments(call: TargetCall, request: Request) -> TargetCall:
    """Return `call` with the arguments that `request` has for it; those that were typed win.

    Raises QprofError for one that the call has no parameter for, or whose value does not fit.
    """
    known = request.call_arguments
    # A secret in its query is not part of a request's name.
    key = call.written.where if isinstance(call, RequestCall) else call.name
    given = {**known.get(call.name, known.get(key, {})), **request.arguments}
    if request.sent:
        given = merged(given, _sent(call, request))
    for name in given:
        if name not in call.parameters and not call.takes_any:
            raise unknown("argument", name, call.parameters, f"of {call.name}")
    values = {name: _fitted(call, name, each, request) for name, each in given.items()}
    return replace(call, arguments=values)


def _sent(call: TargetCall, request: Request) -> Mapping[str, Any]:
    """Return what was typed for a request. Raises QprofError where the call is none."""
    option = next(iter(request.sent))
    if not isinstance(call, RequestCall):
        raise QprofError(f"{call.name} is no request, and takes no {option}. Say it with --arg.")
    if len(request.calls) != 1 and not request.sent.keys() <= {"headers", "cookies"}:
        raise QprofError("A body belongs to one request; name that request, too.")
    return request.sent


def _fitted(call: TargetCall, name: str, value: Any, request: Request) -> Any:
    parameter = call.parameters.get(name)
    annotation = parameter.annotation if parameter else Parameter.empty
    typed = name in request.arguments and isinstance(value, str)
    try:
        return fitted(value, annotation, text=typed)
    except ValueError:
        wanted = example(annotation)
        kind = f"{name} of {call.name} is {shown(annotation)}"
        if typed:
            said = f"--arg {name}={value} does not fit: {kind}. Type --arg {name}={_text(wanted)}"
        else:
            where = f'[tool.qprof.calls."{call.name}"]'
            said = f"{name} in {where} is {value!r}: {kind}. Write {name} = {json.dumps(wanted)}"
        raise QprofError(f"{said}, for example.") from None


def _text(value: object) -> str:
    """Return a value of TOML as it is typed on a command line."""
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return value if isinstance(value, str) else json.dumps(value)


@dataclass(frozen=True)
class Prepared:
    """The calls to run and the source of what they need."""

    source: Source
    calls: list[TargetCall]
    left_out: tuple[Unmeasured, ...]
    known: tuple[str, ...]
    """The names of all calls of the target."""
    named: bool
    """Whether the calls were asked for by name."""
    try_indexes: bool = False
    """Whether missing indexes are also tried on a server."""
    limits: Limits = field(default_factory=Limits)
    thresholds: Thresholds = field(default_factory=Thresholds)
    rules: Sequence[Detector] = DETECTORS
    sizes: bool = False
    """Whether the bytes of what is fetched are counted, too."""
    seal: bool = False
    """Whether each fix is tried with raiseload("*") as well."""


@contextmanager
def prepared(request: Request, tell: Tell) -> Iterator[Prepared]:
    """Yield what `request` asks for; engines and the event loop are closed at the end.

    A call that is named and lacks an argument is an error; of "all calls" it is left out, and
    that is told. Raises QprofError for what cannot be found.
    """
    with watching(), Source() as source, at_signals(source.guard.end_statements):
        # Loaded within, so that a connection which the module opens is known.
        source.own = load(request.sessions) if request.sessions else request.own
        found = _found(request)
        calls = choose(found, list(request.calls))
        if request.code is None:
            calls = [with_arguments(call, request) for call in calls]
        out = tuple(_left_out(calls, request))
        names = {each.call for each in out}
        chosen = [call for call in calls if call.name not in names]
        tell_left_out(out if chosen else out[1:], tell)  # The error says the first.
        if not chosen:
            kind = MeasureError if calls[0].hanging else QprofError
            raise kind(f"No call was run. {out[0].reason}")
        source.use(_url(request, tell))
        _reach(source, request)
        named = any(name in found for name in request.calls)
        yield Prepared(
            source,
            chosen,
            out,
            tuple(call.name for call in found.values()),
            named,
            request.try_indexes,
            request.limits,
            request.thresholds,
            request.rules,
            request.sizes,
            request.seal,
        )


def tell_left_out(calls: Sequence[Unmeasured], tell: Tell) -> None:
    """Say of each call that was left out, rather than failed, why it was."""
    for each in calls:
        if not each.raised:
            tell(f"Left out: {each.reason}")


def _url(request: Request, tell: Tell) -> str | None:
    if request.database is None and request.target is None and request.code is None:
        tell(SAMPLE)
        return sample_library(tell)
    return request.database


SAMPLE = (
    "qprof: measuring the built-in sample library. For your own code, add --target "
    "package.module:Class."
)


def _reach(source: Source, request: Request) -> None:
    try:
        source.reached()
    except MissingFile as error:
        if request.target is not None or request.code is not None or source.url is None:
            raise
        seeded = f"qprof seed --database {shown_url(source.url)} makes a music library there."
        raise MeasureError(f"{error} {seeded}") from None


def _found(request: Request) -> dict[str, TargetCall]:
    if request.code is not None:
        return dict(request.code)
    steps = load_steps(request.setup, request.touch)
    asked = Requests(
        (*request.calls, *request.call_arguments), request.requests, load_login(request.login)
    )
    found = load_target(request.target or BUILT_IN, asked)
    for name in request.call_arguments:
        if name not in found:
            raise unknown("call", name, found, "in the configuration")
    if request.arguments and len(choose(found, list(request.calls))) != 1:
        raise QprofError("--arg belongs to one call; name that call, too.")
    return {name: replace(call, steps=steps) for name, call in found.items()}


def _left_out(calls: list[TargetCall], request: Request) -> Iterator[Unmeasured]:
    """Yield the calls that cannot be run, and those that are not run without being named."""
    named = {*request.calls, *request.call_arguments}
    if len(calls) == 1 and calls[0].owner is None:
        named.add(calls[0].name)  # The target is this function, and nothing else.
    for call in calls:
        if call.hanging or call.missing:
            if call.name in request.calls:
                raise _lacking(call)
            yield Unmeasured(call.name, lacks(call), raised=False)
        elif not call.supplied and call.name not in named:
            yield Unmeasured(call.name, _unasked(call.name), raised=False)


def _lacking(call: TargetCall) -> QprofError:
    found = MeasureError(lacks(call)) if call.hanging else QprofError(lacks(call))
    found.lacks = "" if call.hanging else f"--arg {call.missing[0]}=VALUE"
    return found


def lacks(call: TargetCall) -> str:
    """Return the sentence on what a call is missing: its arguments, or a request."""
    if call.hanging:
        return (
            f"{call.name} hangs on a request: it needs {listed(call.hanging)}. Name its "
            "application with --target, and the request that leads to it: qprof profile 'GET /…'."
        )
    return (
        f"{call.name} needs {', '.join(call.missing)}. Say it with "
        f'--arg {call.missing[0]}=VALUE, or in [tool.qprof.calls."{call.name}"].'
    )


def _unasked(name: str) -> str:
    return (
        f"{name} takes no session, so it is run only if it is named: qprof profile {name}, or "
        f'[tool.qprof.calls."{name}"].'
    )


def provenance(engine: Engine) -> Provenance | None:
    """Return how a library of qprof's was made; None for any other database."""
    try:
        return read_provenance(engine)
    except DBAPIError:
        # A table of that name is there, and may not be read.
        return None


def environment(source: Source, seen: Engine | None) -> Environment:
    """Return what the figures speak for: the database that was named, else the one that was seen.

    Raises MeasureError where there is neither.
    """
    named = source.reached()
    engine = seen or named
    if engine is None:
        raise MeasureError("No statement was seen. Does the call use a SQLAlchemy engine at all?")
    found = provenance(named) if named is not None else None
    return Environment(
        qprof=qprof.__version__,
        python=platform.python_version(),
        sqlalchemy=sqlalchemy.__version__,
        dialect=engine.dialect.name,
        driver=engine.dialect.driver,
        database=shown_url(source.url or engine.url),
        library=Library(found.recipe, found.scale, found.seed) if found else None,
    )
