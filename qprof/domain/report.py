"""What was concluded. `to_json` of a `Report` is the JSON contract, schema qprof.report/1.

Keys are always present, null where unknown. Times are in seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from qprof.domain.loaders import Kind
from qprof.domain.trace import (
    Cost,
    Environment,
    Exactness,
    OptionChange,
    Root,
    Scalar,
    Searched,
    Site,
    Unmeasured,
    came_empty,
)

SCHEMA = "qprof.report/1"
MIX = "mix-"
"""Before its number, the name of a plan that a search made."""
LEVELS = ("note", "warning", "error")
"""SARIF's levels, mildest first."""


@dataclass(frozen=True)
class Amplification:
    """Measured divided by needed, one figure for each metric; None where needed is unknown or 0."""

    queries: float | None
    rows: float | None
    cells: float | None


@dataclass(frozen=True)
class Seconds:
    """Wall time of a call and the parts of it that were spent in the driver."""

    wall: float | None
    """None for a function of a whole program, and for a test."""
    execute: float
    fetch: float | None
    """None where some rows were taken one by one: those fetches are not timed."""
    cold: float | None = None
    """Wall time of the call's very first run, with nothing compiled or cached; None if unknown."""


@dataclass(frozen=True)
class JoinedPath:
    """A relationship that a SELECT joins, and what its rows hold of it."""

    path: str
    to_many: bool
    strategy: str
    """joined, or contains_eager."""
    pairs: int | None
    """Distinct (parent, child) pairs; None where the rows were not looked at."""
    objects: int | None
    """Distinct children; None likewise."""
    most: int | None
    """The most children of one parent; None likewise."""
    multiplied: bool
    """Whether another collection of the same level multiplies its rows, on this data."""


@dataclass(frozen=True)
class JoinTree:
    """What a SELECT joins, and how its rows are spread over its parents."""

    entity: str | None
    """The class that is selected."""
    parents: int | None
    """Its distinct objects; None where the rows were not looked at."""
    paths: tuple[JoinedPath, ...]
    largest: tuple[Root, ...]
    """Up to three parents that bring the most rows, the worst first."""
    rows_per_parent: tuple[tuple[int, int], ...]
    """How many parents bring how many rows: (rows, parents), ascending; empty where unknown."""


@dataclass(frozen=True)
class ExecutionReport:
    """All executions of one statement for one path from one site."""

    statement: str
    """The statement's shape: literals and IN-list lengths removed."""
    sql: str
    count: int
    rows: int
    columns: int
    cells: int
    repeats: int
    path: str | None
    strategy: str
    site: Site | None
    kind: Kind = "other"
    """root, collection, to-one, columns, expired, refresh, values or other."""
    chunks: int = 0
    """Executions that only continue a load: each chunk of a selectin but its first."""
    tree: JoinTree | None = None
    """None where it joins no relationship."""
    bytes: int | None = None
    """The size of the fetched values; None without --bytes."""


@dataclass(frozen=True)
class CallReport:
    """What one call cost, and what it would have to cost."""

    name: str
    arguments: Mapping[str, Scalar]
    queries: int
    rows: int
    cells: int
    needed: Cost | None
    amplification: Amplification
    seconds: Seconds
    executions: tuple[ExecutionReport, ...]
    notes: tuple[str, ...]
    verdict: str
    """One line that can be understood alone."""
    exactness: Exactness = "measured"
    """What the figures are, where the run was stopped at a limit."""
    bytes: int | None = None
    """The size of the fetched values; None without --bytes."""

    @property
    def loads(self) -> int:
        """The queries, where all chunks of one selectin count once: what limits are of."""
        return self.queries - sum(each.chunks for each in self.executions)

    @property
    def is_empty(self) -> bool:
        """Whether qprof ran it, it read, and no row came back."""
        columns = (each.columns for each in self.executions)
        return came_empty(columns, self.rows, self.seconds.wall)


@dataclass(frozen=True)
class Tried:
    """What came of a fix when it was tried."""

    status: Literal["measured", "not-tried", "refused"]
    """refused: it ran, and is not printed."""
    reason: str | None
    """Why it was not tried, or is not printed; of a measured one, what could not be compared."""
    queries: int | None = None
    rows: int | None = None
    cells: int | None = None
    """What the whole call costs with it."""
    same: bool | None = None
    """Whether the same comes out; None where that cannot be told."""
    sealed: str = ""
    """The fix with raiseload("*"), which ran with the same result; "" where it did not."""
    unsealed: str = ""
    """Why it is not offered; "" where it is, or nobody asked for it."""


@dataclass(frozen=True)
class Finding:
    """One rule that one call breaks."""

    rule: str
    name: str
    level: str
    call: str
    paths: tuple[str, ...]
    message: str
    fix: str
    """Code or a sentence, ready to paste."""
    evidence: Mapping[str, Scalar]
    location: Site | None
    fingerprint: str
    """Stable across runs and line moves: the same defect keeps it."""
    change: OptionChange | None = None
    """What its fix changes in loader options; None where these are not what fixes it."""
    tried: Tried | None = None
    """None where the fix is no code."""
    place: Site | None = None
    """The line of the loader options to edit; None where that is not known."""
    diff: str = ""
    """The fix as a unified diff of the source; "" where it is none, or its place is not known."""
    title: str = ""
    """What is wrong, in one line without a figure: the message begins with it. "" in old reports.
    """


@dataclass(frozen=True)
class PlanReport:
    """One row of a comparison."""

    plan: str
    status: str
    """measured, predicted or not-applicable."""
    reason: str | None
    """Why it did not run, whose objects differ, or why it is not the one to use though faster."""
    queries: int | None
    rows: int | None
    cells: int | None
    seconds: float | None
    spread: tuple[float, float] | None
    """The least and the most of the repeats."""
    repeats: int
    """How many timed runs it had; a slow plan has fewer."""
    identical: bool | None
    strategies: Mapping[str, str]
    findings: tuple[Finding, ...] = ()
    """What the rules say of the call under this plan; those of as-written are the report's own."""
    options: str = ""
    """Loader options as code that yield this plan; "" as written, and where there are none."""
    executions: tuple[ExecutionReport, ...] = ()
    """Its statements; those of as-written are the call's own. Empty where it did not run."""
    times: tuple[float, ...] = ()
    """The seconds of each repeat, in the order of the rounds: in each, all plans took turns."""
    bytes: int | None = None
    """The size of the fetched values; None without --bytes."""


@dataclass(frozen=True)
class BreakEven:
    """The round-trip time, in seconds, from which `plan` with its fewer queries is the fastest."""

    plan: str
    seconds: float


@dataclass(frozen=True)
class FrontPlan:
    """A plan that no other beats in queries, cells and time."""

    plan: str
    best_from: float | None
    """The round-trip time, in seconds, from which on it is the fastest; None where it never is."""
    best_to: float | None
    """Up to which it is; None where no plan follows, or where it never is."""


@dataclass(frozen=True)
class Search:
    """What came of every combination of strategies."""

    looked_at: Searched
    front: tuple[FrontPlan, ...]
    """Fewest queries first."""


@dataclass(frozen=True)
class Comparison:
    """One call under every plan, and the plan to use."""

    call: str
    recommended: str | None
    reason: str
    """One line that can be understood alone: the verdict."""
    break_even: tuple[BreakEven, ...]
    """Which plan takes over from the recommended as round trips grow longer, and from it, in turn.
    """
    plans: tuple[PlanReport, ...]
    search: Search | None = None
    """None where nothing was searched."""


@dataclass(frozen=True)
class PlanPrediction:
    """What one plan would cost."""

    plan: str
    queries: int | None
    rows: int | None
    cells: int | None
    """None where only the columns are unknown, as with of_type()."""
    exactness: str = "exact"
    """exact: by aggregates; counted: the database counted the product; unknown."""
    reason: str | None = None
    """Why it is unknown."""


@dataclass(frozen=True)
class RowsPerRoot:
    """How the rows of the root statement are spread over its roots, under one plan."""

    plan: str
    median: int
    p90: int
    p99: int
    most: int


@dataclass(frozen=True)
class Prediction:
    """What each plan of a call would cost, without running it."""

    call: str
    plans: tuple[PlanPrediction, ...]
    worst_root: Root | None
    worst_roots: tuple[Root, ...] = ()
    """The three largest, by the rows that each alone brings."""
    rows_per_root: RowsPerRoot | None = None


@dataclass(frozen=True)
class SizeReport:
    """What one plan cost at one size."""

    size: float
    queries: int
    rows: int
    cells: int
    seconds: float | None
    spread: tuple[float, float] | None
    repeats: int
    bytes: int | None = None
    """The size of the fetched values; None without --bytes."""


@dataclass(frozen=True)
class Estimate:
    """A figure at a size that the fit has not seen."""

    value: float
    low: float | None
    high: float | None
    """Between what it lies by the fit, at 95 %; None where two sizes leave no room to tell."""
    measured: float | None
    """What was found there; None where nobody looked."""
    error: float | None
    """How far the value is from that, relative to it: -0.02 is 2 % too low."""


@dataclass(frozen=True)
class Fit:
    """How one figure grows with size."""

    metric: str
    """queries, rows, cells, or seconds, which are medians and speak for one run only."""
    model: str
    """constant, exact (a formula gives every figure), power, affine (a fixed and a growing part),
    or unknown."""
    formula: str
    """"1 + ceil(Artist/500)"; "" where unknown. A class stands for its objects in the result."""
    exponent: float | None
    """Of the power of size that is nearest: 1 grows as size does, 2 as its square."""
    margin: float | None
    """How far the exponent may be off, at 95 %; None for two sizes, through which any power goes.
    """
    note: str | None
    """What the sizes cannot tell."""
    estimate: Estimate | None
    kind: str | None = None
    """constant, batched, sublinear, linear or worse; None where the sizes cannot tell."""


@dataclass(frozen=True)
class PlanGrowth:
    """A call under one plan, as something grows."""

    plan: str
    sizes: tuple[SizeReport, ...]
    """Ascending."""
    fits: tuple[Fit, ...]
    reason: str | None
    """Why it could not run, at some size."""


@dataclass(frozen=True)
class Growth:
    """A call as something grows, under several plans."""

    call: str
    arguments: Mapping[str, Scalar]
    axis: str
    """What grows: library, roots or children; or databases, of sizes that the user gave."""
    plans: tuple[PlanGrowth, ...]
    to: float | None
    """The size that is extrapolated to."""
    named: str | None
    """The recipe whose size that is; None for a size that was given as a number."""
    beyond: float | None
    """That size over the largest one measured."""
    conclusions: tuple[str, ...]
    """Sentences that can be understood alone."""


@dataclass(frozen=True)
class Breach:
    """A budget that was broken."""

    call: str
    metric: str
    limit: float
    measured: float
    source: str
    """budget or baseline, with the entry that it stands in; or test."""
    level: str = "error"
    """error, or warning where it does not fail the gate."""
    message: str = ""
    """One sentence that can be understood alone."""
    location: Site | None = None
    """The line to show it at: where the call's dearest statement is issued."""
    acknowledged: str | None = None
    """The reason for which it is let pass, by whom and until when."""
    enough: int | None = None
    """Of a ratio: the count that the call's objects need; None of a count."""
    lapsed: str = ""
    """The exceptions that expired, in words; "" where there is none."""


@dataclass(frozen=True)
class Change:
    """How a figure of a call, or a finding, differs from an earlier report."""

    status: str
    """new, worse, not-run (nobody knows: this report has no figures of it), better, or resolved."""
    call: str
    rule: str | None
    """The rule of a finding; None for the call itself."""
    metric: str | None
    """queries, rows or cells; level, of a finding; None where there is no figure on both sides."""
    before: float | None
    after: float | None
    message: str
    """One sentence that can be understood alone."""
    fingerprint: str | None
    """The finding's."""


@dataclass(frozen=True)
class Report:
    """Everything that one run of qprof concluded."""

    environment: Environment
    calls: tuple[CallReport, ...]
    comparisons: tuple[Comparison, ...] = ()
    predictions: tuple[Prediction, ...] = ()
    findings: tuple[Finding, ...] = ()
    breaches: tuple[Breach, ...] = ()
    unmeasured: tuple[Unmeasured, ...] = ()
    """The calls that have no figures, with the reason."""
    growths: tuple[Growth, ...] = ()
    notices: tuple[str, ...] = ()
    """What the gate says and does not fail for: entries that can be pruned, or were not run."""
    changes: tuple[Change, ...] = ()
    """Against an earlier report, where there is one; the worst first."""
    rules: tuple[str, ...] = ()
    """The ids of the rules that were looked for; empty where that is unknown."""
    gate: Literal["passed", "failed"] | None = None
    """How a gate ended; None for what is none."""
    interrupted: bool = False
    """Whether Ctrl-C ended it; the calls that were not measured then are in `unmeasured`."""
    schema: str = field(default=SCHEMA)


def amplification(measured: Cost, needed: Cost | None) -> Amplification:
    """Return the three ratios; None where needed is unknown or zero."""
    if needed is None:
        return Amplification(None, None, None)
    return Amplification(
        _ratio(measured.queries, needed.queries),
        _ratio(measured.rows, needed.rows),
        _ratio(measured.cells, needed.cells),
    )


def _ratio(measured: int, needed: int) -> float | None:
    return round(measured / needed, 4) if needed else None
