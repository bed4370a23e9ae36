"""What was seen: the calls that ran, their executions, and the plans that were tried.

Frozen values on the standard library alone. Nothing here judges; `report` does. Counts are
exact. All times are in seconds. A `path` is written from its root entity: "Artist.tracks.genres".
"""

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from qprof.domain.loaders import Kind

SCHEMA = "qprof.trace/1"

Scalar = str | int | float | bool | None


_SHOWN = re.compile(r"[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}|#[0-9a-f]{8}")


def shown_key(value: object) -> Scalar:
    """Return a part of a primary key as it may be shown: an integer, a UUID, or a short hash.

    A natural key is somebody's address or name, and reports are made to be passed on. With
    QPROF_SHOW_KEYS in the environment it is shown all the same. No method of a class of the
    program's is called.
    """
    kind = type(value)
    if value is None or kind is int or kind is bool:
        return value  # type: ignore[return-value]
    text = str(value) if is_written_by_python(value) else kind.__name__
    is_number = kind.__name__ == "Decimal" and text.isdigit()
    if is_number or _SHOWN.fullmatch(text) or os.environ.get("QPROF_SHOW_KEYS"):
        return text
    return f"#{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:8]}"


def is_written_by_python(value: object) -> bool:
    """Return whether str() of `value` runs no code of the program's."""
    kind = type(value)
    return kind in (str, int, float, bool, bytes) or kind.__module__ in _PLAIN_MODULES


_PLAIN_MODULES = ("uuid", "decimal", "datetime", "asyncpg.pgproto.pgproto")


@dataclass(frozen=True)
class Cost:
    """Executions, rows fetched from the DBAPI cursor, and rows times their columns."""

    queries: int
    rows: int
    cells: int

    def __add__(self, other: "Cost") -> "Cost":
        """Return both together."""
        return Cost(self.queries + other.queries, self.rows + other.rows, self.cells + other.cells)

    def __sub__(self, other: "Cost") -> "Cost":
        """Return what is left; below zero where `other` is more."""
        return Cost(self.queries - other.queries, self.rows - other.rows, self.cells - other.cells)


def total(costs: Iterable[Cost]) -> Cost:
    """Return the sum."""
    return sum(costs, Cost(0, 0, 0))


@dataclass(frozen=True)
class Site:
    """The line of the user's code that issued a statement."""

    file: str
    line: int
    function: str

    @property
    def place(self) -> str:
        """Return "artists.py:40"."""
        return f"{self.file}:{self.line}"


def at(site: Site | None) -> str:
    """Return " at artists.py:40", or "" if the place is unknown."""
    return f" at {site.place}" if site else ""


@dataclass(frozen=True)
class Path:
    """A loader path of a call, and how the call loads it."""

    name: str
    hops: tuple[str, ...]
    """One "Class.attribute" for each step: ("Artist.tracks", "Track.genres")."""
    to_many: bool
    strategy: str
    """SQLAlchemy's word: joined, selectin, subquery, lazy, immediate; or contains_eager."""
    recursive: bool = False
    """An option with a recursion_depth loads it, or what is right above it."""


@dataclass(frozen=True)
class Join:
    """One relationship that was rendered as a JOIN in a SELECT, whatever option asked for it."""

    path: str
    hops: tuple[str, ...]
    to_many: bool
    strategy: str = "joined"
    """joined, or contains_eager where the statement's author wrote the JOIN."""
    inner: bool = False
    required: bool = False
    """To-one over foreign key columns that are all NOT NULL."""
    under_outer: bool = False
    """Some join between the root and this one is an outer join."""
    narrowed: bool = False
    """The loader option has criteria or a subclass of its own: .and_() or of_type()."""
    mapped: bool = False
    """The mapping asks for it, by lazy="joined", and no option of the statement does."""
    repeats_class: bool = False
    """It is in a SELECT that has one class, or one base class, more than once."""

    @property
    def parent(self) -> str:
        """The path that this one hangs on; the root entity at the top."""
        return self.path.rpartition(".")[0]


@dataclass(frozen=True)
class Root:
    """One root entity, by its primary key, and the rows that it alone brought."""

    entity: str
    identity: tuple[Scalar, ...]
    rows: int

    @property
    def shown(self) -> "Root":
        """The same, as it may be shown."""
        return Root(self.entity, tuple(map(shown_key, self.identity)), self.rows)


@dataclass(frozen=True)
class Tally:
    """What the rows of a joined SELECT hold, counted by primary keys row by row."""

    roots: int
    """Distinct root entities."""
    pairs: Mapping[str, int]
    """Distinct (parent, child) pairs of each joined path."""
    alone: Mapping[str, int]
    """For each leaf path: the rows that its chain of joins alone would bring."""
    worst: Root | None
    apart: Cost | None = None
    """The same objects, were each to-many path loaded by a selectin of its own."""
    distinct: Mapping[str, int] = field(default_factory=dict)
    """Distinct entities of each joined path."""
    longest: int | None = None
    """The rows that would come if no sibling multiplied another: of each object, those of its
    longest branch. None where this was not counted."""
    doubled: int | None = None
    """The rows, were each sibling collection that has an entry twice as long; None likewise."""
    most: Mapping[str, int] = field(default_factory=dict)
    """Of each joined path: the most children that one parent has."""
    largest: tuple[Root, ...] = ()
    """Up to three roots that bring the most rows, the worst first; empty where not counted."""
    sizes: tuple[tuple[int, int], ...] = ()
    """How many roots bring how many rows: (rows, roots), ascending; empty likewise."""


@dataclass(frozen=True)
class Burst:
    """How often one transaction of a program sent a statement, at most."""

    count: int
    different: int
    """With how many sets of parameters."""


@dataclass(frozen=True)
class Execution:
    """All executions in one call of one statement, for one path and from one site."""

    sql: str
    count: int
    rows: int
    columns: int
    cells: int
    path: str | None = None
    """The loader path that it loads; None for a root statement."""
    hops: tuple[str, ...] = ()
    strategy: str = "root"
    """root, or how `path` was loaded: selectin, subquery, lazy, immediate."""
    to_many: bool = False
    entities: bool = False
    """Whether its rows become mapped entities; False for counts, projections, text and DML."""
    kind: Kind = "other"
    entity: str | None = None
    """The class that it selects; of a relationship, the class that has it."""
    below: tuple[str, ...] = ()
    """Of columns: the hops of the path by which their objects were loaded; () for a root's."""
    attributes: tuple[str, ...] = ()
    """Of columns: which ones."""
    base: str | None = None
    """Of columns that only a subclass has: the class that was selected."""
    chunks: int = 0
    """Executions that only continue a load: each chunk of a selectin but its first."""
    offset: bool | None = None
    """Whether its author skips rows; None where only the text is known."""
    repeats: int = 0
    """Executions whose parameters had been sent before, by the same statement in the same call."""
    repeated: Cost = Cost(0, 0, 0)
    """What those repeats cost."""
    brought_again: Cost = Cost(0, 0, 0)
    """What was loaded along with those repeats, by SELECTs of its own, and had been before, too."""
    joins: tuple[Join, ...] = ()
    wrapped: bool = False
    """SQLAlchemy put the root SELECT into a subquery: LIMIT or OFFSET met a joined to-many."""
    unlinked: tuple[str, ...] = ()
    """FROM elements that no join condition links to the rest of the SELECT."""
    tally: Tally | None = None
    """Only where joined to-many paths can multiply, and their primary keys could be read."""
    site: Site | None = None
    execute: float = 0.0
    fetch: float | None = 0.0
    """None where rows were taken one by one: such fetches are counted, not timed."""
    blocked: int = 0
    """Executions by a synchronous driver on an event loop that was running in their thread."""
    blocked_seconds: float = 0.0
    """How long those took, fetches included."""
    bytes: int | None = None
    """The size of the fetched values; None unless it was asked for."""
    burst: Burst | None = None
    """Only of a whole program, where the executions belong to many runs of a function: those of one
    transaction belong together."""

    @property
    def loads(self) -> int:
        """Executions, where all chunks of one selectin count once: the only rule for that."""
        return self.count - self.chunks

    @property
    def cost(self) -> Cost:
        """What they cost together."""
        return Cost(self.count, self.rows, self.cells)

    @property
    def together(self) -> Burst:
        """The executions that are known to belong to one run of the call."""
        return self.burst or Burst(self.count, self.count - self.repeats)


def bytes_of(executions: Iterable[Execution]) -> int | None:
    """Return the size of all that was fetched; None where that was not asked for."""
    sizes = [each.bytes for each in executions]
    return None if not sizes or None in sizes else sum(each or 0 for each in sizes)


@dataclass(frozen=True)
class Idle:
    """A path that a call loads, and whose objects nobody reads: all who could were observed."""

    path: str
    hops: tuple[str, ...]
    to_many: bool
    strategy: str
    use: str
    """unread: nobody asked for it. counted: its collections were asked for their length alone."""
    cost: Cost
    """What loading it cost, with all that hangs on it: measured with it, less without it."""
    reader: str
    """Who was observed: touch, request, call where it returns no mapped object, or silent where it
    returns nothing at all."""
    site: Site | None = None
    """The line that sent the statement which loads it; None where the path has one alone."""


@dataclass(frozen=True)
class Swallowed:
    """Lazy loads of one path that failed, and whose error did not come out of the call."""

    path: str
    hops: tuple[str, ...]
    to_many: bool
    error: str
    """DetachedInstanceError, MissingGreenlet, or raiseload."""
    count: int
    """How many reads failed, in one run of the call as it is written."""
    strategy: str
    """What would load the path along with its parents: selectin, or joined for to-one."""
    cost: Cost | None = None
    """What the call costs more with that strategy: measured with it, less without it."""
    reason: str | None = None
    """Why that was not measured."""
    sites: tuple[Site, ...] = ()
    """The lines that read it, in order of first use."""
    same: bool | None = None
    """Whether the same comes out of the call with that strategy; None where that is not known."""


@dataclass(frozen=True)
class Scan:
    """A table that the database reads whole, though few of its rows come back."""

    table: str
    columns: tuple[str, ...]
    """What an index would have to hold; () where no b-tree serves the conditions."""
    patterns: tuple[str, ...]
    """Columns that are held to a pattern (LIKE)."""
    table_rows: int
    rows: int
    """What the SELECT gave back."""
    index: str
    """The CREATE INDEX; "" where there are no columns, or where they have an index already."""
    site: Site | None = None
    before: int | None = None
    after: int | None = None
    """The work without the index and with it, in `unit`; None where it was not tried."""
    seconds: tuple[float, float] | None = None
    """How long the fastest of some runs took on the copy, without the index and with it."""
    reason: str | None = None
    """Why it was not tried."""
    known: str = "exact"
    """What `table_rows` is: exact; estimated by the database; or at least, where counting ended."""
    unit: str = "steps"
    """What `before` and `after` count: steps of SQLite's virtual machine, by the hundred above a
    million; rows that PostgreSQL reads, of all tables; or requests to read a row, of MariaDB and
    MySQL."""


@dataclass(frozen=True)
class Unbounded:
    """A root SELECT without a LIMIT that brings much of its table, and what a page of it costs."""

    table: str
    key: tuple[str, ...]
    """The attributes of the primary key: ("Artist.id",)."""
    roots: int
    """The distinct objects that it brings."""
    rows: int
    """With all that is loaded along with them, or from them, by one execution."""
    table_rows: int
    cost: Cost
    """What the call costs as it is written."""
    page: int
    """How many roots it was limited to."""
    paged: Cost | None = None
    """What the call costs with that limit: measured."""
    seconds: float | None = None
    """How long the call took as it is written, in one run."""
    paged_seconds: float | None = None
    """How long it took with the limit, in one run."""
    reason: str | None = None
    """Why a page was not measured."""
    known: str = "exact"
    """What `table_rows` is: exact; estimated by the database; or at least, where nothing tells."""
    site: Site | None = None
    repeats: bool = False
    """Whether its own FROM can bring an object in several rows: a LIMIT counts no objects then."""


@dataclass(frozen=True)
class OptionChange:
    """What a fix changes in the loader options of a statement, path by path."""

    strategies: Mapping[str, str] = field(default_factory=dict)
    """A path to the strategy that it gets; "lazy" for one that is no longer loaded."""
    inner: Mapping[str, bool] = field(default_factory=dict)
    """A joined path to whether it gets an INNER JOIN."""
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """A path, "" for the root, to the columns that come along with its objects."""
    subclasses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Likewise, to the subclasses whose columns do."""

    @property
    def paths(self) -> frozenset[str]:
        """The paths that it is about."""
        return frozenset({*self.strategies, *self.inner, *self.columns, *self.subclasses})


@dataclass(frozen=True)
class Fix:
    """The loader options of one statement, with all changes in it, and what came of them."""

    paths: tuple[str, ...]
    """All that the statement loads."""
    change: OptionChange
    code: str
    """".options(…)", complete; "" where no option is left."""
    imports: tuple[str, ...] = ()
    """The import statements that the user's module lacks."""
    remarks: tuple[str, ...] = ()
    """Sentences on what is to be kept or filled in by hand."""
    place: Site | None = None
    """The line of the statement's options, where there is one."""
    diff: str = ""
    """The change as a unified diff of the user's source; "" where its place is not known."""
    site: Site | None = None
    """The line that sends the statement."""
    cost: Cost | None = None
    """What the call costs with it; None where it did not run to its end."""
    reason: str | None = None
    """Why it did not, or how what comes out differs."""
    raised: bool = False
    """Whether the call raised with it."""
    same: bool | None = None
    """Whether the same comes out; None where that cannot be told."""
    executions: tuple[Execution, ...] = ()
    sealed: str = ""
    """The options with raiseload("*"), which ran with the same result; "" where they did not."""
    unsealed: str = ""
    """Why they are not offered; "" where they are, or nobody asked."""


Exactness = Literal["measured", "predicted", "at least"]
"""predicted: what the whole run would have cost. at least: what had come when it was stopped."""


@dataclass(frozen=True)
class LimitedSubquery:
    """A path that subqueryload loads of a statement whose LIMIT lets the database choose."""

    path: str
    hops: tuple[str, ...]
    order: tuple[str, ...] | None
    """The attributes that the statement is ordered by; () without ORDER BY, None for others."""
    wrong: int | None = None
    """Objects whose collection is another one than a selectin of it loads; None if unknown."""
    site: Site | None = None


@dataclass(frozen=True)
class SeveralForOne:
    """A joined to-one path that found several rows for one parent."""

    path: str
    hops: tuple[str, ...]
    parents: int
    found: int
    """Pairs of a parent and an object that came."""
    site: Site | None = None


def came_empty(columns: Iterable[int], rows: int, wall: float | None) -> bool:
    """Return whether a call that qprof ran read, and no row came back: other arguments tell more.

    `columns` are those of each execution. What a program or a test does by itself, which has no
    `wall`, is what it costs there.
    """
    return any(columns) and not rows and wall is not None


@dataclass(frozen=True)
class Call:
    """One run of one repository method, as it is written."""

    name: str
    arguments: Mapping[str, Scalar]
    executions: tuple[Execution, ...]
    wall: float | None
    """In seconds. None for a function of a whole program, since its runs are not counted, for a
    test, since its rows are looked at meanwhile, and where the run was stopped."""
    paths: tuple[Path, ...] = ()
    needed: Cost | None = None
    """What the same objects cost under the balanced plan; None where that could not be measured."""
    notes: tuple[str, ...] = ()
    """What was not measured, and why."""
    cold: float | None = None
    """Wall time of the very first run, with nothing compiled or cached; None where not taken."""
    first: Cost | None = None
    """What that first run cost."""
    idle: tuple[Idle, ...] = ()
    """What it loads and nobody reads; empty, too, where the reader is somebody else's code."""
    scans: tuple[Scan, ...] = ()
    """What its SELECTs read whole for few rows, by EXPLAIN; empty, too, where that is unknown."""
    swallowed: tuple[Swallowed, ...] = ()
    """The lazy loads that failed unheard; empty, too, where reads were not observed."""
    unbounded: tuple[Unbounded, ...] = ()
    """What it loads without a LIMIT; empty, too, where the sizes of tables are unknown."""
    unstable: tuple[LimitedSubquery, ...] = ()
    """The paths whose objects may get lost under a LIMIT."""
    exactness: Exactness = "measured"
    """What its figures are, where the run was stopped at a limit."""
    several: tuple[SeveralForOne, ...] = ()
    """The to-one paths that repeat their parents."""
    fixes: tuple[Fix, ...] = ()
    """What was tried to fix what was found, one for each statement."""
    untried: str | None = None
    """Why nothing was tried, where nothing can be."""

    @property
    def cost(self) -> Cost:
        """The sum over all executions."""
        return total(each.cost for each in self.executions)

    @property
    def loads(self) -> int:
        """The queries, where all chunks of one selectin count once."""
        return sum(each.loads for each in self.executions)


@dataclass(frozen=True)
class PlanRun:
    """A call under one plan."""

    plan: str
    status: str
    """measured, predicted, or not-applicable."""
    reason: str | None = None
    """Why it could not run, or how its objects differ."""
    cost: Cost | None = None
    seconds: float | None = None
    """The median over the repeats."""
    spread: tuple[float, float] | None = None
    """The least and the most of the repeats."""
    repeats: int = 0
    """How many timed runs it had; a slow plan has fewer."""
    times: tuple[float, ...] = ()
    """The seconds of each, in the order of the rounds."""
    identical: bool | None = None
    """Whether the objects equal those of the call as written; None where none could be compared."""
    strategies: Mapping[str, str] = field(default_factory=dict)
    """The strategy of each path under this plan."""
    executions: tuple[Execution, ...] = ()
    options: str = ""
    """Loader options as code that yield this plan; "" as written, and where there are none."""


@dataclass(frozen=True)
class Searched:
    """Which combinations of strategies a search looked at, and why it did not run the others."""

    paths: tuple[str, ...]
    """The paths that have a strategy to exchange."""
    strategies: tuple[str, ...]
    """What each path was tried with."""
    combinations: int
    """How many there are."""
    considered: int
    """How many were predicted; the others are too many."""
    named: int
    """How many of these are named plans, which are run in any case."""
    unknown: Mapping[str, int]
    """How many could not be predicted, by the reason."""
    too_large: int
    """How many would fetch more than --max-rows."""
    equal: int
    """How many cost as many queries, rows and cells as another one."""
    beaten: int
    """How many need no less of anything than another one, and more of something."""
    cut: int
    """How many are not run only because there are too many."""
    run: int
    wrong: tuple[str, ...] = ()
    """The plans whose measured queries or rows are not those that were predicted."""


@dataclass(frozen=True)
class Suspect:
    """Plans that return the same objects, which are others than those of the call as written."""

    plans: tuple[str, ...]
    differs: str
    """In what, as a phrase: "it returns 40 objects, not 120"."""


@dataclass(frozen=True)
class PlanRuns:
    """A call under every plan that was asked for, in that order; the first is as-written."""

    call: str
    runs: tuple[PlanRun, ...]
    search: Searched | None = None
    """None where nothing was searched."""
    suspect: Suspect | None = None
    """None where the call as written returns what its plans do."""


@dataclass(frozen=True)
class PathQueries:
    """The executions for one relationship, or the root statements, under one plan."""

    hop: str | None
    """"Track.genres", whose rows belong to a Track; None for root statements."""
    strategy: str
    queries: int


@dataclass(frozen=True)
class SizeRun:
    """A call under one plan, at one size."""

    size: float
    cost: Cost
    queries: tuple[PathQueries, ...]
    objects: Mapping[str, int]
    """How many different objects the call returned, of each class; empty where that is unknown."""
    seconds: float | None = None
    """The median over the repeats."""
    spread: tuple[float, float] | None = None
    """The least and the most of the repeats."""
    repeats: int = 0
    bytes: int | None = None
    """The size of the fetched values; None without --bytes."""


@dataclass(frozen=True)
class PlanSizes:
    """A call under one plan at several sizes, ascending."""

    plan: str
    runs: tuple[SizeRun, ...]
    apart: SizeRun | None = None
    """At the size that is extrapolated to; measured to be compared with it, and never fitted."""
    reason: str | None = None
    """Why it could not run, at some size."""


@dataclass(frozen=True)
class CallSizes:
    """A call as something grows."""

    call: str
    arguments: Mapping[str, Scalar]
    axis: str
    """What grows: library, roots or children; or databases, of sizes that the user gave."""
    plans: tuple[PlanSizes, ...]


@dataclass(frozen=True)
class Library:
    """Where a synthetic library came from."""

    recipe: str
    scale: float
    seed: int


@dataclass(frozen=True)
class Environment:
    """What the figures speak for."""

    qprof: str
    python: str
    sqlalchemy: str
    dialect: str
    driver: str
    database: str
    """The URL, without its password."""
    library: Library | None = None


@dataclass(frozen=True)
class Unmeasured:
    """A call that has no figures."""

    call: str
    reason: str
    raised: bool
    """Whether it was run and failed; False where it was left out, for want of an argument."""


@dataclass(frozen=True)
class Trace:
    """Everything that one run of qprof saw."""

    environment: Environment
    calls: tuple[Call, ...]
    comparisons: tuple[PlanRuns, ...] = ()
    unmeasured: tuple[Unmeasured, ...] = ()
    notices: tuple[str, ...] = ()
    """What speaks of no single call: what was sent and is not counted, for example."""
