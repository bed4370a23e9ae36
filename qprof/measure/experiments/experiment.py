"""An experiment is a value: a call once more, under a plan, and what to look at meanwhile."""

from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from qprof.domain.errors import MeasureError
from qprof.domain.plans import Plan
from qprof.domain.trace import Cost, Execution, Site, total
from qprof.measure.experiments.edits import Where
from qprof.measure.experiments.graph import Graph, Incomparable
from qprof.measure.experiments.reads import Reads
from qprof.measure.experiments.touch import Steps
from qprof.measure.orm.roots import Roots


class Ready(Protocol):
    """A call that is ready to run, once."""

    @property
    def invoke(self) -> Callable[[], object]:
        """Run it to its end and return what its caller would get."""

    @property
    def reading(self) -> Callable[[Callable[[], Any]], Any]:
        """Run a function that may load lazily from the objects that the call returned."""

    @property
    def reader(self) -> str:
        """Who reads what the call returned, before `invoke` is done: touch, request, or nobody."""

    @property
    def gave(self) -> list[object]:
        """What the touch gave for each object."""

    @property
    def notes(self) -> list[str]:
        """What is to be said of a run that is over."""


Opening = Callable[[], AbstractContextManager[Ready]]
"""Opens a call for one run, and closes and rolls back all that it used."""

Observation = Literal["time", "objects", "outcome", "reads", "tally", "value", "options"]
"""What a run is looked at for.

time: its seconds, so that it is run anew each time. objects: the graph of what it returned.
outcome: what its reader made of the objects. reads: what is read of objects, and what fails.
tally: what joined rows hold. value: what it returned, alive. options: the loader options that the
plan came to, as code.
"""


class LimitReached(MeasureError):
    """A run took more than its limits allow, and was stopped."""

    def __init__(
        self, reason: str, executions: tuple[Execution, ...] = (), engine: object = None
    ) -> None:
        super().__init__(f"The call was stopped: {reason}.")
        self.reason = f"stopped, since {reason}"
        self.executions = executions
        """What was executed until then."""
        self.engine = engine
        """The engine of the last execution."""


@dataclass(frozen=True)
class Options:
    """The loader options of one statement, as code."""

    code: str
    """".options(…)"; "" where the statement has none."""
    imports: tuple[str, ...] = ()
    """The import statements that the user's module lacks."""
    remarks: tuple[str, ...] = ()
    """Sentences on what has to be kept or filled in."""
    place: Site | None = None
    """The line of the user's options; else of the statement."""
    where: Where = field(default_factory=Where)
    """Where the options may be edited."""


@dataclass(frozen=True)
class Experiment:
    """A call once more."""

    because: str
    """What it is run for, as a phrase."""
    plan: Plan
    roots: Roots
    """The statements of the call, and their paths."""
    observe: frozenset[Observation] = frozenset()
    touched: tuple[Steps, ...] = ()
    """Paths that are read of the objects within the run: what a lazy strategy puts off is paid."""
    moves: frozenset[Hashable] | None = None
    """The statements among the roots that the plan is applied to; None for all."""
    page: tuple[Hashable, int] | None = None
    """A root statement, and the LIMIT that each execution of it is given."""

    @property
    def moved(self) -> Roots:
        """The statements that the plan is applied to."""
        moves = self.moves
        return {k: root for k, root in self.roots.items() if moves is None or k in moves}

    @property
    def key(self) -> Hashable:
        """What is equal for experiments that show the same; None where none shows it twice."""
        if self.observe & {"time", "value"}:
            return None
        return (
            self.plan.key,
            self.moves,
            frozenset((key, frozenset(root.paths)) for key, root in self.roots.items()),
            self.observe,
            tuple(map(tuple, self.touched)),
            self.page,
        )


@dataclass(frozen=True)
class Result:
    """What an experiment showed."""

    experiment: Experiment
    executions: tuple[Execution, ...] = ()
    seconds: float = 0.0
    """The call, and the reading of what was to be touched."""
    waited: float = 0.0
    """Of these, what other processes kept the thread waiting; see `waiting`."""
    engine: Any = None
    """The engine of the last execution."""
    reason: str | None = None
    """Why it could not run to its end; None where it did."""
    raised: bool = False
    """Whether the call raised."""
    objects: Graph | Incomparable | None = None
    outcome: Graph | None = None
    """None, too, where what the reader made of the objects cannot be told."""
    tells: bool = False
    """Whether that outcome could have been another one."""
    reads: Reads | None = None
    limited: bool = False
    """Whether the statement that was to be limited was sent."""
    value: Any = field(default=None, repr=False)
    options: Mapping[Hashable, Options] = field(default_factory=dict)
    """By the key of its statement."""

    @property
    def cost(self) -> Cost:
        """The sum over all executions."""
        return total(each.cost for each in self.executions)
