"""Reports of calls with only what a test is about."""

from typing import Any

from qprof.domain.report import CallReport, ExecutionReport, Seconds, amplification
from qprof.domain.trace import Cost, Environment, Library, Site
from qprof.judge.budgets import Exercised, key_of

SITE = Site("shop/artists.py", 24, "search")


def execution(strategy: str = "root", count: int = 1, **given: Any) -> ExecutionReport:
    """Return an execution at `SITE`."""
    filled = {"rows": 1, "columns": 1, "cells": 1, "path": None, "site": SITE, **given}
    return ExecutionReport("", "", count=count, repeats=0, strategy=strategy, **filled)


def call(
    cost: tuple[int, int, int] = (1, 2700, 62100),
    needed: tuple[int, int, int] | None = (4, 1280, 5900),
    name: str = "artists.search",
    **given: Any,
) -> CallReport:
    """Return a call of that cost: queries, rows, cells."""
    wanted = Cost(*needed) if needed else None
    filled = {"arguments": {}, "executions": (execution(count=cost[0]),), **given}
    return CallReport(
        name,
        queries=cost[0],
        rows=cost[1],
        cells=cost[2],
        needed=wanted,
        amplification=amplification(Cost(*cost), wanted),
        seconds=Seconds(None, 0.0, 0.0),
        notes=(),
        verdict="",
        **filled,
    )


def run(*calls: CallReport, whole: bool = True, known: tuple[str, ...] = (), seed: int = 1) -> Any:
    """Return a run of `calls` on a library of that seed."""
    library = Library("audit", 1.0, seed)
    seen = Environment("0", "3", "2.1.9", "sqlite", "pysqlite", "sqlite:///a.db", library)
    return Exercised(key_of(seen), calls, known or [each.name for each in calls], whole)
