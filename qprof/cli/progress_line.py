"""How far a command is, on one line of a terminal's stderr; nothing stays of it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from qprof.runs.progress import showing


@contextmanager
def progress(command: str, *, quiet: bool) -> Iterator[None]:
    """Show what is measured, and about how long the rest takes; elsewhere, show nothing.

    The line is drawn before each call, and never while one is measured.
    """
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") in ("dumb", "unknown"):
        yield
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
        told = f"{command}  {behind + 1}/{parts}  {name}"
        line.update(task, description=told.replace("[", r"\["), completed=behind, total=parts)
        line.refresh()

    with line, showing(shown):
        yield
