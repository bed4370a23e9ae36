"""What the commands that measure calls have in common: from their options to the exit code."""

import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import typer

from qprof.cli.outcome import destinations, emit, exit_code, level, pairs, teller, told
from qprof.domain.report import Report

Measure = Callable[[ModuleType, Any, Callable[[str], None]], Report]
"""Takes `qprof.runs`, which is slow to import, the request, and where to tell of progress."""


def show(
    measure: Measure,
    *,
    formats: Sequence[str] | None,
    fail_on: str | None,
    config: Path | None,
    quiet: bool,
    arg: Sequence[str] | None,
    **given: Any,
) -> NoReturn:
    """Measure what the options ask for, show the report, and exit."""
    with told():
        from qprof import runs
        from qprof.targets.config import read_config

        settings = read_config(config, Path.cwd())
        wanted, least = destinations(formats), level(fail_on or settings.fail_on)
        request = runs.from_config(settings, arguments=pairs(arg, "--arg"), **given)
        with redirect_stdout(sys.stderr):  # What the user's code prints is no part of the report.
            report = measure(runs, request, teller(quiet))
        emit(report, wanted)
        raise typer.Exit(exit_code(report, least))
