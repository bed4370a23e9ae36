"""What each call cost when that was last accepted, what that covers, and what a run exercised."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from qprof.domain.errors import QprofError
from qprof.domain.report import CallReport
from qprof.domain.trace import Environment, Scalar

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


@dataclass(frozen=True)
class Key:
    """What decides the counts besides the code: the data, the dialect, the line of SQLAlchemy."""

    data: Mapping[str, Scalar]
    """Recipe, scale and seed of a synthetic library; the name of any other database."""
    dialect: str
    sqlalchemy: str
    """Major and minor, "2.1": the second number changes what loaders send."""

    def __str__(self) -> str:
        data = ", ".join(f"{name} {value}" for name, value in self.data.items())
        return f"{data}, {self.dialect}, SQLAlchemy {self.sqlalchemy}"


def key_of(seen: Environment) -> Key:
    """Return the key of a run.

    A database is known by its name alone: its host and folder differ from machine to machine.
    """
    library = seen.library
    data: dict[str, Scalar] = {"database": _name(seen.database)}
    if library is not None:
        data = {"recipe": library.recipe, "scale": library.scale, "seed": library.seed}
    return Key(data, seen.dialect, ".".join(seen.sqlalchemy.split(".")[:2]))


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


@dataclass(frozen=True)
class Raised:
    """An entry that was made worse on purpose."""

    above: int
    """The limit before, which is the limit again once the acknowledgement has expired."""
    acknowledged: Acknowledgement


@dataclass(frozen=True)
class Entry:
    """One count of one call. Its limit is what was measured, or what the same objects needed."""

    call: str
    metric: str
    arguments: Mapping[str, Scalar]
    measured: int
    needed: int | None
    raised: Raised | None = None

    def limit(self, today: date) -> int:
        """Return the most that passes.

        A fix may send more queries, and even fetch more rows, than the bug, for fewer cells; up to
        what the objects needed when the entry was made, that is no step back.
        """
        if self.raised is not None and not self.raised.acknowledged.holds(today):
            return self.raised.above
        return max(self.measured, self.needed or 0)


@dataclass(frozen=True)
class Baseline:
    """Every entry, and what they speak for."""

    key: Key
    entries: tuple[Entry, ...]

    def of(self, call: str) -> dict[str, Entry]:
        """Return the entries of a call by metric."""
        return {each.metric: each for each in self.entries if each.call == call}

    def calls(self) -> list[str]:
        """Return the calls that have entries, in order."""
        return list(dict.fromkeys(each.call for each in self.entries))


@dataclass(frozen=True)
class Exercised:
    """The calls that were measured, among those that there are."""

    key: Key
    calls: tuple[CallReport, ...]
    known: Collection[str]
    """The names of all calls of the target, run or not."""
    whole: bool
    """Whether every call was asked for: only then can an entry be without its call."""

    def without_call(self, baseline: Baseline) -> list[str]:
        """Return the calls of the baseline that are gone from the target."""
        return [name for name in baseline.calls() if self.whole and name not in self.known]

    def refuse_other(self, baseline: Baseline, file: str) -> None:
        """Raise QprofError where the figures of `baseline` are of something else."""
        if baseline.key != self.key:
            raise QprofError(
                f"{file} is of {baseline.key}, and this run of {self.key}: their figures cannot "
                "be compared. Run on the same, or keep one file for each with --baseline FILE."
            )


def has_other_arguments(entry: Entry, call: CallReport) -> bool:
    """Return whether the call's figures are of another question than the entry's."""
    return dict(entry.arguments) != dict(call.arguments)
