"""The application: its commands, and nothing else."""

from typing import Annotated

import typer

from qprof import __version__
from qprof.cli.commands import Commands
from qprof.cli.names import EPILOG, PURPOSE, VERSION_HELP, WIDTH

app = typer.Typer(
    name="qprof",
    cls=Commands,
    help=" ".join(PURPOSE),
    epilog=EPILOG,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"qprof {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help=VERSION_HELP),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; never returns."""
    app()
