"""Hears of a DetachedInstanceError even where the call swallowed it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.orm.exc import DetachedInstanceError

_SEEN = "qprof_seen"


def mark_seen(error: BaseException) -> bool:
    """Mark `error` as told of in another way; return whether it is for the first time.

    Nothing but the error itself keeps the mark: to keep the error would keep all that its frames
    hold.
    """
    said = getattr(error, _SEEN, None)
    if said is None:
        said = [False]
        setattr(error, _SEEN, said)
    first = not said[0]
    said[0] = True
    return first


@contextmanager
def detached() -> Iterator[Callable[[], list[str]]]:
    """Yield what tells, in sentences, which errors in this block came after their session's end.

    Those that `mark_seen` was given are left out.
    """
    raised: list[tuple[str, list[bool]]] = []
    original = DetachedInstanceError.__init__

    def heard(error: DetachedInstanceError, *args: object, **kwargs: object) -> None:
        original(error, *args, **kwargs)
        seen = [False]
        setattr(error, _SEEN, seen)
        raised.append((str(args[0]) if args else "no reason given", seen))

    DetachedInstanceError.__init__ = heard  # type: ignore[method-assign, assignment]
    try:
        yield lambda: _sentences([text for text, seen in raised if not seen[0]])
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
