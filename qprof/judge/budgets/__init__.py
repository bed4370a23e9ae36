"""The gate: absolute budgets, and the baseline, a ratchet. Arithmetic and one file."""

from qprof.judge.budgets.baseline import (
    Acknowledgement,
    Baseline,
    Exercised,
    key_of,
    read_acknowledgement,
)
from qprof.judge.budgets.baseline_file import NAME, baseline_text, read_baseline
from qprof.judge.budgets.changing import Change, pruned, updated, written
from qprof.judge.budgets.judging import Verdict, over_budget
from qprof.judge.budgets.limits import Budgets, built_in, read_budgets
from qprof.judge.budgets.ratchet import worse

__all__ = [
    "NAME",
    "Acknowledgement",
    "Baseline",
    "Budgets",
    "Change",
    "Exercised",
    "Verdict",
    "baseline_text",
    "built_in",
    "key_of",
    "over_budget",
    "pruned",
    "read_acknowledgement",
    "read_baseline",
    "read_budgets",
    "updated",
    "worse",
    "written",
]
