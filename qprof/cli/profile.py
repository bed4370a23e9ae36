"""qprof profile."""

from dataclasses import replace

from qprof.cli import options
from qprof.cli.measuring import Request, Tell, reports
from qprof.domain.report import Report


@reports()
def profile(
    request: Request,
    tell: Tell,
    full: options.Full = False,
    every: options.Every = False,
    seal: options.Seal = False,
) -> Report:
    """Measure calls and report loading problems.

    Each call runs as it is written, then once under the balanced plan, which is what it needs.
    """
    from qprof.runs.profile import profile

    return profile(replace(request, seal=seal), tell)
