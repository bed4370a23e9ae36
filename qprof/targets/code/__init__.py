"""What a user points qprof at: "package.module:attribute" to calls, and what they are run with.

Nothing of it needs to know qprof.
"""

from qprof.targets.code.calls import Opened, TargetCall, choose
from qprof.targets.code.find import find_calls, load_target
from qprof.targets.code.fitting import example, fitted, shown
from qprof.targets.code.source import Source
from qprof.targets.code.steps import Steps, load_steps
from qprof.targets.readonly import refusal_in

__all__ = [
    "Opened",
    "Source",
    "Steps",
    "TargetCall",
    "choose",
    "example",
    "find_calls",
    "fitted",
    "load_steps",
    "load_target",
    "refusal_in",
    "shown",
]
