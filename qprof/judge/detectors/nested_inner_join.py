"""QP411 nested-inner-join."""

from collections.abc import Iterable

from qprof.domain.report import Finding
from qprof.domain.trace import Call, Execution, Join, OptionChange
from qprof.domain.words import listed
from qprof.judge.rules.loader_code import unnested
from qprof.judge.rules.rule import Rule
from qprof.judge.rules.thresholds import Thresholds


class NestedInnerJoin(Rule):
    """An INNER JOIN inside an OUTER JOIN.

    joinedload(…, innerjoin=True) stands below a path that is outer joined, and the SELECT has one
    class more than once.

    Why
    ---
    SQLAlchemy nests such an inner join inside the outer one. Where a class is in the SELECT twice,
    it may hang the inner join on the wrong one of the two: collections then miss objects that
    exist, or hold what belongs elsewhere, without an error. qprof has seen it on SQLAlchemy 2.0.58
    and 2.1.9. Whether the objects of this call are right, qprof compare tells: they are held
    against those of plans without the nested join. What such a SELECT fetches is counted, never
    predicted.

    How to fix
    ----------
    Say innerjoin=False below an outer join; the rows are the same where the key is NOT NULL. Or
    load the path by a SELECT of its own.

        # bad
        joinedload(Album.tracks).joinedload(Track.remix_of, innerjoin=True)
        # good
        joinedload(Album.tracks).joinedload(Track.remix_of, innerjoin=False)

    When to ignore
    --------------
    When qprof compare shows the same objects under every plan, on data that has them all.
    """

    id = "QP411"
    name = "nested-inner-join"
    level = "warning"

    def inspect(self, call: Call, thresholds: Thresholds) -> Iterable[Finding]:
        """Yield a finding for each set of paths that are joined so."""
        for paths, (execution, joins) in _nested(call).items():
            yield self.finding(
                call,
                paths=paths,
                title=f"{listed(paths)} {'is' if len(paths) == 1 else 'are'} loaded by an INNER "
                "JOIN nested inside an OUTER JOIN",
                facts="the SELECT has one class more than once. SQLAlchemy may hang the JOIN on "
                "the wrong one, and return wrong collections without an error.",
                fix=unnested(call, execution),
                change=OptionChange(inner={join.path: False for join in joins}),
                evidence={"joins": len(joins), "executions": execution.count},
                location=execution.site,
            )


def _nested(call: Call) -> dict[tuple[str, ...], tuple[Execution, list[Join]]]:
    """Return the first execution of each set of nested inner joins."""
    found: dict[tuple[str, ...], tuple[Execution, list[Join]]] = {}
    for execution in call.executions:
        joins = [each for each in execution.joins if _is_hazard(each)]
        if joins:
            found.setdefault(tuple(join.path for join in joins), (execution, joins))
    return found


def _is_hazard(join: Join) -> bool:
    return join.strategy == "joined" and join.inner and join.under_outer and join.repeats_class
