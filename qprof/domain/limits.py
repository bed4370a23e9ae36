"""Limits that hold wherever qprof runs a call, or asks a database itself."""

from dataclasses import dataclass

MAX_ROWS = 1_000_000
"""Rows up to which a call or a plan is run, and up to which a prediction counts or fetches any."""
MAX_STATEMENTS = 100_000
"""Executions of one run: an N+1 over that many rows is told from far fewer."""
MAX_SECONDS = 300.0
"""Seconds of one run: longer than the gateways and job queues that usually wait for one."""
PATIENCE = 30.0
"""Seconds after which `compare` begins no further run of a call, if no --timeout is given. Half of
the minute in which such a call is to end: the other half is for what has begun by then."""
LATE = (
    f"this call has taken more than {PATIENCE:g} seconds; --timeout {MAX_SECONDS:g} runs every plan"
)
"""Why a plan was left to its prediction; it says what to type."""
MOST_SECONDS = 86_400.0
"""A day: who asks for more has most likely mistyped."""


@dataclass(frozen=True)
class Limits:
    """What one run of a call may take; a run that takes more is stopped."""

    rows: int = MAX_ROWS
    statements: int = MAX_STATEMENTS
    seconds: float = MAX_SECONDS
    patience: float = PATIENCE
    """Seconds for all runs of one call under plans, from where its prediction begins."""
