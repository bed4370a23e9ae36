"""The gate: absolute budgets, and the baseline, a ratchet. Arithmetic and one file."""

from qprof.budgets.acknowledging import Acknowledgement, read_acknowledgement
from qprof.budgets.baseline import Baseline, key_of
from qprof.budgets.baseline_file import NAME, baseline_text, read_baseline
from qprof.budgets.changing import Change, pruned, updated, written
from qprof.budgets.exercised import Exercised
from qprof.budgets.judging import over_budget
from qprof.budgets.limits import Budgets, built_in
from qprof.budgets.ratchet import worse
from qprof.budgets.settings import read_budgets
from qprof.budgets.verdict import Verdict

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
