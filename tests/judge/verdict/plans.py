"""Plan reports and calls with only what a test is about."""

from typing import Any

from qprof.domain.report import PlanReport
from qprof.domain.trace import Call, Cost, Execution


def plan(name: str, seconds: float | None = 1.0, **given: Any) -> PlanReport:
    """Return a measured plan with proven objects; strategies tell it from as-written."""
    filled = {
        "status": "measured",
        "reason": None,
        "queries": 1,
        "rows": 10,
        "cells": 100,
        "spread": None,
        "repeats": 1,
        "identical": True,
        "strategies": {"Artist.tracks": name},
        **given,
    }
    return PlanReport(plan=name, seconds=seconds, **filled)


def call(queries: int, rows: int, cells: int, needed: Cost | None, **given: Any) -> Call:
    """Return a call of one execution group with these figures."""
    execution = Execution(sql="SELECT 1", count=queries, rows=rows, columns=1, cells=cells)
    executions = (execution,) if queries else ()
    return Call(
        name="artists.search",
        arguments={},
        executions=executions,
        wall=0.0,
        needed=needed,
        **given,
    )
