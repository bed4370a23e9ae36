"""Turns a `Trace` into a `Report`: amplification, findings, verdicts, the recommended plan."""

from qprof.judge.reporting import judge

__all__ = ["judge"]
