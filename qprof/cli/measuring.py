"""What the commands share that run calls: their options, the request, and where a report goes."""

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import replace
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from qprof.cli import options
from qprof.cli.outcome import (
    destinations,
    emit,
    exit_code,
    found_settings,
    level,
    pairs,
    teller,
    told,
)
from qprof.cli.progress_line import progress
from qprof.domain.report import Report
from qprof.reporters import Canvas
from qprof.runs.request import BUILT_IN, Request, from_config
from qprof.targets.config import Config, read_config
from qprof.targets.web import add_option

__all__ = ["Request", "Tell", "changes", "reports"]

Result = TypeVar("Result")
Command = Callable[..., None]
Tell = Callable[[str], None]
"""Takes a line about the progress."""


def _call_names(context: typer.Context, incomplete: str) -> list[str]:
    """Return the calls of the target that begin so, for a shell; a wrong target has none."""
    with suppress(Exception):
        from qprof.targets.code import load_target

        config = read_config(context.params.get("config"), Path.cwd())
        request = from_config(config, target=context.params.get("target"))
        names = load_target(request.target or BUILT_IN)
        return [each for each in names if each.startswith(incomplete)]
    return []


Calls = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="CALL",
        autocompletion=_call_names,
        help='Calls to run, or patterns such as "artists.*"; all by default.',
    ),
]
_WHAT = {
    "calls": Calls,
    "target": options.Target,
    "database": options.Database,
    "sessions": options.Sessions,
    "setup": options.Setup,
    "touch": options.Touch,
    "login": options.Login,
    "requests": options.RequestFile,
}
_OWN = {"target": options.OwnTarget, "database": options.OwnDatabase}
_SENT = {
    "form": options.Form,
    "file": options.File,
    "body": options.Body,
    "header": options.Header,
    "cookie": options.Cookie,
}
"""What a request has beside its path; the names are those that stand in a call's text."""
_ARGUMENTS = {"arg": options.Arguments, **_SENT}
_LIMITS = {"max_rows": options.MaxRows, "timeout": options.Timeout}
_HOW = {
    **_LIMITS,
    "try_indexes": options.TryIndexes,
    "bytes": options.Bytes,
    **_ARGUMENTS,
}
_REPORT = {
    "formats": options.Formats,
    "json": options.JsonOrBody,
    "sql": options.Sql,
    "output": options.Output,
    "select": options.Select,
    "ignore": options.Ignore,
    "fail_on": options.FailOn,
}
_SETTINGS = {"config": options.ConfigFile, "quiet": options.Quiet}


def reports(
    *, without: Collection[str] = (), fail_on: str | None = None, gate: bool = False
) -> Callable[[Callable[..., Report]], Command]:
    """Turn a function of a request, a progress callback and options of its own into a command.

    The command also has the shared options, but for those in `without`; it prints the report and
    exits. `fail_on` is the level of a command without that option; a `gate` says how it ended.
    """

    def decorate(measure: Callable[..., Report]) -> Command:
        def command(**values: Any) -> None:
            with told():
                values = _with_body(values)
                settings = found_settings(values["config"], teller(values["quiet"]))
                wanted = destinations(values["formats"], values["output"], json=values["json"])
                least = level(values.get("fail_on") or fail_on or settings.fail_on)
                report = _run(measure, settings, values)
                code = exit_code(report, least)
                if gate:
                    report = replace(report, gate="failed" if code else "passed")
                emit(report, wanted, shape=_shape(values), tell=teller(values["quiet"]))
                raise typer.Exit(code)

        what = {**_WHAT, **_OWN} if gate else _WHAT
        return _described(command, measure, what, {**_HOW, **_REPORT, **_SETTINGS}, without)

    return decorate


def _shape(values: Mapping[str, Any]) -> Canvas:
    """Return how much of a report is shown; calls that were named are shown, fine or not."""
    named = bool(values["calls"])
    return Canvas(
        brief=values.get("full") is False and not named,
        every=bool(values.get("every")) or named,
        sql=bool(values.get("sql")),
        formulas=bool(values.get("formulas")),
        options="every" in values,
    )


def changes(show: Callable[[Result], None]) -> Callable[[Callable[..., Result]], Command]:
    """Do the same for a function that returns no report; `show` prints what it returns."""

    def decorate(change: Callable[..., Result]) -> Command:
        def command(**values: Any) -> None:
            with told():
                settings = found_settings(values["config"], teller(values["quiet"]))
                show(_run(change, settings, values))

        return _described(command, change, {**_WHAT, **_OWN}, {**_ARGUMENTS, **_SETTINGS})

    return decorate


def _run(measure: Callable[..., Result], settings: Config, values: dict[str, Any]) -> Result:
    arguments = pairs(values["arg"], "--arg")
    request = from_config(settings, arguments=arguments, sent=_sent(values), **values)
    own = {each.name: values[each.name] for each in _own(measure)}
    # What the user's code prints is no part of the report.
    name, quiet = measure.__name__, values["quiet"]
    line = progress(name, quiet=quiet, own=name in _OWN_PROGRESS)
    with redirect_stdout(sys.stderr), line as tell:
        return measure(request, tell, **own)


_OWN_PROGRESS = ("bench",)
"""What shows by itself how far it is: by the size of what it seeds."""


def _with_body(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with the JSON that follows --json as a body: no call's name begins so."""
    calls = values.get("calls") or ()
    bodies = [each for each in calls if each.startswith(("{", "["))]
    if not values["json"] or not bodies:
        return values
    rest = [each for each in calls if each not in bodies]
    return {**values, "calls": rest, "json": False, "sent_json": bodies[-1]}


def _sent(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a request that were typed. Raises QprofError for one of another form."""
    parts: dict[str, Any] = {}
    if "sent_json" in values:
        add_option(parts, "--json", values["sent_json"])
    for name in _SENT:
        given = values.get(name)
        for each in [given] if isinstance(given, str) else given or ():
            add_option(parts, f"--{name}", each)
    return parts


def _own(measure: Callable[..., object]) -> Sequence[Parameter]:
    """Return the parameters after the request and the progress callback.

    One of a shared option's name stands for that option, whose value the function wants to know.
    """
    return tuple(signature(measure).parameters.values())[2:]


def _options(kinds: Mapping[str, Any], without: Collection[str] = ()) -> Iterator[Parameter]:
    for name, kind in kinds.items():
        if name not in without:
            default = False if name in ("quiet", "json", "bytes", "sql") else None
            yield Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def _described(
    command: Command,
    function: Callable[..., object],
    what: Mapping[str, object],
    shared: Mapping[str, object],
    without: Collection[str] = (),
) -> Command:
    """Give `command` the name, the docstring and the parameters from which Typer makes its help."""
    first, last = _options(what, without), _options(shared, without)
    own = [each for each in _own(function) if each.name not in shared]
    parameters = [each.replace(kind=Parameter.KEYWORD_ONLY) for each in (*first, *own, *last)]
    command.__name__, command.__doc__ = function.__name__, function.__doc__
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    command.__dict__["__signature__"] = Signature(parameters)
    return command
