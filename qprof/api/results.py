"""What the API returns: figures as attributes; it prints itself, also in a notebook."""

import sys
from dataclasses import dataclass
from pathlib import Path

from qprof.domain.errors import QprofError
from qprof.domain.files import write_whole
from qprof.domain.registry import lookup
from qprof.domain.report import (
    Amplification,
    CallReport,
    Comparison,
    ExecutionReport,
    Finding,
    PlanPrediction,
    PlanReport,
    Prediction,
    Report,
    Seconds,
)
from qprof.domain.trace import Cost, Root
from qprof.reporters import REPORTERS, Canvas, terminal
from qprof.reporters.notebook import report_html


class Printed:
    """A result that shows its report: as the table of the commands, or as HTML in a notebook."""

    @property
    def report(self) -> Report:
        """Everything that was concluded: what `--format json` writes."""
        raise NotImplementedError

    def text(self, format: str = "table") -> str:
        """Return the report as any format of the commands. Raises QprofError for another."""
        return lookup("format", format, REPORTERS)(self.report, Canvas())

    def save(self, file: str | Path, format: str = "json") -> None:
        """Write the report to `file`, whole or not at all; `qprof report` reads the JSON.

        Raises QprofError for an unknown format, or a file that cannot be written.
        """
        write_whole(Path(file), self.text(format))

    def __str__(self) -> str:
        return REPORTERS["table"](self.report, terminal(sys.stdout)).rstrip("\n")

    def __repr__(self) -> str:
        return str(self)

    def html(self) -> str:
        """Return what a notebook shows."""
        return report_html(self.report)

    def _repr_html_(self) -> str:
        return self.html()


@dataclass(frozen=True, repr=False)
class Reported(Printed):
    """A result that is a view of its report."""

    _report: Report

    @property
    def report(self) -> Report:
        """Everything that was concluded."""
        return self._report


@dataclass(frozen=True, repr=False)
class ProfileResult(Reported):
    """What one call costs as it is written."""

    @property
    def call(self) -> CallReport:
        """The call's figures, as the JSON contract has them."""
        return self._report.calls[0]

    @property
    def queries(self) -> int:
        """Cursor executions of one run."""
        return self.call.queries

    @property
    def rows(self) -> int:
        """Rows that were fetched from the driver."""
        return self.call.rows

    @property
    def cells(self) -> int:
        """Rows times columns."""
        return self.call.cells

    @property
    def bytes(self) -> int | None:
        """The size of the fetched values, in bytes; None unless it was asked for."""
        return self.call.bytes

    @property
    def needed(self) -> Cost | None:
        """What the same objects cost under the balanced plan; None where that is unknown."""
        return self.call.needed

    @property
    def amplification(self) -> Amplification:
        """Measured divided by needed: `.queries`, `.rows`, `.cells`; None where unknown."""
        return self.call.amplification

    @property
    def seconds(self) -> Seconds:
        """How long the measured run took, and its parts."""
        return self.call.seconds

    @property
    def executions(self) -> tuple[ExecutionReport, ...]:
        """What was sent, by statement, path, strategy and line."""
        return self.call.executions

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What breaks a rule of `qprof rule`, with its fix."""
        return self._report.findings


@dataclass(frozen=True, repr=False)
class CompareResult(ProfileResult):
    """One call under every plan."""

    @property
    def comparison(self) -> Comparison:
        """The plans and the recommendation. Raises QprofError where no plan could be run."""
        if not self._report.comparisons:
            raise QprofError(
                "The call is too large to be run as it is written, so no plan was compared with "
                "it; print the result, or raise max_rows."
            )
        return self._report.comparisons[0]

    @property
    def recommended(self) -> str | None:
        """The name of the plan to use; None where there is none."""
        return self.comparison.recommended

    @property
    def reason(self) -> str:
        """The verdict, in a sentence."""
        return self.comparison.reason

    @property
    def plans(self) -> dict[str, PlanReport]:
        """Each plan by its name, as it was measured; the first is `as-written`."""
        return {each.plan: each for each in self.comparison.plans}


@dataclass(frozen=True, repr=False)
class PredictResult(Reported):
    """What each plan of a call would fetch."""

    @property
    def prediction(self) -> Prediction:
        """The figures, as the JSON contract has them."""
        return self._report.predictions[0]

    @property
    def plans(self) -> dict[str, PlanPrediction]:
        """Each plan by its name; `exactness` says what its figures are."""
        return {each.plan: each for each in self.prediction.plans}

    @property
    def worst_root(self) -> Root | None:
        """The root object that alone brings the most rows; None where that is unknown."""
        return self.prediction.worst_root
