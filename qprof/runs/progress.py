"""How far a command is: whoever shows that says so once, and each run of calls tells it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Shown = Callable[[str, int, int], None]
"""Takes what is done next, how many parts are behind, and how many there are."""
Part = TypeVar("Part")
_shown: ContextVar[Shown | None] = ContextVar("qprof_progress", default=None)
_part: ContextVar[tuple[str, int, int] | None] = ContextVar("qprof_part", default=None)
"""What was told last."""


@contextmanager
def showing(shown: Shown) -> Iterator[None]:
    """Let `shown` know how far the calls are that run within."""
    token, last = _shown.set(shown), _part.set(None)
    try:
        yield
    finally:
        _shown.reset(token)
        _part.reset(last)


def each(parts: Sequence[Part], name: Callable[[Part], str]) -> Iterator[Part]:
    """Yield the parts, and tell before each which it is."""
    shown = _shown.get()
    for number, part in enumerate(parts):
        if shown is not None:
            told = name(part), number, len(parts)
            _part.set(told)
            shown(*told)
        yield part


def step(doing: str) -> None:
    """Tell what is done next for the part that was told last."""
    shown, part = _shown.get(), _part.get()
    if shown is not None and part is not None:
        name, number, parts = part
        shown(f"{name}: {doing}", number, parts)
