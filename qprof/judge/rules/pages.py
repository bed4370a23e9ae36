"""What a person reads about the rules: one page each, and the list."""

from collections.abc import Iterable
from inspect import cleandoc
from textwrap import fill, shorten
from typing import Protocol

_WIDTH = 80


class Documented(Protocol):
    """A rule whose docstring is its page."""

    @property
    def id(self) -> str:
        """Stable, never reused: "QP101"."""

    @property
    def name(self) -> str:
        """In kebab case: "cartesian-explosion"."""

    @property
    def level(self) -> str:
        """The worst level that it gives: note, warning or error."""


def page(rule: Documented) -> str:
    """Return a rule's page as plain text."""
    return f"{rule.id} {rule.name} ({rule.level})\n\n{_text(rule)}\n"


def index(rules: Iterable[Documented]) -> str:
    """Return one line for each rule, at most 80 columns wide."""
    return "\n".join(_line(each) for each in rules) + "\n"


def _line(rule: Documented) -> str:
    summary = _text(rule).partition("\n")[0]
    line = f"{rule.id}  {rule.level:<7}  {rule.name:<22}  "
    return (line + shorten(summary, max(80 - len(line), 10), placeholder="…")).rstrip()


def _text(rule: Documented) -> str:
    paragraphs = cleandoc(type(rule).__doc__ or "").split("\n\n")
    return "\n\n".join(map(_filled, paragraphs))


def _filled(paragraph: str) -> str:
    """Return a paragraph of prose at 80 columns; headings and code as they are."""
    if paragraph.startswith(" ") or "\n---" in paragraph:
        heading, ruled, rest = paragraph.partition("---\n")
        return (
            f"{heading}{ruled}{fill(rest, _WIDTH, break_on_hyphens=False)}" if rest else paragraph
        )
    return fill(paragraph, _WIDTH, break_on_hyphens=False)
