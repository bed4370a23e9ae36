"""QP401 by the source alone: LIMIT and a joined collection are seen, the rows are not."""

from collections.abc import Iterable, Sequence

from qprof.domain.words import listed
from qprof.judge.detectors.limit_wraps_subquery import LimitWrapsSubquery
from qprof.judge.rules.wording import by_mapping
from qprof.scan.calls.loading import LoadedPath, Select
from qprof.scan.calls.values import NamePlace
from qprof.scan.static_rule import Loaded, Suspicion
from qprof.scan.suspects import suspect


class JoinedLimit:
    """A warning for each statement that has a LIMIT and joins a collection by joinedload."""

    id = LimitWrapsSubquery.id

    def inspect(self, loaded: Sequence[Loaded]) -> Iterable[Suspicion]:
        """Yield the limited statements whose own SELECT joins collections.

        Of one root that is a note, and nothing where only the mapping joins.
        """
        for each in loaded:
            nodes = [node for select in each.selects if select.is_root for node in _joined(select)]
            is_asked_for = any(node.step for node in nodes) or not each.statement.is_single
            if each.statement.limit and nodes and is_asked_for:
                yield self._suspect(each, each.statement.limit, nodes)

    def _suspect(self, loaded: Loaded, limit: NamePlace, nodes: Sequence[LoadedPath]) -> Suspicion:
        paths = [node.path for node in nodes]
        is_single = loaded.statement.is_single
        told = _ONE if is_single else _MANY
        joins = [join for select in loaded.selects for join in select.joins if join.path in paths]
        return suspect(
            (self.id, LimitWrapsSubquery.name, "note" if is_single else LimitWrapsSubquery.level),
            loaded,
            nodes,
            paths=paths,
            title=f"LIMIT or OFFSET of line {limit.line} with joinedload of {listed(paths)}",
            facts=f"SQLAlchemy limits the parents in a subquery and joins outside. {told}"
            f"{by_mapping(joins)}",
            to=dict.fromkeys(paths, "selectin"),
        )


_MANY = (
    "The result is correct; how many rows come back is not known from the source. `qprof profile` "
    "measures them."
)
_ONE = "For one parent that costs little."


def _joined(select: Select) -> list[LoadedPath]:
    return [node for node in select.nodes if node.to_many and node.strategy == "joined"]
