"""qprof profile."""

from pathlib import Path

import typer

from qprof.cli import options
from qprof.cli.arguments import typed
from qprof.cli.outcome import destinations, emit, exit_code, level, teller, told


def profile(
    calls: options.Calls = None,
    target: options.Target = None,
    database: options.Database = None,
    sessions: options.Sessions = None,
    setup: options.Setup = None,
    touch: options.Touch = None,
    arg: options.Arguments = None,
    formats: options.Formats = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    fail_on: options.FailOn = None,
    config: options.ConfigFile = None,
    quiet: options.Quiet = False,
) -> None:
    """Show what calls cost, against what they need.

    Each call runs as it is written, then once under the balanced plan, which is what it needs.
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
        report = runs.profile(request, teller(quiet))
        emit(report, wanted)
        raise typer.Exit(exit_code(report, least))
