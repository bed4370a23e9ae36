"""What one stretch of a test sent, with what it needed and what the rules find in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from qprof.api.recorded import RecordResult
from qprof.domain.errors import QprofError
from qprof.domain.report import Breach, Report
from qprof.domain.trace import Trace
from qprof.pytest_plugin.limits import Figures, Limits, read_limits
from qprof.pytest_plugin.under_test import TestRecording
from qprof.runs.stored import judge_trace
from qprof.targets.config import Config, read_config


class Seen(RecordResult):
    """The figures of a `with qprof.record()` block, or of a whole test; exact at any time."""

    def __init__(self, name: str, root: Path, *, sizes: bool = False) -> None:
        super().__init__(name, root)
        self.recording: TestRecording = TestRecording(sizes=sizes)
        self._settings = root

    @property
    def figures(self) -> Figures:
        """What limits are held against."""
        loads = sum(each.loads for each in self.executions)
        return Figures(self.cost, loads, self.amplification)

    @property
    def report(self) -> Report:
        """Everything that was concluded; wrong settings fail the test."""
        return judged(self.trace, self._settings)

    def _refuse_broken(self) -> None:
        """Leave that to `_not_measured`, which fails the test."""

    def report_with(self, breaches: Sequence[Breach]) -> Report:
        """Return the report with broken limits."""
        return replace(self.report, breaches=tuple(breaches))

    def assert_within(self, **limits: float) -> None:
        """Fail the test, with the figures and the fix, where it sent or fetched more than this.

        Takes what the marker takes: queries, rows, cells, amplification, rows_amplification…
        Nothing seen, and an amplification that is unknown, are failures, too.
        """
        __tracebackhide__ = True
        try:
            wanted = read_limits(limits, "assert_within")
        except QprofError as error:
            pytest.fail(str(error), pytrace=False)
        verdict = held_against(self, wanted)
        if verdict is not None:
            pytest.fail(verdict.text, pytrace=False)


@dataclass(frozen=True)
class Verdict:
    """Why a test fails."""

    text: str
    breaches: tuple[Breach, ...] = ()


def held_against(seen: Seen, limits: Limits) -> Verdict | None:
    """Return why `seen` is not within `limits`; None where it is."""
    from qprof.pytest_plugin.failure import failure_text

    refusal = _not_measured(seen, limits)
    breaches = tuple(limits.breaches(seen.name, seen.figures))
    if not refusal and not breaches:
        return None
    return Verdict(failure_text(seen.report_with(breaches), seen.figures, refusal), breaches)


def worse_than_before(seen: Seen, breaches: Sequence[Breach]) -> Verdict:
    """Return why a test is worse than its entry in the baseline."""
    from qprof.pytest_plugin.failure import failure_text

    with seen.recording.without_own():
        text = failure_text(seen.report_with(breaches), seen.figures, "")
    more = "The limits are those of the baseline; pytest --qprof-update accepts what it costs now."
    return Verdict(f"{text}\n\n{more}", tuple(breaches))


def _not_measured(seen: Seen, limits: Limits) -> str:
    """Return why something was not measured; that is never a pass."""
    if seen.recording.errors:
        error = seen.recording.errors[0]
        return f"qprof itself failed, so nothing is certain: {type(error).__name__}: {error}."
    if not seen.recording.sent and not limits.allow_nothing():
        return (
            "The test sent no statement through SQLAlchemy, so there is nothing to check. "
            "If that is right, use queries=0."
        )
    derived = seen.derived
    if limits.ratios and derived.cost is None:
        return f"{derived.reason} So its amplification is, too; limit rows and cells instead."
    return ""


def judged(trace: Trace, root: Path) -> Report:
    """Return what `trace` shows by the settings in `root`; wrong settings fail the test."""
    try:
        settings: Config = read_config(None, root)
        return judge_trace(trace, settings, None, None)
    except QprofError as error:
        pytest.fail(str(error), pytrace=False)
