"""qprof baseline: write, update, prune."""

import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer

from qprof.cli import options
from qprof.cli.outcome import pairs, teller, told

baseline = typer.Typer(
    help="Write, update or prune what `qprof check` holds calls against.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
)


@baseline.command()
def write(
    calls: options.Calls = None,
    target: options.Target = None,
    database: options.Database = None,
    sessions: options.Sessions = None,
    setup: options.Setup = None,
    touch: options.Touch = None,
    arg: options.Arguments = None,
    file: options.BaselineFile = None,
    config: options.ConfigFile = None,
    quiet: options.Quiet = False,
) -> None:
    """Write a new baseline: what calls cost today.

    A file that is there already is left alone.
    """
    _change(
        lambda runs, request, kept, tell: runs.write_baseline(request, kept, tell),
        calls=calls,
        target=target,
        database=database,
        sessions=sessions,
        setup=setup,
        touch=touch,
        arg=arg,
        file=file,
        config=config,
        quiet=quiet,
    )


@baseline.command()
def update(
    calls: options.Calls = None,
    target: options.Target = None,
    database: options.Database = None,
    sessions: options.Sessions = None,
    setup: options.Setup = None,
    touch: options.Touch = None,
    arg: options.Arguments = None,
    file: options.BaselineFile = None,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why a call may cost more from now on.")
    ] = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who answers for that.")] = None,
    expires: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="The last day on which it may, such as 2030-12-31."),
    ] = None,
    config: options.ConfigFile = None,
    quiet: options.Quiet = False,
) -> None:
    """Lower what is lower, add what is new, raise what is acknowledged.

    With --reason, --by and --expires what the named calls cost may rise; after that day, the limit
    is again what it was before.
    """

    def updated(runs: ModuleType, request: Any, kept: Path, tell: Callable[[str], None]) -> Any:
        from qprof.judge.budgets import read_acknowledgement

        given = {"reason": reason, "by": by, "expires": expires}
        acknowledged = read_acknowledgement(given, "The command line")
        return runs.update_baseline(request, kept, acknowledged, date.today(), tell)

    _change(
        updated,
        calls=calls,
        target=target,
        database=database,
        sessions=sessions,
        setup=setup,
        touch=touch,
        arg=arg,
        file=file,
        config=config,
        quiet=quiet,
    )


@baseline.command()
def prune(
    calls: options.Calls = None,
    target: options.Target = None,
    database: options.Database = None,
    sessions: options.Sessions = None,
    setup: options.Setup = None,
    touch: options.Touch = None,
    arg: options.Arguments = None,
    file: options.BaselineFile = None,
    config: options.ConfigFile = None,
    quiet: options.Quiet = False,
) -> None:
    """Lower what is lower, and remove calls that are gone.

    Nothing is added and nothing rises.
    """
    _change(
        lambda runs, request, kept, tell: runs.prune_baseline(request, kept, tell),
        calls=calls,
        target=target,
        database=database,
        sessions=sessions,
        setup=setup,
        touch=touch,
        arg=arg,
        file=file,
        config=config,
        quiet=quiet,
    )


def _change(
    change: Callable[[ModuleType, Any, Path, Callable[[str], None]], Any],
    *,
    arg: list[str] | None,
    file: Path | None,
    config: Path | None,
    quiet: bool,
    **given: Any,
) -> None:
    """Measure what the options ask for, change the file, and say how."""
    with told():
        from qprof import runs
        from qprof.judge.budgets import NAME
        from qprof.targets.config import read_config

        request = runs.from_config(
            read_config(config, Path.cwd()), arguments=pairs(arg, "--arg"), **given
        )
        named, tell = file or Path(NAME), teller(quiet)
        with redirect_stdout(sys.stderr):  # What the user's code prints is no part of the result.
            kept = change(runs, request, named, tell)
        for line in kept.said:
            typer.echo(line)
        typer.echo(f"{_did(kept.written)} {named}: {kept.entries:,} entries.")


def _did(written: bool) -> str:
    return "Wrote" if written else "Nothing to change in"
