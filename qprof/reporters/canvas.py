"""What a reporter may draw on: a width, and whether colours show."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from qprof.domain.report import Report

RED, GREEN, YELLOW, CYAN = "31", "32", "33", "36"
LEVEL_COLOURS = {"error": RED, "warning": YELLOW, "note": CYAN}
STATUS_COLOURS = {
    "new": RED,
    "worse": RED,
    "not-run": YELLOW,
    "better": GREEN,
    "resolved": GREEN,
}


@dataclass(frozen=True)
class Canvas:
    """The place that the text is for; the default suits a file or a pipe."""

    width: int = 80
    colour: bool = False
    brief: bool = False
    """Whether of many calls the worst is enough."""

    def paint(self, text: str, colour: str) -> str:
        """Return `text` in that ANSI colour, or as it is where colours do not show."""
        return f"\x1b[{colour}m{text}\x1b[0m" if self.colour else text


def terminal(stream: TextIO) -> Canvas:
    """Return what `stream` can show: its width and colours, or 80 columns in plain text."""
    if not stream.isatty():
        return Canvas()
    return Canvas(shutil.get_terminal_size().columns, colour="NO_COLOR" not in os.environ)


Reporter = Callable[[Report, Canvas], str]
"""A report to the text of one format, ending in a newline; a format may ignore the canvas."""
