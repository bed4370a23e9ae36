"""qprof predict."""

from qprof.cli import options
from qprof.cli.outcome import show


def predict(
    calls: options.Calls = None,
    target: options.Target = None,
    database: options.Database = None,
    sessions: options.Sessions = None,
    setup: options.Setup = None,
    touch: options.Touch = None,
    arg: options.Arguments = None,
    formats: options.Formats = None,
    config: options.ConfigFile = None,
    quiet: options.Quiet = False,
) -> None:
    """Show what every plan of a call would fetch.

    The call is run with nothing multiplied; the rows of its joins are told by aggregates.
    """
    show(
        lambda runs, request, tell: runs.predict(request, tell),
        calls=calls,
        target=target,
        database=database,
        sessions=sessions,
        setup=setup,
        touch=touch,
        arg=arg,
        formats=formats,
        fail_on=None,
        config=config,
        quiet=quiet,
    )
