"""One execution of a root statement: what each plan would send instead.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `_result_columns` and `_with_options`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.exc import ArgumentError, CompileError, InvalidRequestError
from sqlalchemy.orm.util import LoaderCriteriaOption

from qprof.domain.plans import AS_WRITTEN, BALANCED, Plan
from qprof.forecast.predict.asking import asking
from qprof.forecast.predict.base import ties_at_limit
from qprof.forecast.predict.cardinality import Answer, predicted, unknown
from qprof.forecast.predict.count_rows import counted_rows
from qprof.forecast.predict.layout import Layout
from qprof.forecast.predict.modelled import (
    refuse_by_class,
    refuse_immediate,
    refuse_mappings,
    refuse_statement,
    refuse_wildcards,
)
from qprof.forecast.predict.rows import Sent
from qprof.forecast.predict.tree import Stopped, Tree, Unpredictable, read_tree
from qprof.forecast.predict.widths import Widths, read_widths
from qprof.measure.bounds import Budget
from qprof.measure.orm.features import batch_size
from qprof.measure.orm.keys import key_columns
from qprof.measure.orm.rewrite import rewritten
from qprof.measure.orm.roots import LEVELS, RootPaths

Plans = Mapping[str, Mapping[str, str]]
"""By plan: the strategy of each path that it moves."""


@dataclass(frozen=True)
class Execution:
    """A root statement as a call sends it."""

    statement: Select[Any]
    parameters: Any
    root: RootPaths
    options: Mapping[str, object] = field(default_factory=dict)
    """The execution options that it is sent with."""
    doubt: str | None = None
    """Why another statement may be sent in the end."""
    schemas: Mapping[str | None, str | None] = field(default_factory=dict)
    """The schema_translate_map that it is sent with."""
    lazy_doubt: str | None = None
    """Why lazy loads may find other rows than the statement's own."""
    moved: Mapping[str, str] | None = None
    """The strategies under which this very run loads paths; None if it loads the roots alone."""

    @property
    def batch(self) -> int | None:
        """How many rows yield_per asks for at a time."""
        return batch_size(self.options)

    def under(self, strategies: Mapping[str, str]) -> Any:
        """Return the statement as the plan with these strategies sends it."""
        return (
            rewritten(self.statement, self.root, Plan("moved", strategies))
            if strategies
            else self.statement
        )


def answer(sent: Execution, connection: Connection, plans: Plans, shown: str | None) -> Answer:
    """Return what `sent` would fetch under each of `plans`, asked on its own connection.

    Where aggregates cannot tell and nothing is loaded apart, the rows are counted instead.
    """
    if sent.doubt is not None:
        return unknown(plans, sent.doubt)
    eager = [name for name, strategy in sent.root.deeper.items() if strategy != "lazy"]
    if eager:
        return unknown(plans, f"{eager[0]} is loaded more than {LEVELS} levels deep")
    asker = _Asker(sent, connection, Budget())
    try:
        refuse_statement(sent.statement, sent.options, connection)
        tree = read_tree(sent.statement, sent.root)
        refuse_mappings(tree)
        refuse_by_class(sent.statement, tree)
        refuse_immediate(tree)
        refuse_wildcards(sent.statement, tree)
        asker.refuse_ties(tree)
    except Unpredictable as reason:
        return unknown(plans, str(reason))
    joined = _compiled(sent, connection, dict.fromkeys(sent.root.paths, "joined"))
    impossible = _impossible(sent, connection, plans) if isinstance(joined, str) else {}
    unknown_widths = tree.widened() or isinstance(joined, str)
    widths = None if unknown_widths else _widths(sent, connection, joined)
    found = asker.counted(asker.predicted(tree, plans, widths, shown), tree, plans, widths)
    missed = _missed(sent, tree, found)
    if missed is not None:
        return unknown(plans, f"there are objects to load {missed} for, and no run loaded it")
    told = {**found.plans, **_doubted(sent, tree, plans), **impossible}
    return replace(found, plans=told)


def _missed(sent: Execution, tree: Tree, found: Answer) -> str | None:
    """Return a path that no run was seen to load, though there are objects to load it for.

    SQLAlchemy forgets what hangs on a subqueryload below a SELECT of its own, and what is joined to
    such a one has a name that no run can place. A plan names the paths that were seen, so none
    speaks of this one.
    """
    told = [each for each in found.plans.values() if not isinstance(each, str)]
    written = found.plans.get(AS_WRITTEN, "")
    known = told if isinstance(written, str) else [written]
    loaded = {each.path for plan in known for each in plan if each.parents}
    unseen = (name for name in tree.edges if name not in sent.root.paths)
    layout = Layout(tree, {})
    return next((name for name in unseen if layout.head(name) in loaded), None)


def _impossible(sent: Execution, connection: Connection, plans: Plans) -> Mapping[str, str]:
    """Return the reason against each plan that SQLAlchemy cannot write."""
    found = {name: _compiled(sent, connection, each) for name, each in plans.items()}
    return {name: each for name, each in found.items() if isinstance(each, str)}


def _compiled(sent: Execution, connection: Connection, plan: Mapping[str, str]) -> object:
    """Return the statement under a plan, compiled; or why SQLAlchemy cannot write it."""
    try:
        return sent.under(plan).compile(dialect=connection.dialect)
    except (ArgumentError, CompileError, InvalidRequestError) as error:
        return f"SQLAlchemy cannot write it: {str(error).splitlines()[0]}"


def _doubted(sent: Execution, tree: Tree, plans: Plans) -> Mapping[str, str]:
    """Return the reason against each plan that loads lazily, if there is one."""
    if sent.lazy_doubt is None:
        return {}
    layouts = {name: Layout(tree, strategies) for name, strategies in plans.items()}
    lazy = (n for n, each in layouts.items() if "lazy" in map(each.strategy, tree.edges))
    return dict.fromkeys(lazy, sent.lazy_doubt)


def _widths(sent: Execution, connection: Connection, joined: Any) -> Widths | None:
    """Return the widths that the statement has with every path joined, as in `joined`."""
    keys = key_columns(joined, joined.compile_state, "")
    found = read_widths(len(joined._result_columns), keys)
    lazy = sent.under(dict.fromkeys(sent.root.paths, "lazy"))
    alone = len(lazy.compile(dialect=connection.dialect)._result_columns)
    # A JOIN may need a column that load_only() leaves out, or one that ORDER BY names.
    return found if found is None or found.root == alone else None


class _Asker:
    """Asks the database about one root statement, within one budget."""

    def __init__(self, sent: Execution, connection: Connection, budget: Budget) -> None:
        self._sent, self._connection, self._budget = sent, connection, budget
        # Criteria that hold for a whole statement hold for its aggregates, too.
        options = sent.statement._with_options
        self._criteria = [each for each in options if isinstance(each, LoaderCriteriaOption)]
        self._where = {"schema_translate_map": sent.schemas} if sent.schemas else {}

    def refuse_ties(self, tree: Tree) -> None:
        """Raise Unpredictable if LIMIT or OFFSET may leave other rows the next time."""
        ties = ties_at_limit(self._sent.statement, tree)
        if ties is not None and self._ask(ties)[0][0]:
            raise Unpredictable("LIMIT cuts between rows that the ORDER BY does not tell apart")

    def predicted(
        self, tree: Tree, plans: Plans, widths: Widths | None, shown: str | None
    ) -> Answer:
        """Return what aggregates tell of each plan."""
        statement = self._sent.statement
        try:
            return predicted(
                self._ask, statement, tree, plans, widths, shown, self._budget, self._sent.batch
            )
        except Stopped as reason:
            large = [name for name in plans if Layout(tree, plans[name]).multiplies()]
            return replace(unknown(plans, str(reason)), stopped=tuple(large))
        except Unpredictable as reason:
            return unknown(plans, str(reason))

    def counted(self, found: Answer, tree: Tree, plans: Plans, widths: Widths | None) -> Answer:
        """Return `found` with the rows of each unknown plan that loads nothing apart, counted."""
        # These have more SELECTs than the one: batches, levels, what is a subclass's own, and what
        # is found by a column that an immediateload has to load first.
        edges = tree.edges.values()
        first = any(e.written == "immediate" and tree.leaves_out(e) for e in edges)
        more = any(e.depth is not None or tree.is_apart(e) for e in edges)
        if self._sent.batch or first or more:
            return found
        counted: dict[str, tuple[Sent, ...]] = {}
        stopped: dict[str, str] = {}
        for name, reason in found.plans.items():
            layout = Layout(tree, plans[name])
            settled = (*found.stopped, *found.unreached)
            if not isinstance(reason, str) or name in settled or not layout.is_one():
                continue
            if name == BALANCED and layout.single():
                # What finds several is no path that this plan joins.
                continue
            try:
                rows = self._count(plans[name])
            except Stopped as limit:
                stopped[name] = f"{reason}; {limit}"
            except Unpredictable:
                continue
            else:
                width = widths.of_root(layout) if widths is not None else None
                counted[name] = (Sent("root", rows, 1, width),)
        return replace(
            found,
            plans={**found.plans, **counted, **stopped},
            counted=tuple(counted),
            stopped=(*found.stopped, *stopped),
        )

    def _ask(self, found: Any) -> list[Any]:
        with asking(self._connection, self._budget) as hint:
            asked = found.options(*self._criteria)
            asked = asked.prefix_with(hint) if hint else asked
            rows = self._connection.execute(
                asked, self._sent.parameters, execution_options=self._where
            )
            return list(rows.all())

    def _count(self, plan: Mapping[str, str]) -> int:
        statement, sent = self._sent.under(plan), self._sent
        return counted_rows(
            self._connection, statement, sent.parameters, sent.schemas, self._budget
        )
