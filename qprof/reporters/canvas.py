"""What a reporter may draw on: a width, and whether colours and links show.

rich writes the codes of both. It is imported only if they show.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

from qprof.domain.report import Report

Colour = Literal["red", "green", "yellow", "cyan", "dim", "bold", "bold red", "bold green"]
LEVEL_COLOURS: Mapping[str, Colour] = {"error": "red", "warning": "yellow", "note": "cyan"}
STATUS_COLOURS: Mapping[str, Colour] = {
    "new": "red",
    "worse": "red",
    "not-run": "yellow",
    "better": "green",
    "resolved": "green",
}


@dataclass(frozen=True)
class Canvas:
    """The place that the text is for, and how much of it; the default suits a file or a pipe."""

    width: int = 80
    colour: bool = False
    links: bool = False
    brief: bool = False
    """Whether of many calls the worst is enough."""
    every: bool = False
    """Whether the calls that are fine are listed, too."""
    sql: bool = False
    """Whether each statement is printed."""
    formulas: bool = False
    """Whether the fitted formulas and a plot of each growth are printed."""
    options: bool = False
    """Whether `--full`, `--all` and `--sql` can be typed to see more."""

    def paint(self, text: str, colour: Colour | None, link: str = "") -> str:
        """Return `text` in that colour and with that link, as far as they show."""
        link = link if self.links else ""
        if not text or not ((self.colour and colour) or link):
            return text
        from rich.color import ColorSystem
        from rich.style import Style

        style = Style.parse(colour or "none" if self.colour else "none") + Style(link=link or None)
        return style.render(text, color_system=ColorSystem.STANDARD)


def terminal(stream: TextIO) -> Canvas:
    """Return what `stream` can show.

    COLUMNS, NO_COLOR, FORCE_COLOR and TERM=dumb are obeyed: no-color.org, force-color.org.
    """
    at_terminal = stream.isatty()
    able = at_terminal and os.environ.get("TERM") not in ("dumb", "unknown")
    forced = os.environ.get("FORCE_COLOR", "") not in ("", "0")
    refused = bool(os.environ.get("NO_COLOR"))
    return Canvas(
        width=_columns(at_terminal),
        colour=(able or forced) and not refused,
        links=able and not refused,
    )


_NARROWEST = 20


def _columns(at_terminal: bool) -> int:
    given = os.environ.get("COLUMNS", "")
    wide = shutil.get_terminal_size().columns if at_terminal or given.isdecimal() else 80
    return max(wide, _NARROWEST)


def file_link(file: str, line: int) -> str:
    """Return the address of a line for a terminal that opens files; "" for no file of here."""
    path = Path(file)
    return f"{path.resolve().as_uri()}#L{line}" if path.is_file() else ""


Reporter = Callable[[Report, Canvas], str]
"""A report to the text of one format, ending in a newline; a format may ignore the canvas."""
