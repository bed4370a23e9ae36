"""qprof check."""

from dataclasses import replace
from datetime import date

from qprof.cli import options
from qprof.cli.measuring import Request, Tell, reports
from qprof.domain.report import Report


@reports(without=("try_indexes", "sql"), gate=True)
def check(
    request: Request,
    tell: Tell,
    baseline: options.BaselineFile = None,
    seal: options.Seal = False,
) -> Report:
    """Fail if a call exceeds its budget or its baseline.

    The limits are the budgets of the configuration and the baseline of `qprof baseline write`.
    Without budgets, a call may fetch 1.5 times the rows and 3 times the cells that it needs. The
    baseline stays as it is.
    """
    from qprof.runs.check import check

    return check(replace(request, seal=seal), baseline, date.today(), tell)
