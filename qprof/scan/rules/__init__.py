"""The rules of the scan, one file for each; `RULES` holds them in the order of their ids."""

from qprof.judge.rules.rule import Rule
from qprof.scan.rules.inconsistent_siblings import InconsistentSiblings
from qprof.scan.rules.joined_limit import JoinedLimit
from qprof.scan.rules.joined_siblings import JoinedSiblings
from qprof.scan.rules.unused_ignore import UnusedIgnore
from qprof.scan.static_rule import StaticRule

__all__ = ["OWN", "RULES", "StaticRule", "UnusedIgnore"]

RULES: tuple[StaticRule, ...] = (JoinedSiblings(), JoinedLimit(), InconsistentSiblings())
OWN: tuple[Rule, ...] = (UnusedIgnore(),)
"""Those whose pages are here, as no detector measures the like."""
