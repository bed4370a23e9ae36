"""qprof compare."""

from pathlib import Path
from typing import Annotated

import typer

from qprof.cli import options
from qprof.cli.arguments import typed
from qprof.cli.outcome import destinations, emit, exit_code, level, teller, told


def compare(
    calls: options.Calls = None,
    target: options.Target = None,
    database: options.Database = None,
    sessions: options.Sessions = None,
    setup: options.Setup = None,
    touch: options.Touch = None,
    plan: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH=STRATEGY,...",
            help='A further plan, such as "Artist.tracks=selectin,Artist.albums=joined". '
            "Paths that are not named stay as written. Repeatable.",
        ),
    ] = None,
    repeat: Annotated[
        int, typer.Option(metavar="N", help="Timed runs of each plan; the median is shown.")
    ] = 5,
    arg: options.Arguments = None,
    formats: options.Formats = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    fail_on: options.FailOn = None,
    config: options.ConfigFile = None,
    quiet: options.Quiet = False,
) -> None:
    """Run calls under every loading plan.

    The objects of each plan are compared with those of the call as it is written.
    """
    with told():
        from qprof import runs
        from qprof.config import read_config

        settings = read_config(config, Path.cwd())
        wanted, least = destinations(formats), level(fail_on or settings.fail_on)
        request = runs.from_config(
            settings,
            calls=calls,
            target=target,
            database=database,
            sessions=sessions,
            setup=setup,
            touch=touch,
            arguments=typed(arg),
            select=select,
            ignore=ignore,
        )
        report = runs.compare(request, plan or (), repeat, teller(quiet))
        emit(report, wanted)
        raise typer.Exit(exit_code(report, least))
