"""Numbers with their nouns, and lists, as a sentence has them."""

from collections.abc import Sequence


def counted(number: float, noun: str) -> str:
    """Return "1 row", "1,800 rows", "2 queries"."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def first_listed(names: Sequence[str], most: int) -> str:
    """Return "a, b and 2 more" of four names, where `most` are 2; all of them where they fit."""
    more = [f"{len(names) - most:,} more"] if len(names) > most else []
    return listed([*names[:most], *more])


def listed(names: Sequence[str]) -> str:
    """Return "a", "a and b", "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
