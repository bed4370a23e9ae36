"""What one stretch of a test sent, with what it needed and what the rules find in it."""

import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import sqlalchemy

from qprof import __version__
from qprof.domain.errors import QprofError
from qprof.domain.report import Amplification, Breach, Finding, Report, amplification
from qprof.domain.trace import Call, Cost, Environment, Execution, Trace
from qprof.measure.derived.needed import Derived, derived_needed
from qprof.measure.derived.nested import NestedRecording
from qprof.pytest_plugin.limits import Figures, Limits, read_limits
from qprof.runs.stored import judge_trace
from qprof.targets.config import Config, read_config
from qprof.targets.database import shown_url


class Seen:
    """The figures of a `with qprof.record()` block, or of a whole test; exact at any time.

    Rows are those fetched from the driver, cells are rows times columns. `needed` is what the
    objects that were loaded cost with to-one paths joined and to-many paths by selectin.
    """

    def __init__(self, name: str, root: Path) -> None:
        self.name = name
        """The test's id."""
        self.recording = NestedRecording()
        self._root = root

    @property
    def queries(self) -> int:
        """Cursor executions."""
        return self._cost.queries

    @property
    def rows(self) -> int:
        """Rows that were fetched, RETURNING included."""
        return self._cost.rows

    @property
    def cells(self) -> int:
        """Rows times columns."""
        return self._cost.cells

    @property
    def _cost(self) -> Cost:
        sent = self.recording.snapshots()
        cells = sum(each.rows * each.columns for each in sent)
        return Cost(len(sent), sum(each.rows for each in sent), cells)

    @property
    def executions(self) -> tuple[Execution, ...]:
        """What was sent, by statement, path, strategy and line."""
        return self.recording.executions()

    @property
    def needed(self) -> Cost | None:
        """What the loaded objects would have to cost; None where the rows do not tell."""
        return self.derived.cost

    @property
    def derived(self) -> Derived:
        """What was needed, or why it is unknown."""
        return derived_needed(self.recording.snapshots())

    @property
    def amplification(self) -> Amplification:
        """Measured divided by needed: `.queries`, `.rows`, `.cells`; None where unknown."""
        return amplification(self._cost, self.needed)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What breaks a rule of `qprof rule`, by the settings of the project."""
        return self.report().findings

    @property
    def figures(self) -> Figures:
        """What limits are held against."""
        loads = sum(each.loads for each in self.executions)
        return Figures(self._cost, loads, self.amplification)

    def trace(self) -> Trace:
        """Return what was seen, as one call."""
        derived = self.derived
        notes = (derived.reason,) if derived.reason else ()
        # Its wall time would be ours as well: rows were looked at meanwhile.
        call = Call(self.name, {}, self.executions, None, needed=derived.cost, notes=notes)
        return Trace(_environment(self.recording), (call,))

    def report(self, breaches: Sequence[Breach] = ()) -> Report:
        """Return what was concluded, in the JSON contract's form."""
        return replace(judged(self.trace(), self._root), breaches=tuple(breaches))

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
    return Verdict(failure_text(seen.report(breaches), seen.figures, refusal), breaches)


def _not_measured(seen: Seen, limits: Limits) -> str:
    """Return why something was not measured; that is never a pass."""
    if seen.recording.errors:
        error = seen.recording.errors[0]
        return f"qprof itself failed, so nothing is certain: {type(error).__name__}: {error}."
    if not seen.recording.sent and not limits.allow_nothing():
        return (
            "No statement was sent through SQLAlchemy, so nothing was measured, which is no pass. "
            "If none is right, say so with queries=0."
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


def _environment(recording: NestedRecording) -> Environment:
    engines = recording.engines.values()
    return Environment(
        qprof=__version__,
        python=platform.python_version(),
        sqlalchemy=sqlalchemy.__version__,
        dialect=_joined(each.dialect.name for each in engines),
        driver=_joined(each.dialect.driver for each in engines),
        database=_joined(shown_url(each.url) for each in engines),
    )


def _joined(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))
