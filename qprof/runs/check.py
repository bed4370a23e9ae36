"""Calls against budgets and the baseline. Nothing is written."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from qprof.domain.errors import QprofError
from qprof.domain.registry import unknown
from qprof.domain.report import Report
from qprof.judge.budgets import (
    NAME,
    Baseline,
    Budgets,
    Exercised,
    Verdict,
    built_in,
    has_calls,
    key_of,
    over_budget,
    read_baseline,
    worse,
)
from qprof.judge.verdict import judge
from qprof.runs.preparing import prepared
from qprof.runs.profile import look
from qprof.runs.request import Request
from qprof.runs.seeding import Tell


def check(request: Request, file: Path | None, today: date, tell: Tell) -> Report:
    """Run each call of `request` as written; hold it against its budgets and the baseline `file`.

    Without a `file` that is the one of the default name, which need not be there. Raises QprofError
    for what cannot be found, a budget of no call, and a baseline that is broken or of something
    else; MeasureError where no call could be measured or none sent a statement.
    """
    baseline = _baseline(file)
    report, run = exercised(request, tell)
    accepted = baseline.calls() if baseline else ()
    budgets = over_budget(_budgets(request), report.calls, accepted, today)
    ratchet = _ratchet(baseline, run, str(file or NAME), today)
    return replace(
        report,
        breaches=budgets.breaches + ratchet.breaches,
        notices=budgets.notices + ratchet.notices,
    )


def _budgets(request: Request) -> Budgets:
    damage = request.thresholds
    return request.budgets.over(built_in(damage.rows_amplification, damage.cells_amplification))


def exercised(request: Request, tell: Tell) -> tuple[Report, Exercised]:
    """Run each call of `request` as written; return the report, and what a baseline needs of it.

    Raises as `check` does.
    """
    with prepared(request, tell) as ready:
        _refuse_idle(request.budgets, ready.known)
        trace = look(ready, tell).trace(ready.source)
    report = judge(trace, request.thresholds, request.rules)
    known, whole = ready.known, not request.calls
    return report, Exercised(key_of(report.environment), report.calls, known, whole)


def _refuse_idle(budgets: Budgets, known: tuple[str, ...]) -> None:
    for pattern in budgets.patterns():
        if not budgets.applies(pattern, known):
            raise unknown("call", pattern, known, "in the budgets of the configuration")


def _baseline(file: Path | None) -> Baseline | None:
    if file is not None and not file.exists():
        raise QprofError(f"There is no baseline {file}; qprof baseline write makes one.")
    named = file or Path(NAME)
    return read_baseline(named) if has_calls(named) else None


def _ratchet(baseline: Baseline | None, run: Exercised, file: str, today: date) -> Verdict:
    if baseline is None:
        told = f"There is no {NAME}, so budgets alone were judged; qprof baseline write makes one."
        return Verdict(notices=(told,))
    run.refuse_other(baseline, file)
    return worse(baseline, run, today)
