"""qprof run."""

from pathlib import Path
from typing import Annotated

import typer

from qprof.cli import options
from qprof.cli.outcome import (
    NOTHING_SEEN,
    destinations,
    emit,
    exit_code,
    found_settings,
    level,
    teller,
    told,
)
from qprof.domain.files import write_whole
from qprof.reporters import Canvas


def run(
    command: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="COMMAND...", help="The program and its arguments.", show_default=False
        ),
    ] = None,
    calls: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN",
            help="Attribute to the outermost function whose package.module.Class.method matches, "
            "such as 'app.repositories.*'; to the function that issued the query by default. "
            "Repeatable.",
        ),
    ] = None,
    bytes: options.Bytes = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Save the trace for qprof report."),
    ] = None,
    formats: options.Formats = None,
    json: options.Json = False,
    full: options.Full = False,
    every: options.Every = False,
    sql: options.Sql = False,
    select: options.Select = None,
    ignore: options.Ignore = None,
    fail_on: options.FailOn = None,
    config: options.ConfigFile = None,
    quiet: options.Quiet = False,
) -> None:
    """Profile a Python program, unedited.

    Its output, exit code and signals are its own: the report goes to stderr, or to files by
    --format NAME=FILE. Exits with the program's code; if that is 0, with 1 for findings from
    --fail-on, or 3 if no statement was seen. With --quiet, only files are written.
    """
    with told():
        from qprof.runs.program import run_program
        from qprof.runs.request import choose_rules
        from qprof.runs.stored import judge_trace, trace_text

        settings = found_settings(config, teller(quiet))
        wanted, least = destinations(formats, json=json), level(fail_on or settings.fail_on)
        choose_rules(select or settings.select, ignore or settings.ignore, settings.extend_select)
        ran = run_program(command or (), calls or (), sizes=bytes)
        for remark in ran.remarks if ran.trace else ():
            teller(quiet)(f"qprof: {remark}")
        if ran.trace is None:
            typer.echo("\n".join(f"qprof: {remark}" for remark in ran.remarks), err=True)
            raise typer.Exit(ran.code or NOTHING_SEEN)
        if output is not None:
            write_whole(output, trace_text(ran.trace))
        report = judge_trace(ran.trace, settings, select, ignore)
        shape = Canvas(brief=not full, every=every, sql=sql, options=True)
        shown = [each for each in wanted if each[1] or not quiet]
        emit(report, shown, err=True, shape=shape, tell=teller(quiet))
        raise typer.Exit(ran.code or exit_code(report, least))
