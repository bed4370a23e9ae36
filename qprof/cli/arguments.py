"""NAME=VALUE texts of the command line to values."""

from collections.abc import Sequence

from qprof.domain.errors import QprofError


def pairs(texts: Sequence[str] | None, option: str) -> dict[str, str]:
    """Return `texts` of the form NAME=VALUE as a mapping.

    Raises QprofError for another form, or a name given twice.
    """
    found: dict[str, str] = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise QprofError(f"{option} {text!r} is not of the form NAME=VALUE.")
        if name.strip() in found:
            raise QprofError(f"{option} gives {name.strip()} twice.")
        found[name.strip()] = value
    return found
