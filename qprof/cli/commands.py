"""The commands by name, each imported when it is asked for: help has no need of what they need."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

COMMANDS: Mapping[str, str] = {
    "seed": "Make a synthetic music library.",
    "init": "Print a configuration to start with.",
    "profile": "Show what calls cost, against what they need.",
    "compare": "Run calls under every loading plan.",
    "predict": "Show what every plan of a call would fetch.",
    "bench": "Show how the cost of calls grows.",
    "check": "Fail where calls cost more than they may.",
    "run": "Profile a Python program, unedited.",
    "scan": "Find loader options that multiply or disagree, in source code.",
    "report": "Render what was saved before, or compare it.",
    "rule": "Explain a rule, and how to fix what it finds.",
    "baseline": "Write, update or prune what `qprof check` holds calls against.",
}
"""The first line of each command's own help; `tests/cli/test_starting.py` holds the two together.

`qprof.cli.NAME.NAME` is a function, or a Typer application with commands of its own.
"""


class Commands(TyperGroup):
    """The group that shows all commands without importing one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Their names are all that Typer looks for here, to say what may have been meant.
        self.commands: Any = dict.fromkeys(COMMANDS)

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
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
