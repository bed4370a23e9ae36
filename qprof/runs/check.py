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
from qprof.runs.ignoring import ignoring
from qprof.runs.preparing import Prepared, prepared, provenance
from qprof.runs.profile import look
from qprof.runs.request import Request
from qprof.runs.seeding import Tell


def check(request: Request, file: Path | None, today: date, tell: Tell) -> Report:
    """Run each call of `request` as written; hold it against its budgets and the baseline `file`.

    Without a `file` that is the one of the default name, which need not be there. Raises QprofError
    for what cannot be found, a budget of no call, and a baseline that is broken or of something
    else; MeasureError where no call could be measured or none sent a statement.
    """
    baseline = _baseline(file, request.folder)
    report, run = exercised(request, tell)
    accepted = baseline.calls() if baseline else ()
    budgets = over_budget(_budgets(request), report.calls, accepted, today)
    ratchet = _ratchet(baseline, run, str(file or request.folder / NAME), today)
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
    own = request.target is not None or request.code is not None
    if not own and request.database is None:
        raise QprofError(_NO_TARGET)
    with prepared(request, tell) as ready:
        if not own:
            _refuse_foreign(ready)
        _refuse_idle(request.budgets, ready.known)
        looked = look(ready, tell)
        trace = looked.trace(ready.source)
    report = judge(trace, request.thresholds, request.rules, ignoring(request.ignored))
    report = replace(report, interrupted=looked.interrupted)
    known, whole = ready.known, not request.calls and not looked.interrupted
    return report, Exercised(key_of(report.environment), report.calls, known, whole)


_NO_TARGET = (
    "There is nothing to check: neither the settings nor the command line names a target. Add "
    "--target package.module:Class; qprof init --target package.module:Class --write keeps it."
)
"""A gate on the sample library would pass whatever the user's own code does."""


def _refuse_foreign(ready: Prepared) -> None:
    """Raise QprofError where the sample's calls would run on a database that is not its own."""
    engine = ready.source.reached()
    if engine is None or provenance(engine) is None:
        raise QprofError(_NO_TARGET)


def _refuse_idle(budgets: Budgets, known: tuple[str, ...]) -> None:
    for pattern in budgets.patterns():
        if not budgets.applies(pattern, known):
            raise unknown("call", pattern, known, "in the budgets of the configuration")


def _baseline(file: Path | None, folder: Path) -> Baseline | None:
    if file is not None and not file.exists():
        raise QprofError(f"There is no baseline {file}. Create it: qprof baseline write.")
    named = file or folder / NAME
    return read_baseline(named) if has_calls(named) else None


def _ratchet(baseline: Baseline | None, run: Exercised, file: str, today: date) -> Verdict:
    if baseline is None:
        told = f"No {NAME}: only budgets were checked. Create it: qprof baseline write."
        return Verdict(notices=(told,))
    run.refuse_other(baseline, file)
    return worse(baseline, run, today)
