"""The arguments of a call, from the command line and the configuration, as its annotations ask."""

import json
from dataclasses import replace
from inspect import Parameter
from typing import Any

from qprof.domain.errors import QprofError
from qprof.domain.registry import unknown
from qprof.runs.request import Request
from qprof.targets.code import TargetCall, example, fitted, shown


def with_arguments(call: TargetCall, request: Request) -> TargetCall:
    """Return `call` with the arguments that `request` has for it; those that were typed win.

    Raises QprofError for one that the call has no parameter for, or whose value does not fit.
    """
    given = {**request.call_arguments.get(call.name, {}), **request.arguments}
    for name in given:
        if name not in call.parameters and not call.takes_any:
            raise unknown("argument", name, call.parameters, f"of {call.name}")
    values = {name: _fitted(call, name, each, request) for name, each in given.items()}
    return replace(call, arguments=values)


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


def _text(value: Any) -> str:
    """Return a value of TOML as it is typed on a command line."""
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return value if isinstance(value, str) else json.dumps(value)
