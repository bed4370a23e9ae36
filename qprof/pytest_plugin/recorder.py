"""One test's recordings: the fixture's value, and what goes along with the test's report."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest

from qprof.api.flatness import flat
from qprof.judge.budgets import TestCost
from qprof.measure.capture import record
from qprof.pytest_plugin.gate import COST, breaches_of, cost_text, entry_of
from qprof.pytest_plugin.limits import Limits
from qprof.pytest_plugin.options import RECORDER, gates, wanted
from qprof.pytest_plugin.proving import PROOF
from qprof.pytest_plugin.seen import Seen, Verdict, held_against, worse_than_before
from qprof.pytest_plugin.under_test import cost_of
from qprof.runs.stored import trace_text

REPORTED = "qprof_trace"
BREACHED = "qprof_breaches"
"""Attributes of a test's report; xdist carries them along."""
_UNSEEN = (
    "qprof could not record this test: something else runs in the place of its function. Use the "
    "fixture, with qprof.record() inside of the test."
)


class Recorder:
    """The value of the `qprof` fixture."""

    def __init__(self, item: pytest.Item) -> None:
        self._item = item
        self._whole: Seen | None = None
        self.verdict: Verdict | None = None
        """Why the test is over its marker's limits; known when its call has ended."""

    @contextmanager
    def record(self) -> Iterator[Seen]:
        """Record the block. It counts for the whole test, too; blocks may be nested."""
        config = self._item.config
        seen = Seen(self._item.nodeid, config.rootpath, sizes=bool(config.getoption("qprof_bytes")))
        with record(into=seen.recording):
            yield seen

    flat = staticmethod(flat)
    """Runs a call at several sizes of its data, and fails where its cost grows."""

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Record the test's own call."""
        with self.record() as seen:
            self._whole = seen
            proof = self._item.stash.get(PROOF, None)
            with proof.during(seen.recording) if proof is not None else nullcontext():
                yield

    def prove(self, *, limited: bool) -> None:
        """Say whether the test has a budget, and was over it."""
        proof = self._item.stash.get(PROOF, None)
        if proof is not None:
            cost = self.cost()
            proof.budget = (
                limited or entry_of(self._item.config, self._item.nodeid, cost) is not None
            )
            proof.broken = self.verdict is not None
            proof.cost = self._whole.cost if limited and self._whole is not None else cost

    @property
    def seen(self) -> Seen | None:
        """The whole test so far; None before its call."""
        return self._whole

    def check(self, limits: Limits) -> Verdict | None:
        """Hold the whole test against `limits`."""
        unseen = Verdict(_UNSEEN)
        self.verdict = unseen if self._whole is None else held_against(self._whole, limits)
        return self.verdict

    def cost(self) -> TestCost | None:
        """Return what the code under test cost; None where it sent nothing."""
        return cost_of(self._whole) if self._whole is not None else None

    def compare(self) -> Verdict | None:
        """Hold the test against its entry in the baseline, if it is within its own limits."""
        if self._whole is None or self.verdict is not None:
            return None
        broken = breaches_of(self._item.config, self._item.nodeid, self.cost())
        self.verdict = worse_than_before(self._whole, broken) if broken else None
        return self.verdict

    def __getattr__(self, name: str) -> Any:
        """Give what `Seen` has, of the whole test so far."""
        if name.startswith("_"):
            raise AttributeError(name)
        if self._whole is None:
            pytest.fail(
                f"qprof.{name} is of the test's own call, which has not begun; in a fixture use "
                "qprof.record().",
                pytrace=False,
            )
        return getattr(self._whole, name)


def recorder_of(item: pytest.Item) -> Recorder:
    """Return the recorder of `item`, the same each time."""
    recorder: Recorder = item.stash.setdefault(RECORDER, Recorder(item))
    return recorder


def add_to_report(item: pytest.Item, report: pytest.TestReport) -> None:
    """Add the figures of the test; where it failed by itself, its broken limits as a section."""
    recorder = recorder_of(item)
    if recorder.seen is None:
        return
    verdict = recorder.verdict
    if verdict is not None and report.failed and verdict.text not in str(report.longrepr):
        report.sections.append(("qprof: over its limits, too", verdict.text))
    cost = recorder.cost() if gates(item.config) and report.passed else None
    if cost is not None:
        report.__dict__[COST] = cost_text(cost)
    if wanted(item.config) and recorder.seen.recording.sent:
        report.__dict__[REPORTED] = trace_text(recorder.seen.trace)
        breaches = verdict.breaches if verdict is not None else ()
        report.__dict__[BREACHED] = [
            [each.call, each.metric, each.limit, each.measured, each.source] for each in breaches
        ]
