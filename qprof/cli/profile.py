"""qprof profile."""

from qprof.cli import options
from qprof.cli.outcome import show


def profile(
    calls: options.Calls = None,
    target: options.Target = None,
    database: options.Database = None,
    sessions: options.Sessions = None,
    setup: options.Setup = None,
    touch: options.Touch = None,
    try_indexes: options.TryIndexes = None,
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
    show(
        lambda runs, request, tell: runs.profile(request, tell),
        calls=calls,
        target=target,
        database=database,
        sessions=sessions,
        setup=setup,
        touch=touch,
        try_indexes=try_indexes,
        arg=arg,
        formats=formats,
        select=select,
        ignore=ignore,
        fail_on=fail_on,
        config=config,
        quiet=quiet,
    )
