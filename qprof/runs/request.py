"""What a user asked for: which calls, of which target, on which database, judged by what."""

import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy
from sqlalchemy import Engine

import qprof
from qprof.config import Config, Thresholds
from qprof.database import open_database, shown_url
from qprof.detectors import DETECTORS, Detector
from qprof.errors import QprofError
from qprof.library.provenance import read_provenance
from qprof.registry import unknown
from qprof.runs.sample import Tell, sample_library
from qprof.target import TargetCall, choose, load_target
from qprof.trace import Environment, Library

BUILT_IN = "qprof.library.repositories:Repositories"
"""The target where none is given; it is loaded like any user's."""


@dataclass(frozen=True)
class Request:
    """One invocation, whichever door it came through."""

    calls: Sequence[str] = ()
    target: str | None = None
    database: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    rules: Sequence[Detector] = DETECTORS
    thresholds: Thresholds = field(default_factory=Thresholds)
    call_arguments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Arguments by call, from the configuration."""


def choose_rules(select: Sequence[str], ignore: Sequence[str]) -> tuple[Detector, ...]:
    """Return the rules whose id or name is selected (all where none is) and not ignored.

    Raises QprofError for one that does not exist.
    """
    known = {key for rule in DETECTORS for key in (rule.id, rule.name)}
    for name in (*select, *ignore):
        if name not in known:
            raise unknown("rule", name, known)
    chosen = [rule for rule in DETECTORS if not select or {rule.id, rule.name} & set(select)]
    return tuple(rule for rule in chosen if not {rule.id, rule.name} & set(ignore))


def from_config(config: Config, **given: Any) -> Request:
    """Return the request that `given` (None where not said) makes on top of `config`."""
    return Request(
        calls=given.get("calls") or (),
        target=given.get("target") or config.target,
        database=given.get("database") or config.database,
        arguments=given.get("arguments") or {},
        rules=choose_rules(
            given.get("select") or config.select, given.get("ignore") or config.ignore
        ),
        thresholds=config.thresholds,
        call_arguments=config.calls,
    )


@contextmanager
def opened(request: Request, tell: Tell) -> Iterator[tuple[Engine, Environment]]:
    """Yield the database of `request`, read-only; the sample library where none is named."""
    if request.database is None and request.target is not None:
        raise QprofError(
            f"Which database is {request.target} to be run on? Add --database URL, for example "
            "--database sqlite:///app.db; it is only read."
        )
    url = request.database or sample_library(tell)
    with open_database(url) as engine:
        yield engine, _environment(engine)


def _environment(engine: Engine) -> Environment:
    found = read_provenance(engine)
    return Environment(
        qprof=qprof.__version__,
        python=platform.python_version(),
        sqlalchemy=sqlalchemy.__version__,
        dialect=engine.dialect.name,
        driver=engine.dialect.driver,
        database=shown_url(engine.url),
        library=Library(found.recipe, found.scale, found.seed) if found else None,
    )


def chosen_calls(request: Request, tell: Tell) -> list[TargetCall]:
    """Return the calls to run, with their arguments.

    A call that is named and lacks an argument is an error; of "all calls" it is left out, and
    that is told.
    """
    found = load_target(request.target or BUILT_IN)
    for name in request.call_arguments:
        if name not in found:
            raise unknown("call", name, found, "in the configuration")
    if request.arguments and len(request.calls) != 1:
        raise QprofError("--arg belongs to one call; name that call, too.")
    calls = [_with_arguments(call, request) for call in choose(found, list(request.calls))]
    for call in calls:
        if call.missing and request.calls:
            raise QprofError(_lacks(call))
        if call.missing:
            tell(f"Left out: {_lacks(call)}")
    return [call for call in calls if not call.missing]


def _with_arguments(call: TargetCall, request: Request) -> TargetCall:
    given = {**request.call_arguments.get(call.name, {}), **request.arguments}
    for name in given:
        if name not in call.parameters:
            raise unknown("argument", name, call.parameters, f"of {call.name}")
    return replace(call, arguments=given)


def _lacks(call: TargetCall) -> str:
    return (
        f"{call.name} needs {', '.join(call.missing)}. Say it with "
        f'--arg {call.missing[0]}=VALUE, or in [tool.qprof.calls."{call.name}"].'
    )
