"""QP202 repeated-query."""

from collections.abc import Iterable

from qprof.domain.loaders import OF_ONE_PARENT
from qprof.domain.report import Finding
from qprof.domain.sql.reading import beyond_columns, reads_tables
from qprof.domain.trace import Call, Execution
from qprof.domain.words import counted
from qprof.judge.rules.rule import Rule
from qprof.judge.rules.thresholds import Thresholds


class RepeatedQuery(Rule):
    """The same query, same parameters, again.

    Within one call, a SELECT is sent with parameters that it was sent with before, or a
    relationship of the same parent is loaded a second time.

    Why
    ---
    The call asks for what it was told already. It pays the round trip and the rows again. The
    usual causes are a lookup inside a loop, helpers that each fetch the current user, a commit
    or expire that empties the session, and a session for each step.

    How to fix
    ----------
    Ask once and keep the answer.

        # bad
        for track in tracks:
            rates = session.scalars(select(Rate)).all()
        # good
        rates = session.scalars(select(Rate)).all()
        for track in tracks: ...

    When to ignore
    --------------
    When the call writes in between and has to see the change, or when it waits for a change.
    """

    id = "QP202"
    name = "repeated-query"
    level = "warning"

    def inspect(self, call: Call, thresholds: Thresholds) -> Iterable[Finding]:
        """Yield a finding for each SELECT of the call that repeats itself."""
        for execution in call.executions:
            own = execution.strategy in OF_ONE_PARENT
            if own and execution.repeats and reads_tables(execution.sql):
                yield self._repeated(call, execution)

    def _repeated(self, call: Call, execution: Execution) -> Finding:
        paths = (execution.path,) if execution.path else ()
        cost = execution.repeated + execution.brought_again
        return self.finding(
            call,
            paths=paths,
            title=_title(execution),
            facts=_facts(execution),
            fix=_fix(execution),
            evidence={
                "queries": execution.count,
                "repeats": execution.repeats,
                "repeated_rows": cost.rows,
                "repeated_cells": cost.cells,
            },
            location=execution.site,
            subject="" if paths else beyond_columns(execution.sql),
        )


def _title(execution: Execution) -> str:
    what = f"{execution.path} of the same parent" if execution.path else "the same SELECT"
    verb = "is loaded" if execution.path else "is sent"
    return f"{what} {verb} again with the same parameters"


def _facts(execution: Execution) -> str:
    cost, along = execution.repeated + execution.brought_again, execution.brought_again.queries
    queries = f"{counted(cost.queries, 'query')} and " if along else ""
    loads = f", with the {counted(along, 'load')} along with {_them(execution)}," if along else ""
    return (
        f"{execution.repeats:,} of {counted(execution.count, 'execution')} "
        f"{'is a repeat' if execution.repeats == 1 else 'are repeats'}{loads} and cost {queries}"
        f"{counted(cost.rows, 'row')}."
    )


def _them(execution: Execution) -> str:
    return "it" if execution.repeats == 1 else "them"


def _fix(execution: Execution) -> str:
    if execution.path:
        return (
            "Keep the parent in one session and unexpired while it is in use "
            "(expire_on_commit=False, no refresh), or keep what was loaded."
        )
    return "Send it once, before the loop or in the caller, and keep the result."
