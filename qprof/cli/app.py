"""The application: its commands, and nothing else."""

from typing import Annotated

import typer

from qprof import __version__
from qprof.cli.commands import Commands

app = typer.Typer(
    name="qprof",
    cls=Commands,
    help="Measure what SQLAlchemy loader strategies really cost: queries, rows and cells per call.",
    epilog="Exit codes: 0 ok, 1 a gate is broken, 2 wrong usage, 3 could not measure.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"qprof {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; never returns."""
    app()
