"""QP201 n-plus-one."""

from collections.abc import Iterable, Sequence

from qprof.domain.loaders import BY_PARENT
from qprof.domain.report import Finding
from qprof.domain.sql.reading import beyond_columns, reads_tables, takes_pages
from qprof.domain.trace import Call, Execution, OptionChange, Site
from qprof.domain.words import counted, listed
from qprof.judge.rules.loader_code import loaded_with_parents, path_of, with_columns
from qprof.judge.rules.rule import Rule
from qprof.judge.rules.thresholds import Thresholds
from qprof.judge.rules.wording import places

_SHOWN = 3
"""Columns that a message names."""
_COLLECT = (
    "Collect the keys first and send one SELECT with Model.key.in_(keys), "
    "or load the rows along with the objects that the loop goes over."
)
_REFRESH = (
    "Load all of them anew by one SELECT with .execution_options(populate_existing=True), or leave "
    "the refresh out where nothing else writes."
)
_KEEP = (
    "Read what is needed before the commit, keep the objects as they are "
    "(expire_on_commit=False), or load all of them anew by one SELECT."
)


class NPlusOne(Rule):
    """One query for each parent or row.

    A relationship is loaded parent by parent (lazy, or immediateload), columns are loaded object
    by object (deferred, load_only, a subclass's, or expired), or one SELECT is sent again and again
    with other parameters.

    Why
    ---
    Every query is a round trip. The number of queries grows with the data, and with the
    distance to the database: 200 loads at 2 ms are 0.4 s of waiting.

    selectinload sends one SELECT for every 500 parents, subqueryload one for each path. Those
    are not this rule, however many there are. Nor are pages (OFFSET, or LIMIT beyond the last
    key), lists of keys (IN), and writes.

    How to fix
    ----------
    Load the path along with its parents: selectinload for collections, joinedload for to-one.
    A SELECT in a loop becomes one SELECT with IN.

        # bad
        for artist in session.scalars(select(Artist)):
            print(artist.albums)
        # good
        artists = select(Artist).options(selectinload(Artist.albums))
        for artist in session.scalars(artists):
            print(artist.albums)

    When to ignore
    --------------
    When the number of parents is small and fixed, or when only a few of many parents are ever
    looked at. The thresholds lazy-loads and repeated-statements say from where on it counts.
    """

    id = "QP201"
    name = "n-plus-one"
    level = "error"

    def inspect(self, call: Call, thresholds: Thresholds) -> Iterable[Finding]:
        """Yield a finding for each path loaded by parent, and each SELECT sent by row."""
        for loads in _by_path(call).values():
            if _together(loads) >= thresholds.lazy_loads:
                yield self._by_parent(call, loads)
        for loads in _by_columns(call).values():
            if _together(loads) >= thresholds.lazy_loads:
                yield self._by_object(call, loads)
        for execution in call.executions:
            if _different(execution) >= thresholds.repeated_statements:
                yield self._by_row(call, execution)

    def _by_parent(self, call: Call, loads: Sequence[Execution]) -> Finding:
        first, site = loads[0], _parents_site(call) or loads[0].site
        count = sum(load.count for load in loads)
        enough = "one for every 500 parents" if first.to_many else "a JOIN"
        return self.finding(
            call,
            paths=(str(first.path),),
            title=f"N+1 on {first.path}: one query for each {_parent(first)}",
            facts=f"{counted(count, 'query')}{places([load.site for load in loads], site)}"
            f"{_burst(loads)}; {enough} is enough.",
            fix=loaded_with_parents(call, first),
            change=OptionChange({str(first.path): "selectin" if first.to_many else "joined"}),
            evidence={
                "queries": count,
                "rows": sum(load.rows for load in loads),
                "strategy": first.strategy,
            },
            location=site,
        )

    def _by_object(self, call: Call, loads: Sequence[Execution]) -> Finding:
        first, site = loads[0], _parents_site(call) or loads[0].site
        count = sum(load.loads for load in loads)
        names = [f"{first.entity}.{name}" for name in first.attributes]
        columns = listed(names[:_SHOWN]) + (" and others" if len(names) > _SHOWN else "")
        verb = "is" if len(names) == 1 else "are"
        again = " again after a commit or expire" if first.kind == "expired" else ""
        return self.finding(
            call,
            paths=(path_of(first.below),) if first.below else (),
            title=f"N+1: {columns} {verb} loaded{again}, one query for each object",
            facts=f"{counted(count, 'query')}{places([load.site for load in loads], site)}"
            f"{_burst(loads)}.",
            fix=_fix_of_columns(call, first),
            change=_change_of_columns(first),
            evidence={
                "queries": count,
                "rows": sum(load.rows for load in loads),
                "kind": first.kind,
            },
            location=site,
            subject=",".join(names),
        )

    def _by_row(self, call: Call, execution: Execution) -> Finding:
        different = _different(execution)
        return self.finding(
            call,
            paths=(),
            title="N+1: one SELECT is sent for each row",
            facts=f"{counted(execution.count, 'query')}, "
            f"{'in one transaction with up to' if execution.burst else 'with'} "
            f"{different:,} different sets of parameters.",
            fix=_REFRESH if execution.kind == "refresh" else _COLLECT,
            evidence={"queries": execution.count, "different": different, "rows": execution.rows},
            location=execution.site,
            subject=beyond_columns(execution.sql),
        )


def _parent(load: Execution) -> str:
    """Return the class that the last relationship of a path starts at, or "parent"."""
    return load.hops[-1].partition(".")[0] if load.hops else "parent"


def _by_path(call: Call) -> dict[str, list[Execution]]:
    """Return the lazy and immediate loads of each path, from all sites and in all shapes."""
    loads: dict[str, list[Execution]] = {}
    for execution in call.executions:
        if execution.path is not None and execution.strategy in BY_PARENT:
            loads.setdefault(execution.path, []).append(execution)
    return loads


def _by_columns(call: Call) -> dict[object, list[Execution]]:
    """Return the loads of the same columns of the objects of one path, or of one class."""
    loads: dict[object, list[Execution]] = {}
    for execution in call.executions:
        if execution.kind in ("columns", "expired"):
            key = (execution.below or execution.entity, execution.attributes, execution.kind)
            loads.setdefault(key, []).append(execution)
    return loads


def _fix_of_columns(call: Call, execution: Execution) -> str:
    return _KEEP if execution.kind == "expired" else with_columns(call, execution)


def _change_of_columns(execution: Execution) -> OptionChange | None:
    if execution.kind == "expired":
        return None
    path = path_of(execution.below) if execution.below else ""
    if execution.base is not None:
        return OptionChange(subclasses={path: (str(execution.entity),)})
    return OptionChange(columns={path: execution.attributes})


def _different(execution: Execution) -> int:
    """Return how many sets of parameters a root SELECT had; 0 for what may well be repeated."""
    late = execution.kind in ("columns", "expired")
    if late or execution.strategy != "root" or not reads_tables(execution.sql):
        return 0
    pages = takes_pages(execution.sql, execution.offset)
    return 0 if pages else execution.together.different


def _together(loads: Sequence[Execution]) -> int:
    """Return how many of `loads` one run of the call sent, as far as that is known."""
    if any(load.burst for load in loads):
        return max(load.together.count for load in loads)
    return sum(load.loads for load in loads)


def _burst(loads: Sequence[Execution]) -> str:
    """Return what one transaction of a program did; "" where all is of one run of the call."""
    if not any(load.burst for load in loads):
        return ""
    return f", up to {_together(loads):,} of them in one transaction"


def _parents_site(call: Call) -> Site | None:
    """Return where the call loads its roots, if it does so in one place only."""
    roots = [each for each in call.executions if each.strategy == "root" and each.entities]
    return roots[0].site if len(roots) == 1 else None
