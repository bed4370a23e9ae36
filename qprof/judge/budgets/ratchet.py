"""A run against the baseline: worse fails, better passes and is told."""

from collections.abc import Iterator, Mapping
from datetime import date

from qprof.domain.errors import QprofError
from qprof.domain.report import Breach, CallReport
from qprof.judge.budgets.baseline import Baseline, Entry, Exercised, has_other_arguments
from qprof.judge.budgets.judging import Verdict
from qprof.judge.budgets.metrics import COUNTS, counted, place, shown

SOURCE = "baseline"


def worse(baseline: Baseline, run: Exercised, today: date) -> Verdict:
    """Return what is worse than `baseline`, and what could be pruned from it.

    Raises QprofError where a call was run with other arguments than its entries.
    """
    breaches: list[Breach] = []
    notices: list[str] = []
    for call in run.calls:
        entries = baseline.of(call.name)
        wrong = [*_of_call(call, entries, today), *_empty(call, entries)]
        breaches += wrong
        notices += _better(call, entries) if not wrong else ()
    breaches += [_without_call(name, baseline) for name in run.without_call(baseline)]
    return Verdict(tuple(breaches), tuple(notices))


def _of_call(call: CallReport, entries: Mapping[str, Entry], today: date) -> Iterator[Breach]:
    for metric in COUNTS:
        if metric in entries:
            _refuse_other_arguments(entries[metric], call)
            yield from _worse(call, entries[metric], today)
    missing = [metric for metric in COUNTS if metric not in entries]
    if missing:
        yield Breach(
            call.name,
            "metrics without an entry",
            0,
            len(missing),
            SOURCE,
            message=f"{call.name}: the baseline has no {' and no '.join(missing)} of it. "
            f"Add it: qprof baseline update {call.name}.",
            location=place(call, "cells"),
        )


def _worse(call: CallReport, entry: Entry, today: date) -> Iterator[Breach]:
    measured, limit, raised = counted(call, entry.metric), entry.limit(today), entry.raised
    holds = raised is not None and raised.acknowledged.holds(today)
    if measured > limit or (raised and holds and measured > raised.above):
        excused = raised is not None and measured <= limit
        before = raised.above if raised and excused else limit
        yield Breach(
            call=call.name,
            metric=entry.metric,
            limit=before,
            measured=measured,
            source=SOURCE,
            message=_message(call, entry, before, _lapsed(entry, today)),
            location=place(call, entry.metric),
            acknowledged=str(raised.acknowledged) if raised and excused else None,
            lapsed=_lapsed(entry, today),
        )


def _empty(call: CallReport, entries: Mapping[str, Entry]) -> Iterator[Breach]:
    """Yield that nothing came where rows did: an empty database would pass for an improvement."""
    entry = entries.get("rows")
    if entry is not None and entry.measured and not counted(call, "rows"):
        yield Breach(
            call=call.name,
            metric="rows",
            limit=entry.measured,
            measured=0,
            source=SOURCE,
            message=f"{call.name}: no rows came, and the baseline has {shown(entry.measured)}. "
            f"Fill the database as it was; if none is right: qprof baseline update {call.name}.",
            location=place(call, "rows"),
        )


def _lapsed(entry: Entry, today: date) -> str:
    raised = entry.raised
    if raised is None or raised.acknowledged.holds(today):
        return ""
    said = raised.acknowledged
    return f"the exception of {said.by} for {shown(entry.measured)} expired on {said.expires}"


def _message(call: CallReport, entry: Entry, limit: int, lapsed: str) -> str:
    return (
        f"{call.name}: {shown(counted(call, entry.metric))} {entry.metric}, and the baseline "
        f"allows {shown(limit)}{'; ' if lapsed else ''}{lapsed}."
    )


def _refuse_other_arguments(entry: Entry, call: CallReport) -> None:
    if has_other_arguments(entry, call):
        raise QprofError(
            f"The baseline has {call.name} with {_listed(entry.arguments)}, and this run has it "
            f"with {_listed(call.arguments)}. Run it with the same, or say that it changed: qprof "
            f"baseline update {call.name}."
        )


def _listed(arguments: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in arguments.items()) or "no arguments"


def _better(call: CallReport, entries: Mapping[str, Entry]) -> Iterator[str]:
    found = [
        f"{metric} {shown(counted(call, metric))}, baseline {shown(entries[metric].measured)}"
        for metric in COUNTS
        if metric in entries and counted(call, metric) < entries[metric].measured
    ]
    if found:
        yield (
            f"{call.name} improved: {'; '.join(found)}. Tighten the baseline: qprof baseline "
            f"prune {call.name}."
        )


def _without_call(name: str, baseline: Baseline) -> Breach:
    return Breach(
        name,
        "entries without a call",
        0,
        len(baseline.of(name)),
        SOURCE,
        message=f"{name}: the baseline has it, and the target has no such call. If it is gone for "
        "good: qprof baseline prune.",
    )
