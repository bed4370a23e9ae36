"""What a user points qprof at: "package.module:attribute" to calls, and what they are run with.

Nothing of it needs to know qprof.
"""

from qprof.targets.code.calls import Opened, TargetCall, choose
from qprof.targets.code.find import find_calls, load_target
from qprof.targets.code.fitting import example, fitted, shown
from qprof.targets.code.identities import Identity, identity_for
from qprof.targets.code.requested import (
    RequestCall,
    Requests,
    application_in,
    load_login,
)
from qprof.targets.code.source import NoSession, Source
from qprof.targets.code.steps import Steps, load_steps
from qprof.targets.readonly import refusal_in

__all__ = [
    "Identity",
    "NoSession",
    "Opened",
    "RequestCall",
    "Requests",
    "Source",
    "Steps",
    "TargetCall",
    "application_in",
    "choose",
    "example",
    "find_calls",
    "fitted",
    "identity_for",
    "load_login",
    "load_steps",
    "load_target",
    "refusal_in",
    "shown",
]
