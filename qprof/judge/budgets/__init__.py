"""The gate: absolute budgets, and the baseline, a ratchet. Arithmetic and one file."""

from qprof.judge.budgets.baseline import (
    Acknowledgement,
    Baseline,
    Exercised,
    key_of,
    read_acknowledgement,
)
from qprof.judge.budgets.baseline_file import (
    NAME,
    baseline_text,
    has_calls,
    read_baseline,
    read_suite,
)
from qprof.judge.budgets.changing import Change, pruned, updated, written
from qprof.judge.budgets.judging import Verdict, over_budget
from qprof.judge.budgets.limits import Budgets, built_in, read_budgets
from qprof.judge.budgets.ratchet import worse
from qprof.judge.budgets.suite import Suite, TestCost

__all__ = [
    "NAME",
    "Acknowledgement",
    "Baseline",
    "Budgets",
    "Change",
    "Exercised",
    "Suite",
    "TestCost",
    "Verdict",
    "baseline_text",
    "built_in",
    "has_calls",
    "key_of",
    "over_budget",
    "pruned",
    "read_acknowledgement",
    "read_baseline",
    "read_budgets",
    "read_suite",
    "updated",
    "worse",
    "written",
]
