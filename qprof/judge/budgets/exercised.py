"""What a run exercised: enough to hold a baseline against it."""

from collections.abc import Collection
from dataclasses import dataclass

from qprof.domain.errors import QprofError
from qprof.domain.report import CallReport
from qprof.judge.budgets.baseline import Baseline, Entry, Key


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
