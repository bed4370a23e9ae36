"""What a person reads about the rules: one page each, and the list."""

from collections.abc import Iterable
from inspect import cleandoc
from textwrap import fill, shorten

from qprof.detectors import Detector

_WIDTH = 80


def page(detector: Detector) -> str:
    """Return a rule's page as plain text."""
    return f"{detector.id} {detector.name} ({detector.level})\n\n{_text(detector)}\n"


def index(detectors: Iterable[Detector]) -> str:
    """Return one line for each rule, at most 80 columns wide."""
    return "\n".join(_line(each) for each in detectors) + "\n"


def _line(detector: Detector) -> str:
    summary = _text(detector).partition("\n")[0]
    line = f"{detector.id}  {detector.level:<7}  {detector.name:<22}  "
    return (line + shorten(summary, max(80 - len(line), 10), placeholder="…")).rstrip()


def _text(detector: Detector) -> str:
    paragraphs = cleandoc(type(detector).__doc__ or "").split("\n\n")
    return "\n\n".join(map(_filled, paragraphs))


def _filled(paragraph: str) -> str:
    """Return a paragraph of prose at 80 columns; headings and code as they are."""
    if paragraph.startswith(" ") or "\n---" in paragraph:
        heading, ruled, rest = paragraph.partition("---\n")
        return (
            f"{heading}{ruled}{fill(rest, _WIDTH, break_on_hyphens=False)}" if rest else paragraph
        )
    return fill(paragraph, _WIDTH, break_on_hyphens=False)
