"""Turns a `Trace` into a `Report`: amplification, findings, verdicts, the recommended plan.

Also two reports to what changed from one to the other.
"""

from qprof.judge.verdict.comparable import against
from qprof.judge.verdict.fixes import wanted
from qprof.judge.verdict.reporting import judge

__all__ = ["against", "judge", "wanted"]
