"""qprof init."""

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated

import typer

from qprof.cli import options
from qprof.cli.outcome import told
from qprof.domain.files import write_whole

FILE = Path("qprof.toml")


def init(
    target: options.OwnTarget = None,
    database: options.OwnDatabase = None,
    sessions: options.Sessions = None,
    setup: options.Setup = None,
    touch: options.Touch = None,
    login: options.Login = None,
    write: Annotated[
        bool, typer.Option("--write", help=f"Write it to {FILE} of this folder.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help=f"Replace a {FILE} that is there already.")
    ] = False,
) -> None:
    """Print a configuration to start with.

    It lists every call that is found at the target, and the arguments that each one lacks, as
    lines to fill in. What lacks nothing is run once, read-only, to see whether it can be; a request
    that may write is not.
    """
    with told():
        from qprof.domain.errors import QprofError
        from qprof.runs.request import Request
        from qprof.runs.starting import starter

        request = Request(
            target=target,
            database=database,
            sessions=sessions,
            setup=setup,
            touch=touch,
            login=login,
        )
        # What the user's code prints is no part of the configuration.
        with redirect_stdout(sys.stderr):
            found = starter(request)
        if not write:
            typer.echo(found.text, nl=False)
            typer.echo(f"Add --write to keep this as {FILE}.", err=True)
            return
        if FILE.exists() and not force:
            raise QprofError(f"There is a {FILE} already; add --force to replace it.")
        write_whole(FILE, found.text)
        typer.echo(
            f"Wrote {FILE}: {found.calls:,} calls, {found.ready:,} of them ready to run. Next: "
            f"{'qprof profile' if found.ready else f'fill in what {FILE} says they need'}.",
            err=True,
        )
