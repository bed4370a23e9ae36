"""One execution of a root statement: what each plan would send instead."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import CompileError, InvalidRequestError
from sqlalchemy.orm.util import LoaderCriteriaOption

from qprof.capture.keys import key_columns
from qprof.predict.asking import asking
from qprof.predict.cardinality import Answer, predicted, unknown
from qprof.predict.doubts import refuse_volatile
from qprof.predict.layout import Layout
from qprof.predict.product import counted_rows
from qprof.predict.rows import Sent
from qprof.predict.tree import Tree, Unpredictable, read_tree
from qprof.predict.widths import Widths, read_widths
from qprof.strategies.rewrite import rewritten
from qprof.strategies.roots import RootPaths

Plans = Mapping[str, Mapping[str, str]]
"""By plan: the strategy of each path that it moves."""


@dataclass(frozen=True)
class Execution:
    """A root statement as a call sends it."""

    statement: Any
    parameters: Any
    root: RootPaths
    doubt: str | None = None
    """Why another statement may be sent in the end."""
    schemas: Mapping[str | None, str | None] = field(default_factory=dict)
    """The schema_translate_map that it is sent with."""
    lazy_doubt: str | None = None
    """Why lazy loads may find other rows than the statement's own."""

    def under(self, strategies: Mapping[str, str]) -> Any:
        """Return the statement as the plan with these strategies sends it."""
        return rewritten(self.statement, self.root, strategies) if strategies else self.statement


def answer(sent: Execution, connection: Connection, plans: Plans, shown: str | None) -> Answer:
    """Return what `sent` would fetch under each of `plans`, asked on its own connection.

    Where aggregates cannot tell and nothing is loaded apart, the rows are counted instead.
    """
    if sent.doubt is not None:
        return unknown(plans, sent.doubt)
    try:
        refuse_volatile(sent.statement)
        tree = read_tree(sent.statement, sent.root)
    except Unpredictable as reason:
        return unknown(plans, str(reason))
    joined = _compiled(sent, connection, dict.fromkeys(sent.root.paths, "joined"))
    impossible = _impossible(sent, connection, plans) if isinstance(joined, str) else {}
    unknown_widths = tree.widened() or isinstance(joined, str)
    widths = None if unknown_widths else _widths(sent, connection, joined)
    found = _asked(sent, connection, tree, plans, widths, shown)
    missing = {name: each for name, each in found.plans.items() if isinstance(each, str)}
    more = {name: _counted(sent, connection, Layout(tree, plans[name]), widths) for name in missing}
    kept = {name: each for name, each in more.items() if each is not None}
    told = {**found.plans, **kept, **_doubted(sent, tree, plans), **impossible}
    return replace(found, plans=told, counted=tuple(kept))


def _impossible(sent: Execution, connection: Connection, plans: Plans) -> Mapping[str, str]:
    """Return the reason against each plan that SQLAlchemy cannot write."""
    found = {name: _compiled(sent, connection, each) for name, each in plans.items()}
    return {name: each for name, each in found.items() if isinstance(each, str)}


def _compiled(sent: Execution, connection: Connection, plan: Mapping[str, str]) -> Any:
    """Return the statement under a plan, compiled; or why SQLAlchemy cannot write it."""
    try:
        return sent.under(plan).compile(dialect=connection.dialect)
    except (CompileError, InvalidRequestError) as error:
        return f"SQLAlchemy cannot write it: {str(error).splitlines()[0]}"


def _doubted(sent: Execution, tree: Tree, plans: Plans) -> Mapping[str, str]:
    """Return the reason against each plan that loads lazily, if there is one."""
    if sent.lazy_doubt is None:
        return {}
    layouts = {name: Layout(tree, strategies) for name, strategies in plans.items()}
    lazy = (n for n, each in layouts.items() if "lazy" in map(each.strategy, tree.edges))
    return dict.fromkeys(lazy, sent.lazy_doubt)


def _asked(
    sent: Execution,
    connection: Connection,
    tree: Tree,
    plans: Plans,
    widths: Widths | None,
    shown: str | None,
) -> Answer:
    execute = _executor(sent, connection)
    try:
        with asking(connection):
            return predicted(execute, sent.statement, tree, plans, widths, shown)
    except Unpredictable as reason:
        return unknown(plans, str(reason))


def _executor(sent: Execution, connection: Connection) -> Callable[[Any], Any]:
    # Criteria that hold for a whole statement hold for its aggregates, too.
    options = sent.statement._with_options
    criteria = [each for each in options if isinstance(each, LoaderCriteriaOption)]
    where = {"schema_translate_map": sent.schemas} if sent.schemas else {}

    def execute(found: Any) -> Any:
        asked = found.options(*criteria)
        return connection.execute(asked, sent.parameters, execution_options=where)

    return execute


def _widths(sent: Execution, connection: Connection, joined: Any) -> Widths | None:
    """Return the widths that the statement has with every path joined, as in `joined`."""
    keys = key_columns(joined, joined.compile_state, "")
    found = read_widths(len(joined._result_columns), keys)
    lazy = sent.under(dict.fromkeys(sent.root.paths, "lazy"))
    alone = len(lazy.compile(dialect=connection.dialect)._result_columns)
    # A JOIN may need a column that load_only() leaves out, or one that ORDER BY names.
    return found if found is None or found.root == alone else None


def _counted(
    sent: Execution, connection: Connection, layout: Layout, widths: Widths | None
) -> tuple[Sent, ...] | None:
    if not all(layout.is_joined(path) for path in layout.tree.edges):
        return None
    try:
        with asking(connection):
            rows = counted_rows(
                connection, sent.under(layout.strategies), sent.parameters, sent.schemas
            )
    except Unpredictable:
        return None
    width = widths.of_root(layout) if widths is not None else None
    return (Sent("root", rows, 1, width),)
