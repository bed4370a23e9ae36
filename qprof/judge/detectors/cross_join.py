"""QP103 cross-join."""

from collections.abc import Iterable

from qprof.domain.report import Finding
from qprof.domain.trace import Call, Execution
from qprof.domain.words import listed
from qprof.judge.rules.rule import Rule
from qprof.judge.rules.thresholds import Thresholds


class CrossJoin(Rule):
    """FROM elements that nothing links.

    A SELECT, at any depth of a statement, names a table or subquery that no JOIN and no condition
    ties to the others.

    Why
    ---
    The database pairs each of its rows with each row of the rest. Where entities are loaded,
    the ORM drops the copies, so the result can look right; a count or a sum over such a SELECT
    is wrong. It often comes from a filter on a table that was never joined. A subquery of one
    row, such as a count without GROUP BY, multiplies nothing and is not reported.

    How to fix
    ----------
    Join the table, or drop the condition that brought it in.

        # bad: album is in FROM only because of the filter
        select(Artist).where(Album.year > 2000)
        # good
        select(Artist).join(Artist.albums).where(Album.year > 2000).distinct()
        # good, and no copies at all
        select(Artist).where(Artist.albums.any(Album.year > 2000))

    When to ignore
    --------------
    When every pair is wanted, or one side is a table of a single row. Say so in the statement:
    `.join(Settings, true())` links the two on purpose and is not reported. Nor is CROSS JOIN in
    `text()`.
    """

    id = "QP103"
    name = "cross-join"
    level = "error"

    def inspect(self, call: Call, thresholds: Thresholds) -> Iterable[Finding]:
        """Yield a finding for each execution with FROM elements that nothing links."""
        for execution in call.executions:
            if not execution.unlinked:
                continue
            yield self.finding(
                call,
                paths=(),
                title=_title(execution),
                facts=_facts(execution),
                fix=f"Join {listed(execution.unlinked)}, or filter by .any() or .has().",
                evidence={"unlinked": ", ".join(execution.unlinked), "rows": execution.rows},
                location=execution.site,
                subject=" ".join(sorted(execution.unlinked)),
            )


def _title(execution: Execution) -> str:
    rest = " to the rest of the SELECT" if len(execution.unlinked) == 1 else ""
    return f"no JOIN and no condition links {listed(execution.unlinked)}{rest}"


def _facts(execution: Execution) -> str:
    sent = f" The SELECT was sent {execution.count:,} times." if execution.count > 1 else ""
    return f"the database pairs every row of one side with every row of the other.{sent}"
