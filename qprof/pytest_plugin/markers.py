"""`@pytest.mark.qprof(…)` to limits; a wrong one to a sentence."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from qprof.domain.errors import QprofError
from qprof.pytest_plugin.limits import KEYS, Limits, read_limits

HELP = (
    "qprof(queries=…, rows=…, cells=…, amplification=…, flat=…): fail the test if it sends or "
    "fetches more. amplification is fetched / needed, of rows and of cells; flat is a factory of "
    "further data, with which the cost may not grow."
)
FLAT = "flat"
_SHOWN = 5


def marked_limits(item: pytest.Item) -> Limits | None:
    """Return the limits of the test, the closest marker first, key by key; None without marker.

    Raises QprofError for a marker that cannot be read.
    """
    found: dict[str, object] = {}
    marks = list(item.iter_markers("qprof"))
    for mark in reversed(marks):
        if mark.args:
            raise QprofError(
                f"The qprof marker of {item.nodeid} has {mark.args[0]!r} without a name; write "
                f"what it limits, such as rows={mark.args[0]!r}. Known: {', '.join(KEYS)}."
            )
        found |= mark.kwargs
    _refuse_no_factory(found.pop(FLAT, None), item)
    return read_limits(found, f"the qprof marker of {item.nodeid}") if marks else None


def factory_of(item: pytest.Item) -> Callable[..., Any] | None:
    """Return what the closest marker with `flat` grows the data by; None where there is none."""
    marks = (mark.kwargs for mark in item.iter_markers("qprof"))
    return next((given[FLAT] for given in marks if FLAT in given), None)


def _refuse_no_factory(given: object, item: pytest.Item) -> None:
    if given is not None and not callable(given):
        raise QprofError(
            f"the qprof marker of {item.nodeid} has flat={given!r}; it has to be a function that "
            "makes so many more things as it is told, such as flat=make_artists."
        )


def refuse_wrong_markers(items: Sequence[pytest.Item]) -> None:
    """Raise a usage error that names the first wrong markers."""
    wrong = [said for said in map(_complaint, items) if said]
    if wrong:
        more = [f"… and {len(wrong) - _SHOWN} more."] if len(wrong) > _SHOWN else []
        raise pytest.UsageError("\n".join([*wrong[:_SHOWN], *more]))


def _complaint(item: pytest.Item) -> str:
    try:
        marked_limits(item)
    except QprofError as error:
        return str(error)
    return ""


def limits_of(item: pytest.Item) -> Limits | None:
    """Return the limits of the test; a wrong marker is the test's error, without a traceback."""
    complaint = _complaint(item)
    if complaint:
        pytest.fail(complaint, pytrace=False)
    return marked_limits(item)
