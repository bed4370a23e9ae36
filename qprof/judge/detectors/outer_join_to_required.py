"""QP402 outer-join-to-required."""

from collections.abc import Iterable

from qprof.domain.loaders import OWN_JOIN
from qprof.domain.report import Finding
from qprof.domain.trace import Call, Execution, Join, OptionChange
from qprof.judge.rules.loader_code import required
from qprof.judge.rules.rule import Rule
from qprof.judge.rules.thresholds import Thresholds


class OuterJoinToRequired(Rule):
    """OUTER JOIN where INNER JOIN would do.

    joinedload renders LEFT OUTER JOIN for a to-one relationship whose foreign key columns are
    all NOT NULL: the other side is always there.

    Why
    ---
    The rows are the same, but an outer join ties the planner to one order: it cannot start from
    the other table. How much that costs depends on the database and is not measured by qprof.

    How to fix
    ----------
    Say innerjoin=True, at the option or in the relationship.

        # bad
        select(Album).options(joinedload(Album.artist))
        # good
        select(Album).options(joinedload(Album.artist, innerjoin=True))

    Below an outer join it is never advised: there an inner join has to be nested inside the
    outer one, and SQLAlchemy is known to attach it to the wrong alias where one class is joined
    twice.

    When to ignore
    --------------
    When the database does not enforce the foreign key, so that the other side may be missing.
    """

    id = "QP402"
    name = "outer-join-to-required"
    level = "note"

    def by_default(self) -> None:
        """Return None: its effect shows in no count, so it is off."""

    def inspect(self, call: Call, thresholds: Thresholds) -> Iterable[Finding]:
        """Yield a finding for each path of the call that could be joined by INNER JOIN."""
        for path, (execution, join) in _outer(call).items():
            yield self.finding(
                call,
                paths=(path,),
                title=f"{path} is loaded by LEFT OUTER JOIN, though its foreign key is NOT NULL",
                facts="an INNER JOIN returns the same rows, and the planner may choose the order.",
                fix=required(call, execution, join),
                change=OptionChange({path: "joined"}, {path: True}),
                evidence={"rows": execution.rows},
                location=execution.site,
            )


def _outer(call: Call) -> dict[str, tuple[Execution, Join]]:
    """Return the first outer join of each path that could be an inner one."""
    found: dict[str, tuple[Execution, Join]] = {}
    for execution in call.executions:
        for join in execution.joins:
            to_required = join.required and not join.to_many and not join.inner
            if to_required and join.strategy == "joined" and not _below_outer(join, execution):
                found.setdefault(join.path, (execution, join))
    return found


def _below_outer(join: Join, execution: Execution) -> bool:
    """Return whether an outer join stands above, or a hand-written JOIN that may be one."""
    above = [each for each in execution.joins if join.path.startswith(f"{each.path}.")]
    return join.under_outer or any(not each.inner or each.strategy == OWN_JOIN for each in above)
