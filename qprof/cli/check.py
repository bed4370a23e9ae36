"""qprof check."""

from datetime import date

from qprof.cli import options
from qprof.cli.outcome import show


def check(
    calls: options.Calls = None,
    target: options.Target = None,
    database: options.Database = None,
    sessions: options.Sessions = None,
    setup: options.Setup = None,
    touch: options.Touch = None,
    arg: options.Arguments = None,
    baseline: options.BaselineFile = None,
    formats: options.Formats = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    fail_on: options.FailOn = None,
    config: options.ConfigFile = None,
    quiet: options.Quiet = False,
) -> None:
    """Fail where calls cost more than they may.

    Budgets stand in the configuration; without any, a call may fetch 1.5 times the rows and 3 times
    the cells that it needs. The baseline is a file of `qprof baseline write`. Nothing is written.
    """
    show(
        lambda runs, request, tell: runs.check(request, baseline, date.today(), tell),
        calls=calls,
        target=target,
        database=database,
        sessions=sessions,
        setup=setup,
        touch=touch,
        arg=arg,
        formats=formats,
        select=select,
        ignore=ignore,
        fail_on=fail_on,
        config=config,
        quiet=quiet,
    )
