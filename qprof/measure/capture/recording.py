"""What was sent while a recording was open.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `_allow_autobegin`.
"""

from contextvars import Token
from typing import Any

from sqlalchemy.engine.interfaces import ExecutionContext

from qprof.domain.trace import Execution
from qprof.measure.capture.executions import fold
from qprof.measure.capture.sent import Sent
from qprof.measure.capture.sites import call_site
from qprof.measure.capture.tally import RowTally
from qprof.measure.orm.keys import KeyColumns


class Recording:
    """The executions of one stretch of code, in order."""

    def __init__(self, *, tally: bool = False, sizes: bool = False) -> None:
        self.sizes = sizes
        """Whether the size of what is fetched is wanted, too."""
        self.tally = tally
        """Look into the rows of SELECTs whose joins can multiply; for untimed runs."""
        self.follows = tally
        """Whether `executed` and `look` are to be called, or rows to be looked into."""
        self.kind: type[Sent] = Sent
        self.sent: list[Sent] = []
        self.engine: object = None
        """The engine of the last execution."""
        self.origin: object = None
        """Given to each execution, for whoever wants to group them."""
        self.outer: Recording | None = None
        """What counts along with it; None where an execution belongs to the innermost alone."""
        self.closed = False
        """Tasks that outlive the recording still have it in their context."""
        self.token: Token[Any]

    def begin(self, sent: Sent, context: ExecutionContext) -> None:
        """Take `sent`, which is described and about to be executed in `context`."""
        if self.sizes:
            sent.count_bytes()
        connection = context.root_connection
        # What a dialect asks its first connection is nobody's statement: SQLAlchemy's own events do
        # not tell of it either. Its connection alone begins no transaction.
        if connection._allow_autobegin:
            self.sent.append(sent)
        self.engine = sent.engine = connection.engine
        sent.origin, sent.site = self.origin, call_site(sent.sql)

    def unsent(self, sent: Sent) -> None:
        """Take back `sent`, which never left the process: there was nobody to await it."""
        if sent in self.sent:
            self.sent.remove(sent)

    def executed(self, sent: Sent) -> None:
        """Take note that `sent` was executed, or raised."""

    def tally_of(self, keys: KeyColumns) -> RowTally:
        """Return what looks into rows with these `keys`."""
        return RowTally(keys)

    def look(self, sent: Sent, context: ExecutionContext) -> None:
        """Take note of what `sent`, just executed in `context`, is about to give back."""

    def failed(self, error: Exception) -> None:
        """Hear of an error of our own: whoever measures on purpose wants to see it."""
        raise error

    def executions(self) -> tuple[Execution, ...]:
        """Return what was sent so far, folded by statement, path, strategy and call site."""
        return fold(self.sent)
