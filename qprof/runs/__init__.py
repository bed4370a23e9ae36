"""The use cases: each joins the parts and returns a result. The doors call these alone."""

from qprof.runs.baseline import Kept, prune_baseline, update_baseline, write_baseline
from qprof.runs.bench import bench
from qprof.runs.bench_options import asked
from qprof.runs.check import check
from qprof.runs.compare import compare
from qprof.runs.predict import predict
from qprof.runs.profile import profile
from qprof.runs.program import Ran, run_program
from qprof.runs.request import Request, choose_rules, from_config
from qprof.runs.rules import rule_text
from qprof.runs.scanning import Asked, Result, mend, scan_files
from qprof.runs.seeding import derive_recipe, seed
from qprof.runs.starting import Starter, starter
from qprof.runs.stored import judge_trace, stored_report, trace_text

__all__ = [
    "Asked",
    "Kept",
    "Ran",
    "Request",
    "Result",
    "Starter",
    "asked",
    "bench",
    "check",
    "choose_rules",
    "compare",
    "derive_recipe",
    "from_config",
    "judge_trace",
    "mend",
    "predict",
    "profile",
    "prune_baseline",
    "rule_text",
    "run_program",
    "scan_files",
    "seed",
    "starter",
    "stored_report",
    "trace_text",
    "update_baseline",
    "write_baseline",
]
