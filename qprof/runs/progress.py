"""How far a command is: whoever shows that says so once, and each run of calls tells it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Shown = Callable[[str, int, int], None]
"""Takes what is done next, how many parts are behind, and how many there are."""
Part = TypeVar("Part")
_shown: ContextVar[Shown | None] = ContextVar("qprof_progress", default=None)


@contextmanager
def showing(shown: Shown) -> Iterator[None]:
    """Let `shown` know how far the calls are that run within."""
    token = _shown.set(shown)
    try:
        yield
    finally:
        _shown.reset(token)


def each(parts: Sequence[Part], name: Callable[[Part], str]) -> Iterator[Part]:
    """Yield the parts, and tell before each which it is."""
    shown = _shown.get()
    for number, part in enumerate(parts):
        if shown is not None:
            shown(name(part), number, len(parts))
        yield part
