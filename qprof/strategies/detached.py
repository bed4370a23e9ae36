"""Hears of a DetachedInstanceError even where the call swallowed it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm.exc import DetachedInstanceError


@contextmanager
def detached() -> Iterator[Callable[[], list[str]]]:
    """Yield what tells, in sentences, which reads in this block came after their session's end."""
    said: list[str] = []
    original = DetachedInstanceError.__init__

    def heard(error: DetachedInstanceError, *args: Any, **kwargs: Any) -> None:
        original(error, *args, **kwargs)
        said.append(str(args[0]) if args else "no reason given")

    DetachedInstanceError.__init__ = heard  # type: ignore[method-assign, assignment]
    try:
        yield lambda: _sentences(said)
    finally:
        # The method is inherited: taking ours away brings it back.
        del DetachedInstanceError.__init__


def _sentences(said: list[str]) -> list[str]:
    if not said:
        return []
    times = f"{len(said):,} times" if len(said) > 1 else "once"
    return [
        f"A DetachedInstanceError was raised {times} and swallowed: {said[0].rstrip('.')}. What "
        "could not be loaded is not in the figures."
    ]
