"""What a user points qprof at: "package.module:attribute" to calls, and what they are run with.

Nothing of it needs to know qprof.
"""

from qprof.target.calls import Opened, TargetCall, choose
from qprof.target.find import find_calls, load_target
from qprof.target.source import Source
from qprof.target.steps import Steps, load_steps

__all__ = [
    "Opened",
    "Source",
    "Steps",
    "TargetCall",
    "choose",
    "find_calls",
    "load_steps",
    "load_target",
]
