"""How far a long measurement is, on stderr, with the time that is left."""

import sys
from collections.abc import Callable
from shutil import get_terminal_size
from time import monotonic

import typer


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
