"""How far a command is, on one line of a terminal's stderr; nothing stays of it."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from qprof.cli.outcome import teller
from qprof.runs.progress import showing


@contextmanager
def progress(command: str, *, quiet: bool, own: bool) -> Iterator[Callable[[str], None]]:
    """Show what is measured, and about how long the rest takes; elsewhere, show nothing.

    Yields what prints a line for the user, above that one. The line is drawn before each call, and
    never while one is measured. A command with a line of its `own` has no other.
    """
    able = sys.stderr.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")
    if quiet or own or not able:
        yield teller(quiet)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Column

    line = Progress(
        TextColumn("{task.description}", table_column=Column(no_wrap=True, ratio=1)),
        BarColumn(bar_width=14),
        TimeRemainingColumn(compact=True),
        console=Console(stderr=True),
        transient=True,
        auto_refresh=False,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    task = line.add_task(command, total=None)

    def shown(name: str, behind: int, parts: int) -> None:
        line.start()
        told = f"{command}  {behind + 1}/{parts}  {name}"
        line.update(task, description=told.replace("[", r"\["), completed=behind, total=parts)
        line.refresh()

    def tell(text: str) -> None:
        line.console.print(text, markup=False, highlight=False, soft_wrap=True)

    try:
        with showing(shown):
            yield tell
    finally:
        line.stop()
