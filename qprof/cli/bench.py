"""qprof bench, and how far it is: on stderr, with the time that is left."""

import sys
from collections.abc import Callable
from shutil import get_terminal_size
from time import monotonic
from typing import Annotated

import typer

from qprof.cli import options
from qprof.cli.interruption import interruptible
from qprof.cli.measuring import Request, Tell, reports
from qprof.domain.report import Report


class Progress:
    """One line that is written over at a terminal; elsewhere a line for each step."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock, self._started = clock, clock()
        self._width = 0

    def __call__(self, doing: str, behind: float) -> None:
        """Show what is done next; `behind` is the share of the work that is done, from 0 to 1."""
        line = f"{100 * behind:3.0f} %  {doing}{self._left(behind)}"
        if sys.stderr.isatty():
            line = line[: get_terminal_size().columns - 1]
            typer.echo(f"\r{line.ljust(self._width)}", err=True, nl=False)
            self._width = len(line)
        else:
            typer.echo(line, err=True)

    def _left(self, behind: float) -> str:
        """Return the time left if the rest takes as long for its share as what is behind did."""
        if behind <= 0:
            return ""
        seconds = (self._clock() - self._started) / behind * (1 - behind)
        return (
            f", about {seconds:.0f} s left"
            if seconds < 90
            else f", about {seconds / 60:.0f} min left"
        )

    def close(self) -> None:
        """Clear the line, so that the report begins at its start."""
        if self._width:
            typer.echo(f"\r{' ' * self._width}\r", err=True, nl=False)
            self._width = 0


@reports(
    without=("database", "try_indexes", "select", "ignore", "fail_on", "sql"),
    fail_on="never",
)
def bench(
    request: Request,
    tell: Tell,
    recipe: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", help="What is seeded at each size; chinook by default."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed, the same libraries.")] = 1,
    sizes: Annotated[
        str | None,
        typer.Option(metavar="LIST", help="Sizes, as multiples of the recipe; 1,2,4 by default."),
    ] = None,
    axis: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="What grows: library (artists and playlists; the default), roots (artists "
            "alone), children (what each artist and playlist has), or all. Repeatable.",
        ),
    ] = None,
    at: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SIZE=URL", help="Measure your own database, of this size, instead. Repeatable."
        ),
    ] = None,
    plan: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PLAN",
            help="A plan of compare by name, all, or PATH=STRATEGY,...; as-written and balanced "
            "by default. Repeatable.",
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(metavar="SIZE|RECIPE", help="Extrapolate to a size, or to that of a recipe."),
    ] = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Also measure at the --to size, and show the error of the forecast."
        ),
    ] = False,
    repeat: Annotated[
        int, typer.Option(metavar="N", help="Timed runs of each plan; the median is shown.")
    ] = 5,
    formulas: options.Formulas = False,
    every: options.Every = False,
    quiet: options.Quiet = False,
) -> Report:
    """Show how the cost of calls grows.

    Each call runs at several sizes. Queries, rows, cells and time are fitted, and extrapolated
    where --to asks for it. Ctrl-C keeps what is done.
    """
    del formulas, every  # How much is shown is up to the reporter.
    from qprof.runs.bench import bench
    from qprof.runs.bench_options import asked

    wanted = asked(
        target=request.target,
        recipe=recipe,
        sizes=sizes,
        axes=axis or (),
        plans=plan or (),
        to=to,
        check=check,
        repeats=repeat,
        seed=seed,
        at=at or (),
    )
    return _shown(lambda progress: bench(request, wanted, tell, progress), quiet)


def _shown(run: Callable[[Callable[[str, float], None]], Report], quiet: bool) -> Report:
    """Run with progress on stderr, which is cleared away at the end."""
    progress = None if quiet else Progress()
    with interruptible() as check:

        def step(doing: str, behind: float) -> None:
            check()
            if progress is not None:
                progress(doing, behind)

        try:
            return run(step)
        finally:
            if progress is not None:
                progress.close()
