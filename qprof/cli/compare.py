"""qprof compare."""

from typing import Annotated

import typer

from qprof.cli import options
from qprof.cli.outcome import show
from qprof.domain.limits import MAX_ROWS


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
    max_rows: Annotated[
        int, typer.Option(metavar="N", help="A plan that fetches more is predicted, not run.")
    ] = MAX_ROWS,
    search: Annotated[
        bool,
        typer.Option(
            "--search",
            help="Predict every combination of strategies over the call's paths, run those that "
            "no other beats, and show the front of queries, cells and time.",
        ),
    ] = False,
    try_indexes: options.TryIndexes = None,
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
    show(
        lambda runs, request, tell: runs.compare(
            request, plan or (), repeat, tell, max_rows, every=search
        ),
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
