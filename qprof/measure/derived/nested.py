"""A recording that counts along with what is around it, and looks at what the rows hold."""

from itertools import count
from threading import local
from typing import Any

from sqlalchemy.engine.interfaces import ExecutionContext

from qprof.domain.trace import Execution
from qprof.measure.capture.calls import current
from qprof.measure.capture.executions import fold
from qprof.measure.capture.held import Held
from qprof.measure.capture.recording import Recording
from qprof.measure.capture.sent import Sent
from qprof.measure.capture.sites import call_site
from qprof.measure.capture.stacks import on_running_loop
from qprof.measure.capture.tally import RowTally
from qprof.measure.orm.entities import row_keys
from qprof.measure.orm.keys import KeyColumns
from qprof.measure.orm.load_contexts import identity_of


class _Thread(local):
    """The number of the current thread, which no later thread has: idents are given out again."""

    def __init__(self) -> None:
        self.number = next(_numbers)


_numbers = count(1)
_thread = _Thread()


class NestedRecording(Recording):
    """What is sent counts here and in the recording that is current when this one is made.

    It never raises into the code that it measures: `errors` has what went wrong.
    """

    def __init__(self, *, sizes: bool = False) -> None:
        outer = current()
        super().__init__(tally=outer is not None and outer.tally, sizes=sizes)
        self.follows = True
        self.kind = outer.kind if outer is not None else Sent
        self.outer = outer
        self.errors: list[Exception] = []
        self.engines: dict[int, Any] = {}
        """Every engine that sent something, by its id."""
        self._parameters: dict[int, object] = {}

    def begin(self, sent: Sent, context: ExecutionContext) -> None:
        """Take `sent`, and have it taken by what is around."""
        if self.sizes:
            sent.count_bytes()
        engine = context.root_connection.engine
        self.engines[id(engine)] = sent.engine = engine
        sent.thread = _thread.number
        self._parameters[id(sent)] = sent.parameters
        if self.outer is not None:
            self.outer.begin(sent, context)
        if self.origin is not None:
            sent.origin = self.origin
        self.sent.append(sent)
        if sent.site is None:
            sent.site = call_site(sent.sql)

    def unsent(self, sent: Sent) -> None:
        """Take `sent` back, from what is around, too."""
        super().unsent(sent)
        if self.outer is not None:
            self.outer.unsent(sent)

    def executed(self, sent: Sent) -> None:
        """See whether it held up an event loop, and pass it on."""
        sent.blocks_loop = on_running_loop(sent.engine)
        if self.outer is not None:
            self.outer.executed(sent)

    def tally_of(self, keys: KeyColumns) -> RowTally:
        """Return what the recording around looks into rows with."""
        return self.outer.tally_of(keys) if self.outer is not None else RowTally(keys)

    def look(self, sent: Sent, context: Any) -> None:
        """Look at the rows of what loads entities."""
        keys = row_keys(context.compiled, sent.shape, sent.strategy)
        if keys is not None and sent.held is None:
            sent.held = Held(keys, identity_of(context), context.dialect)

    def failed(self, error: Exception) -> None:
        """Remember the error: whoever asks for the figures is told."""
        self.errors.append(error)

    def executions(self) -> tuple[Execution, ...]:
        """Return what was sent so far, folded, with a tally of the rows that joins multiplied."""
        return fold(self.snapshots())

    def snapshots(self) -> list[Sent]:
        """Return what was sent so far, as it stands, with its parameters and tallies.

        A recording around lets go of both; a copy leaves it what it still needs.
        """
        return [self._snapshot(each) for each in list(self.sent)]

    def _snapshot(self, sent: Sent) -> Sent:
        copied = sent.as_it_stands()
        copied.size = sent.size if self.sizes else None
        copied.parameters = self._parameters[id(sent)]
        copied.tally = sent.held.tally if sent.held is not None else None
        return copied
