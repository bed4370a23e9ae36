"""The application: its commands, and nothing else."""

from typing import Annotated

import typer

from qprof import __version__
from qprof.cli.baseline import baseline
from qprof.cli.bench import bench
from qprof.cli.check import check
from qprof.cli.compare import compare
from qprof.cli.init import init
from qprof.cli.predict import predict
from qprof.cli.profile import profile
from qprof.cli.report import report
from qprof.cli.rule import rule
from qprof.cli.run import run
from qprof.cli.scan import scan
from qprof.cli.seed import seed

app = typer.Typer(
    name="qprof",
    help="Measure what SQLAlchemy loader strategies really cost: queries, rows and cells per call.",
    epilog="Exit codes: 0 ok, 1 a gate is broken, 2 wrong usage, 3 could not measure.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
_COMMANDS = (seed, init, profile, compare, predict, bench, check, run, scan, report, rule)
for _command in _COMMANDS:
    # What follows the name of a program is the program's, even if it looks like an option of ours.
    app.command(context_settings={"allow_interspersed_args": _command is not run})(_command)
app.add_typer(baseline, name="baseline")


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
