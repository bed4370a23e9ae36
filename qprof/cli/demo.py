"""qprof demo."""

import sys

import typer

from qprof.cli import options
from qprof.cli.outcome import encodable, told
from qprof.cli.progress_line import progress


def demo(quiet: options.Quiet = False) -> None:
    """Show one finding of each kind, in the built-in sample library.

    Nothing of yours is read or run. The library is made once, in the cache.
    """
    with told():
        from qprof.reporters import terminal
        from qprof.reporters.tour import tour
        from qprof.runs.profile import profile
        from qprof.runs.request import Request
        from qprof.runs.seeding import sample_library

        with progress("demo", quiet=quiet, own=False) as tell:
            report = profile(Request(database=sample_library(tell)), tell)
        text = tour(report, terminal(sys.stdout))
        typer.echo(encodable(text, sys.stdout.encoding), nl=False)
