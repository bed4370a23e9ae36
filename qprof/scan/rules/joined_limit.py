"""QP401 by the source alone: LIMIT and a joined collection are seen, the rows are not."""

from collections.abc import Iterable, Sequence

from qprof.detectors.limit_wraps_subquery import LimitWrapsSubquery
from qprof.detectors.wording import listed
from qprof.scan.rules.static_rule import Loaded, Suspect
from qprof.scan.rules.suspects import suspect


class JoinedLimit:
    """A warning for each statement that has a LIMIT and joins a collection by joinedload."""

    id = LimitWrapsSubquery.id

    def inspect(self, loaded: Sequence[Loaded]) -> Iterable[Suspect]:
        """Yield the limited statements whose own SELECT joins collections."""
        for each in loaded:
            limit = each.statement.limit
            roots = [select for select in each.selects if select.is_root]
            nodes = [
                node
                for select in roots
                for node in select.nodes
                if node.to_many and node.strategy == "joined"
            ]
            if limit and nodes:
                paths = [node.path for node in nodes]
                yield suspect(
                    (self.id, LimitWrapsSubquery.name, LimitWrapsSubquery.level),
                    each,
                    nodes,
                    paths=paths,
                    message=f"The LIMIT or OFFSET of line {limit.line} meets the joined "
                    f"{listed(paths)}, so SQLAlchemy puts it into a subquery and joins outside. "
                    "The result is correct, but only the roots are limited: how many rows come "
                    "back is not known from the source.",
                    to=dict.fromkeys(paths, "selectin"),
                )
