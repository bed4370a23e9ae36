"""What was sent while a recording was open."""

from contextvars import Token
from typing import Any

from qprof.capture.executions import Sent, fold
from qprof.trace import Execution


class Recording:
    """The executions of one stretch of code, in order."""

    def __init__(self, *, tally: bool = False) -> None:
        self.tally = tally
        """Look into the rows of SELECTs whose joins can multiply; for untimed runs."""
        self.sent: list[Sent] = []
        self.origin: object = None
        """Given to each execution, for whoever wants to group them."""
        self.closed = False
        """Tasks that outlive the recording still have it in their context."""
        self.token: Token[Any]

    def executions(self) -> tuple[Execution, ...]:
        """Return what was sent so far, folded by statement, path, strategy and call site."""
        return fold(self.sent)
