"""The use cases: each joins the parts and returns a result. The doors call these alone."""

from qprof.runs.compare import compare
from qprof.runs.profile import profile
from qprof.runs.request import Request, from_config
from qprof.runs.rules import rule_text
from qprof.runs.seeding import seed

__all__ = ["Request", "compare", "from_config", "profile", "rule_text", "seed"]
