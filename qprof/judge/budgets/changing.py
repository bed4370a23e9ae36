"""The three ways to change a baseline, none of which lets a figure rise unsaid."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from qprof.domain.errors import QprofError
from qprof.domain.report import CallReport
from qprof.judge.budgets.baseline import (
    Acknowledgement,
    Baseline,
    Entry,
    Exercised,
    Raised,
    has_other_arguments,
)
from qprof.judge.budgets.metrics import COUNTS, counted, needed, shown

Figures = tuple[CallReport, str]


@dataclass(frozen=True)
class Change:
    """A baseline as it is to be written, and what is different in it, a sentence each."""

    baseline: Baseline
    said: tuple[str, ...]


def written(run: Exercised) -> Change:
    """Return a baseline of what was measured."""
    entries = tuple(_fresh(call, metric) for call in run.calls for metric in COUNTS)
    return Change(Baseline(run.key, entries), ())


def updated(
    baseline: Baseline, run: Exercised, acknowledged: Acknowledgement | None, today: date
) -> Change:
    """Return `baseline` with what was measured: lower, new, or raised if that is acknowledged.

    Raises QprofError where an entry rises over its limit and nobody answers for it.
    """
    entries = {(each.call, each.metric): each for each in baseline.entries}
    said: list[str] = []
    if acknowledged is None:
        _refuse_rise(baseline, run, today)
    for call, metric in _figures(run):
        old = entries.get((call.name, metric))
        new = _next(old, call, metric, acknowledged, today)
        entries[call.name, metric] = new
        said += _difference(old, new)
    return Change(replace(baseline, entries=tuple(entries.values())), tuple(said))


def pruned(baseline: Baseline, run: Exercised) -> Change:
    """Return `baseline` with what became lower, and without the calls that are gone."""
    figures = {(call.name, metric): call for call, metric in _figures(run)}
    gone = run.without_call(baseline)
    entries, said = [], [f"{name}: removed, since the target has no such call." for name in gone]
    for old in baseline.entries:
        call = figures.get((old.call, old.metric))
        new = old if call is None or has_other_arguments(old, call) else _lowered(old, call)
        entries += [new] if old.call not in gone else []
        said += _difference(old, new)
    return Change(replace(baseline, entries=tuple(entries)), tuple(said))


def _figures(run: Exercised) -> Iterator[Figures]:
    for call in run.calls:
        for metric in COUNTS:
            yield call, metric


def _fresh(call: CallReport, metric: str) -> Entry:
    measured = counted(call, metric)
    return Entry(call.name, metric, dict(call.arguments), measured, needed(call, metric))


def _next(
    old: Entry | None,
    call: CallReport,
    metric: str,
    acknowledged: Acknowledgement | None,
    today: date,
) -> Entry:
    measured = counted(call, metric)
    if old is None or has_other_arguments(old, call):
        return _fresh(call, metric)
    if measured <= old.measured and (old.raised is None or measured <= old.limit(today)):
        return _lowered(old, call)
    if measured <= old.limit(today):
        return replace(old, measured=measured, needed=_least(old.needed, needed(call, metric)))
    if acknowledged is None:  # _refuse_rise() has raised.
        return old
    above = old.raised.above if old.raised else old.limit(today)
    return replace(_fresh(call, metric), raised=Raised(above, acknowledged))


def _lowered(old: Entry, call: CallReport) -> Entry:
    """Return `old` with what is lower now; raised no longer, where it is back at what it was."""
    measured = min(old.measured, counted(call, old.metric))
    least = _least(old.needed, needed(call, old.metric))
    is_back = old.raised is not None and measured <= old.raised.above
    return replace(old, measured=measured, needed=least, raised=None if is_back else old.raised)


def _least(old: int | None, new: int | None) -> int | None:
    return old if new is None else new if old is None else min(old, new)


def _refuse_rise(baseline: Baseline, run: Exercised, today: date) -> None:
    """Raise QprofError, with all of them, where entries rise over their limits."""
    rising: dict[str, list[str]] = {}
    for call, metric in _figures(run):
        old, measured = baseline.of(call.name).get(metric), counted(call, metric)
        if old is None or has_other_arguments(old, call):
            continue
        if measured > old.limit(today):
            told = f"{metric} would rise from {shown(old.limit(today))} to {shown(measured)}"
            rising.setdefault(call.name, []).append(told)
    if rising:
        told = "; ".join(f"{call}: {', '.join(each)}" for call, each in rising.items())
        raise QprofError(
            f"{told}. To accept this: qprof baseline update {' '.join(rising)} "
            '--reason "WHY" --by "WHO" --expires DAY.'
        )


def _difference(old: Entry | None, new: Entry) -> Iterator[str]:
    if old is None:
        yield f"{new.call}: {new.metric} {shown(new.measured)}, new."
    elif old.measured != new.measured:
        why = f", {new.raised.acknowledged}" if new.raised and new.raised != old.raised else ""
        yield f"{new.call}: {new.metric} {shown(old.measured)} to {shown(new.measured)}{why}."
    elif new.raised is not None and new.raised != old.raised:
        before = f"; before, {old.raised.acknowledged}" if old.raised else ""
        yield f"{new.call}: {new.metric} {shown(new.measured)}, {new.raised.acknowledged}{before}."
    elif old.raised is not None and new.raised is None:
        yield f"{new.call}: {new.metric} needs no acknowledgement any more."
