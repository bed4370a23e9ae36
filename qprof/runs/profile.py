"""What calls cost as they are written."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from qprof.capture.sites import call_site_of
from qprof.database import redact
from qprof.errors import MeasureError, QprofError
from qprof.judge import judge
from qprof.report import Report
from qprof.runs.measuring import Seen, reason_of, see
from qprof.runs.request import Request, chosen_calls, opened
from qprof.runs.sample import Tell
from qprof.target import TargetCall
from qprof.trace import Trace

_REFUSED_WRITE = re.compile(r"readonly database|read[- ]only transaction", re.IGNORECASE)
"""What SQLite, and what PostgreSQL, MariaDB and MySQL say to a write."""


def profile(request: Request, tell: Tell) -> Report:
    """Run each call of `request` as written and judge it.

    Raises QprofError for what cannot be found, MeasureError where a call raises or where no call
    sent a statement.
    """
    calls = chosen_calls(request, tell)
    with opened(request, tell) as (engine, environment):
        seen = [see_call(call, engine).call for call in calls]
    trace = Trace(environment, tuple(seen))
    refuse_nothing(trace, calls)
    return judge(trace, request.thresholds, request.rules)


def see_call(call: TargetCall, engine: Engine) -> Seen:
    """Run `call` as written; what it raises becomes a MeasureError that says where."""
    with _told(call, engine):
        return see(call, engine)


@contextmanager
def _told(call: TargetCall, engine: Engine) -> Iterator[None]:
    try:
        yield
    except QprofError:
        raise
    except Exception as error:
        said = redact(reason_of(error), engine.url)
        driver: Any = engine.dialect.dbapi
        if isinstance(error, (DBAPIError, driver.Error)) and _REFUSED_WRITE.search(said):
            raise MeasureError(
                f"{call.name} writes to the database, and qprof only reads: {said}. Run it on "
                "calls that read."
            ) from error
        raise MeasureError(f"{call.name} raised {said} ({call_site_of(error)}).") from error


def refuse_nothing(trace: Trace, calls: Sequence[TargetCall]) -> None:
    """Raise MeasureError where nothing was seen: that is never a pass."""
    if not calls:
        raise MeasureError("No call was run: each one lacks an argument.")
    if not any(call.executions or call.notes for call in trace.calls):
        names = ", ".join(call.name for call in calls)
        raise MeasureError(
            f"No statement was seen in {names}. Does the call use the session that it is given?"
        )
