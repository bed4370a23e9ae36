"""One execution while it happens, and many of them folded into `trace.Execution` values."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import count
from typing import Any

from qprof.capture.held import Held
from qprof.capture.shape import Shape
from qprof.capture.sites import shown
from qprof.capture.tally import RowTally, merged
from qprof.trace import Cost, Execution, Site

_UNKNOWN = Shape()


class Sent:
    """One cursor execution, filled in as its rows are fetched. Times are in seconds."""

    __slots__ = (
        "columns",
        "cursor",
        "done",
        "execute",
        "fetch",
        "held",
        "looks",
        "one_by_one",
        "origin",
        "parameters",
        "rows",
        "settled",
        "shape",
        "singles",
        "site",
        "sql",
        "strategy",
        "tally",
        "text",
    )

    def __init__(self, sql: str, parameters: Any) -> None:
        self.sql = sql
        self.text = sql
        """As it went to the driver: literals that are rendered late differ here alone."""
        self.parameters = parameters
        self.rows = 0
        self.singles: Iterator[int] | None = None
        """Advanced once for each row taken alone; see `cursors`."""
        self.settled = 0
        """Where `singles` stood when it was last looked at."""
        self.one_by_one = False
        self.columns = 0
        self.cursor: Any = None
        """Kept only where the driver knows the columns no sooner than the first fetch."""
        self.execute = self.fetch = 0.0
        self.shape = _UNKNOWN
        self.strategy = "root"
        self.origin: object = None
        self.site: Site | None = None
        self.tally: RowTally | None = None
        self.held: Held | None = None
        """What its rows hold, for whoever derives what they would have had to cost."""
        self.looks = False
        """Whether anything but the number of rows is wanted of a fetch."""
        self.done: Callable[[], None] | None = None
        """Called when the last row is taken or the result is closed, if anybody wants to know."""

    def start_singles(self) -> Iterator[int]:
        """Return the counter for rows that are taken one by one."""
        self.one_by_one = True
        self.singles = count(1)
        return self.singles

    def look_at_columns(self) -> None:
        """Count the columns of a driver that knows them since the fetch just done."""
        if self.cursor.description is not None:
            self.columns = len(self.cursor.description)
        self.cursor = None

    def settle(self) -> None:
        """Bring rows that were taken one by one into the total.

        The result may still be open, and this may be called again: looking at the counter takes
        a number from it, too.
        """
        if self.singles is not None:
            stands = next(self.singles)
            self.rows += stands - self.settled - 1
            self.settled = stands

    def key(self) -> Hashable:
        """Return what makes two executions the same line of a report."""
        return (self.sql, self.strategy, self.shape.path, self.site, self.columns)


def fold(sent: Iterable[Sent]) -> tuple[Execution, ...]:
    """Return one `Execution` for each statement, path, strategy and site, in order of first use."""
    groups: dict[Hashable, list[Sent]] = {}
    seen: dict[str, set[Hashable]] = {}
    repeats: set[int] = set()
    for each in sent:
        each.settle()
        groups.setdefault(each.key(), []).append(each)
        if _sent_before(seen.setdefault(each.text, set()), each.parameters):
            repeats.add(id(each))
    return tuple(_execution(group, repeats) for group in groups.values())


def _sent_before(seen: set[Hashable], parameters: Any) -> bool:
    key = hashable(parameters)
    if key in seen:
        return True
    seen.add(key)
    return False


def hashable(parameters: Any) -> Hashable:
    """Return what two executions with equal parameters have in common."""
    if isinstance(parameters, dict):
        parameters = tuple(sorted(parameters.items()))
    elif isinstance(parameters, list):
        parameters = tuple(parameters)
    try:
        hash(parameters)
    except TypeError:
        return repr(parameters)
    return parameters  # type: ignore[no-any-return]


def _execution(group: list[Sent], repeats: set[int]) -> Execution:
    first, shape = group[0], group[0].shape
    again = [each for each in group if id(each) in repeats]
    return Execution(
        sql=first.sql,
        count=len(group),
        rows=sum(each.rows for each in group),
        columns=first.columns,
        cells=sum(each.rows for each in group) * first.columns,
        path=shape.path,
        hops=shape.hops,
        strategy=first.strategy,
        to_many=shape.to_many,
        entities=shape.entities,
        repeats=len(again),
        repeated=_cost(again),
        joins=shape.joins,
        wrapped=shape.wrapped,
        unlinked=shape.unlinked,
        tally=merged([each.tally for each in group]),
        site=shown(first.site),
        execute=sum(each.execute for each in group),
        fetch=None if any(each.one_by_one for each in group) else sum(e.fetch for e in group),
    )


def _cost(group: list[Sent]) -> Cost:
    rows = sum(each.rows for each in group)
    return Cost(len(group), rows, sum(each.rows * each.columns for each in group))
