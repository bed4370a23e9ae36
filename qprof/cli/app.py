"""The application with its commands: each is imported when it is asked for; help needs none."""

from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from qprof import __version__
from qprof.cli.complaint import TYPED, usage_told
from qprof.cli.names import COMMANDS, EPILOG, PURPOSE, VERSION_HELP, WIDTH


class Commands(TyperGroup):
    """The group that shows all commands without importing one."""

    def __init__(self, *args: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Their names are all that Typer looks for here, to say what may have been meant.
        self.commands: Any = dict.fromkeys(COMMANDS)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Keep the words that were typed, for the hint of an error."""
        TYPED.set((*args,))
        with usage_told():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; wrong words are told as every error is."""
        with usage_told():
            return super().invoke(ctx)

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: object, cmd_name: str) -> Any:
        """Return a command; None where there is none of this name."""
        return loaded(cmd_name) if cmd_name in COMMANDS else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands, as Click would after importing each."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def loaded(name: str) -> Any:
    """Return the command `name` as Typer makes it, its module imported."""
    found = getattr(import_module(f"qprof.cli.{name}"), name)
    if not isinstance(found, typer.Typer):
        found = _alone(name, found)
    command = get_command(found)
    command.name = name
    return command


def _alone(name: str, function: Any) -> typer.Typer:
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    # What follows the name of a program is the program's, even if it looks like an option of ours.
    app.command(name, context_settings={"allow_interspersed_args": name != "run"})(function)
    return app


app = typer.Typer(
    name="qprof",
    cls=Commands,
    help=" ".join(PURPOSE),
    epilog=EPILOG,
    add_completion=True,
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
        typer.Option("--version", "-V", callback=_show_version, is_eager=True, help=VERSION_HELP),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; never returns."""
    app()
