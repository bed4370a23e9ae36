"""qprof report."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from qprof.cli import options
from qprof.cli.outcome import destinations, emit, exit_code, found_settings, level, teller, told
from qprof.reporters import Canvas


def _show_schema(wanted: bool) -> None:
    if not wanted:
        return
    from qprof.domain.json_schema import json_schema
    from qprof.domain.jsonvalue import json_text
    from qprof.domain.report import SCHEMA, Report

    typer.echo(json_text(json_schema(Report, SCHEMA)), nl=False)
    raise typer.Exit


def report(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="Traces of qprof run -o, or a report, or two to compare."
        ),
    ],
    against: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The earlier report, or trace, to compare with."),
    ] = None,
    formats: options.Formats = None,
    json: options.Json = False,
    full: options.Full = False,
    every: options.Every = False,
    sql: options.Sql = False,
    output: options.Output = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    fail_on: options.FailOn = None,
    config: options.ConfigFile = None,
    _schema: Annotated[
        bool,
        typer.Option(
            "--schema",
            callback=_show_schema,
            is_eager=True,
            help="Print the JSON Schema of -f json, and do nothing else.",
        ),
    ] = False,
) -> None:
    """Show a saved report, or the difference between two.

    Several traces of the same environment are added up. A report, saved by --format json=FILE,
    is rendered as it is; of two, the later with what changed since the earlier.
    """
    with told():
        from qprof.runs.stored import stored_report

        settings = found_settings(config, teller(quiet=False))
        wanted, least = destinations(formats, output, json=json), level(fail_on or settings.fail_on)
        found = stored_report(files, settings, select, ignore, against)
        shape = Canvas(brief=not full, every=every, sql=sql, options=True)
        emit(found, wanted, shape=shape, tell=teller(quiet=False))
        # A limit that was broken was the gate's to fail for, when it was measured.
        raise typer.Exit(exit_code(replace(found, breaches=()), least))
