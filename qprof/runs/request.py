"""What a user asked for: which calls, of which target, on which database, judged by what."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

from qprof.domain.errors import QprofError
from qprof.domain.limits import MAX_ROWS, MAX_SECONDS, MOST_SECONDS, PATIENCE, Limits
from qprof.judge.budgets import Budgets
from qprof.judge.detectors import DETECTORS, Detector
from qprof.judge.rules.thresholds import Thresholds
from qprof.runs.rules import choose_ids, named_ids
from qprof.targets.config import Config

BUILT_IN = "qprof.seeding.library.repositories:Repositories"
"""The target where none is given; it is loaded like any user's."""


@dataclass(frozen=True)
class Request:
    """One invocation, whichever door it came through."""

    calls: Sequence[str] = ()
    target: str | None = None
    database: str | None = None
    sessions: str | None = None
    setup: str | None = None
    touch: str | None = None
    code: Mapping[str, Any] | None = None
    """Each `TargetCall` by name, in place of a target; its arguments and steps are its own."""
    own: Any = None
    """What gives sessions itself, in place of the name of it in `sessions`."""
    login: str | None = None
    requests: str | None = None
    """A file of requests."""
    sent: Mapping[str, Any] = field(default_factory=dict)
    """What requests have beside their path, as it was typed."""
    try_indexes: bool = False
    """Whether missing indexes are also tried on a server, on temporary copies of its tables."""
    seal: bool = False
    """Whether each fix is tried with raiseload("*") as well."""
    sizes: bool = False
    """Whether the bytes of what is fetched are counted, too."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """Of the one call; texts, as they were typed on the command line."""
    rules: Sequence[Detector] = DETECTORS
    ignored: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By a pattern of calls or files, the rules that are ignored there."""
    thresholds: Thresholds = field(default_factory=Thresholds)
    call_arguments: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Arguments by call, from the configuration."""
    budgets: Budgets = field(default_factory=Budgets)
    limits: Limits = field(default_factory=Limits)
    folder: Path = Path()
    """Where the baseline is: that of the settings."""


def choose_rules(
    select: Sequence[str], ignore: Sequence[str], more: Sequence[str] = ()
) -> tuple[Detector, ...]:
    """Return the detectors that are selected by id or name, and not ignored.

    Where none is, they are all that are on by default, and `more`. Raises QprofError for one that
    does not exist.
    """
    chosen, asked = choose_ids(select, ignore), named_ids([*select, *more])
    quiet = (rule if rule.id in asked else rule.by_default() for rule in DETECTORS)
    return tuple(rule for rule in quiet if rule is not None and rule.id in chosen)


def from_config(config: Config, /, **given: Any) -> Request:
    """Return the request that `given` (None where not said) makes on top of `config`."""
    return Request(
        calls=given.get("calls") or (),
        arguments=given.get("arguments") or {},
        sent=given.get("sent") or {},
        rules=choose_rules(
            given.get("select") or config.select,
            given.get("ignore") or config.ignore,
            config.extend_select,
        ),
        ignored=config.ignored,
        thresholds=config.thresholds,
        call_arguments=config.calls,
        budgets=config.budgets,
        try_indexes=_either(given.get("try_indexes"), config.try_indexes),
        sizes=bool(given.get("bytes")),
        limits=_limits(given.get("max_rows"), given.get("timeout")),
        folder=config.folder,
        **_said(_NAMED, given, config),
    )


_NAMED = ("target", "database", "sessions", "setup", "touch", "login", "requests")
"""What is said by one text, on the command line or in the settings."""


def _limits(rows: int | None, seconds: float | None) -> Limits:
    if rows is not None and rows < 1:
        raise QprofError(f"--max-rows is {rows}; a plan has to be allowed 1 row at least.")
    if seconds is not None and not 0 < seconds < MOST_SECONDS:
        raise QprofError(f"--timeout is {seconds:g}; give more than 0 and less than a day.")
    # Who says how long a run may take wants it to be run.
    patience = PATIENCE if seconds is None else inf
    return Limits(rows=rows or MAX_ROWS, seconds=seconds or MAX_SECONDS, patience=patience)


def _said(names: Iterable[str], given: Mapping[str, Any], config: Config) -> dict[str, Any]:
    return {name: given.get(name) or _resolved(name, config) for name in names}


def _resolved(name: str, config: Config) -> str | None:
    """Return a setting; what says env:NAME is what that variable says.

    It is looked up when it is needed: a scan needs no database.
    """
    value: str | None = getattr(config, name)
    if value is None or not value.startswith("env:"):
        return value
    variable = value.removeprefix("env:")
    if not os.environ.get(variable):
        raise QprofError(
            f"{config.file}: {name} is {value}, and there is no variable {variable}. "
            f"Type: export {variable}=VALUE, or say it with --{name}."
        )
    return os.environ[variable]


def _either(given: bool | None, configured: bool) -> bool:
    return configured if given is None else given
