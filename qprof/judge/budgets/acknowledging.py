"""Why a figure is let pass for a while: a reason, somebody who answers for it, and an end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from qprof.domain.errors import QprofError

KEYS = ("reason", "by", "expires")


@dataclass(frozen=True)
class Acknowledgement:
    """All three are required: without an end, an exception is the rule."""

    reason: str
    by: str
    expires: date
    """The last day on which it holds."""

    def holds(self, today: date) -> bool:
        """Return whether it has not expired."""
        return today <= self.expires

    def __str__(self) -> str:
        return f"{self.reason} ({self.by}, until {self.expires.isoformat()})"


def read_acknowledgement(given: Mapping[str, Any], where: str) -> Acknowledgement | None:
    """Return what `given` says under `KEYS`; None where it says nothing.

    Raises QprofError where only some of the three are there, or one is of another kind.
    """
    said = {key: given[key] for key in KEYS if given.get(key) is not None}
    if not said:
        return None
    missing = [key for key in KEYS if key not in said]
    if missing:
        raise QprofError(
            f"{where} has {' and '.join(said)} without {' and '.join(missing)}; an acknowledgement "
            "has a reason, by whom, and the day on which it expires."
        )
    reason, by = (_text(said[key], f"{where}: {key}") for key in ("reason", "by"))
    return Acknowledgement(reason, by, read_day(said["expires"], f"{where}: expires"))


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise QprofError(f"{where} is {value!r}; it has to be a text in quotes.")
    return value


def read_day(value: Any, where: str) -> date:
    """Return a day of TOML, or one written as text. Raises QprofError for anything else."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            value = f"{value}"
    if isinstance(value, datetime) or not isinstance(value, date):
        raise QprofError(f"{where} is {value!r}; it has to be a day such as 2030-12-31.")
    return value
