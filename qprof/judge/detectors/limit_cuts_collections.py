"""QP404 limit-cuts-collections."""

from collections.abc import Iterable

from qprof.domain.loaders import OWN_JOIN
from qprof.domain.report import Finding
from qprof.domain.sql.reading import limits_result
from qprof.domain.trace import Call, Execution
from qprof.domain.words import counted, listed
from qprof.judge.rules.rule import Rule
from qprof.judge.rules.thresholds import Thresholds


class LimitCutsCollections(Rule):
    """LIMIT counts joined rows, not parents.

    A to-many path is read by contains_eager from a JOIN of the statement's own, and the same
    SELECT has a LIMIT or OFFSET.

    Why
    ---
    This one is about results, not cost. LIMIT takes so many joined rows, not so many parents:
    fewer parents come back than were asked for, and the collection of the last one (with OFFSET,
    of the first one, too) can lack entries. The session then holds a collection that looks whole.
    SQLAlchemy wraps a SELECT in a subquery for joinedload; for contains_eager it does not.

    How to fix
    ----------
    Limit the parents alone, and load the collection by a SELECT of its own.

        # bad
        select(Artist).join(Artist.albums).options(contains_eager(Artist.albums)).limit(20)
        # good
        select(Artist).options(selectinload(Artist.albums)).limit(20)
        # good, where the JOIN filters
        select(Artist).where(Artist.albums.any(Album.year > 2000)).limit(20)

    When to ignore
    --------------
    When so many joined rows are what is meant, or the JOIN finds at most one row for each parent.
    """

    id = "QP404"
    name = "limit-cuts-collections"
    level = "warning"

    def inspect(self, call: Call, thresholds: Thresholds) -> Iterable[Finding]:
        """Yield a finding for each root SELECT whose LIMIT counts the rows of its own JOIN."""
        for execution in call.executions:
            paths = [
                each.path for each in execution.joins if each.to_many and each.strategy == OWN_JOIN
            ]
            cut = execution.strategy == "root" and not execution.wrapped
            if paths and cut and limits_result(execution.sql):
                yield self._found(call, execution, paths)

    def _found(self, call: Call, execution: Execution, paths: list[str]) -> Finding:
        roots = execution.tally.roots if execution.tally is not None else None
        held = f"the rows that came back hold {counted(roots or 0, 'parent')}. "
        return self.finding(
            call,
            paths=paths,
            title=f"LIMIT or OFFSET counts joined rows, so it can cut {listed(paths)}",
            facts=f"{held if roots else ''}The last parent may miss a part of its collection.",
            fix="Limit the parents alone: drop the JOIN, filter by .any(), and load by "
            f"{listed([f'selectinload({path})' for path in _hops(execution, paths)])}.",
            evidence={"rows": execution.rows, "roots": roots, "executions": execution.count},
            location=execution.site,
        )


def _hops(execution: Execution, paths: list[str]) -> list[str]:
    return [join.hops[-1] for join in execution.joins if join.path in paths]
