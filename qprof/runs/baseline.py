"""The baseline file: written for the first time, updated, pruned."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from qprof.domain.errors import MeasureError, QprofError
from qprof.domain.files import write_whole
from qprof.domain.report import Report
from qprof.judge.budgets import (
    Acknowledgement,
    Baseline,
    Change,
    Exercised,
    baseline_text,
    has_calls,
    pruned,
    read_baseline,
    read_suite,
    updated,
    written,
)
from qprof.runs.check import exercised
from qprof.runs.request import Request
from qprof.runs.seeding import Tell


@dataclass(frozen=True)
class Kept:
    """What became of the file."""

    file: Path
    said: tuple[str, ...]
    """What is different in it."""
    entries: int
    written: bool
    """False where nothing had to be."""


def write_baseline(request: Request, file: Path, tell: Tell) -> Kept:
    """Measure, and write a file that is not there yet.

    Raises QprofError where it is, or cannot be written, and as `check` does.
    """
    if has_calls(file):
        raise QprofError(
            f"There is a {file} already. Use qprof baseline update for calls that are new or cost "
            "more, and qprof baseline prune for those that cost less or are gone."
        )
    return _kept(file, None, written(_measured(request, tell)))


def update_baseline(
    request: Request, file: Path, acknowledged: Acknowledgement | None, today: date, tell: Tell
) -> Kept:
    """Measure, and write what is lower or new; what is higher only if it is acknowledged.

    Raises QprofError where it is not, or the file is broken or of something else, and for an
    acknowledgement whose last day has passed.
    """
    if acknowledged is not None and not acknowledged.holds(today):
        raise QprofError(
            f"--expires {acknowledged.expires} has passed, and an acknowledgement holds up to that "
            f"day. Name one from {today} on."
        )
    return _changed(request, file, tell, lambda old, run: updated(old, run, acknowledged, today))


def prune_baseline(request: Request, file: Path, tell: Tell) -> Kept:
    """Measure, lower what is lower, and remove the entries of calls that are gone.

    Raises QprofError where the file is broken or of something else.
    """
    return _changed(request, file, tell, pruned)


def _changed(
    request: Request,
    file: Path,
    tell: Tell,
    change: Callable[[Baseline, Exercised], Change],
) -> Kept:
    if not has_calls(file):
        raise QprofError(f"There is no {file}; qprof baseline write makes one.")
    old = read_baseline(file)
    run = _measured(request, tell)
    run.refuse_other(old, str(file))
    return _kept(file, old, change(old, run))


def _measured(request: Request, tell: Tell) -> Exercised:
    report, run = exercised(request, tell)
    _refuse_partial(report)
    return run


def _refuse_partial(report: Report) -> None:
    """Raise MeasureError for a call that raised: a file of the others would not be whole.

    Raises KeyboardInterrupt again if that is why.
    """
    if report.interrupted:
        raise KeyboardInterrupt
    raised = [each.reason for each in report.unmeasured if each.raised]
    if raised:
        raise MeasureError(f"{raised[0]} Nothing was written.")


def _kept(file: Path, old: Baseline | None, change: Change) -> Kept:
    is_new = change.baseline != old
    if is_new:
        write_whole(file, baseline_text(change.baseline, read_suite(file)))
    return Kept(file, change.said, len(change.baseline.entries), is_new)
