"""QP401 limit-wraps-subquery."""

from collections.abc import Iterable

from qprof.domain.report import Finding
from qprof.domain.sql.reading import limits
from qprof.domain.trace import Call
from qprof.domain.words import listed
from qprof.judge.rules.loader_code import apart, moved_out
from qprof.judge.rules.rule import Rule
from qprof.judge.rules.thresholds import Thresholds

_MANY = 10
"""Rows for each object, from which on a join under a LIMIT is a warning."""


class LimitWrapsSubquery(Rule):
    """A LIMIT pushed into a subquery.

    A SELECT has LIMIT or OFFSET and joins a collection by joinedload.

    Why
    ---
    A LIMIT over joined rows would cut a collection in the middle. SQLAlchemy therefore puts the
    SELECT with its LIMIT into a subquery and joins the collection outside of it. The result is
    correct and the roots are as many as asked for; but the rows that come back are not limited,
    since each root is repeated for every row of its collections. It is a warning from more than ten
    rows for each root on, and a note up to that.

    How to fix
    ----------
    Load the collection by a SELECT of its own; the LIMIT then needs no subquery.

        # bad
        select(Artist).limit(20).options(joinedload(Artist.tracks))
        # good
        select(Artist).limit(20).options(selectinload(Artist.tracks))

    When to ignore
    --------------
    When the collection is short for every root and a round trip costs more than its rows.
    """

    id = "QP401"
    name = "limit-wraps-subquery"
    level = "warning"

    def inspect(self, call: Call, thresholds: Thresholds) -> Iterable[Finding]:
        """Yield a finding for each execution whose LIMIT was put into a subquery."""
        for execution in call.executions:
            joins = [each for each in execution.joins if each.to_many and each.strategy == "joined"]
            if not (execution.wrapped and joins and limits(execution.sql)):
                continue
            paths = [join.path for join in joins]
            roots = execution.tally.roots if execution.tally and execution.count == 1 else None
            yield self.finding(
                call,
                paths=paths,
                title=f"LIMIT or OFFSET with joinedload of {listed(paths)}",
                facts="SQLAlchemy limits the parents in a subquery and joins outside. The result "
                f"is correct{_each(execution.rows, roots)}.",
                fix=moved_out(call, execution),
                change=apart(execution),
                evidence={"rows": execution.rows, "roots": roots, "executions": execution.count},
                location=execution.site,
                level=None if _is_long(execution.rows, roots) else "note",
            )


def _each(rows: int, roots: int | None) -> str:
    return f", but each parent comes as {rows / roots:,.0f} rows" if roots and rows > roots else ""


def _is_long(rows: int, roots: int | None) -> bool:
    """Return whether more than ten rows came for each object that the LIMIT let pass."""
    return roots is not None and rows > _MANY * roots
