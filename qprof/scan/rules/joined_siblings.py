"""QP101 by the source alone: the shape is seen, its price is not."""

from collections.abc import Iterable, Sequence

from qprof.domain.join_tree import siblings
from qprof.domain.words import listed
from qprof.judge.detectors.cartesian_explosion import CartesianExplosion
from qprof.judge.rules.wording import by_mapping
from qprof.scan.calls.loading import Select
from qprof.scan.static_rule import Loaded, Suspicion
from qprof.scan.suspects import suspect


class JoinedSiblings:
    """A note for each SELECT that joins collections of one parent side by side."""

    id = CartesianExplosion.id

    def inspect(self, loaded: Sequence[Loaded]) -> Iterable[Suspicion]:
        """Yield the SELECTs with siblings; a mapping's own are shown at the mapping alone."""
        for each in loaded:
            for select in each.selects:
                groups = siblings(select.joins)
                paths = tuple(dict.fromkeys(path for group in groups for path in group))
                if paths and (each.built.is_mapping or _is_asked_for(select, paths)):
                    yield self._suspect(each, select, paths)

    def _suspect(self, loaded: Loaded, select: Select, paths: tuple[str, ...]) -> Suspicion:
        nodes = [node for node in select.nodes if _is_in(node.path, paths)]
        joins = [join for join in select.joins if _is_in(join.path, paths)]
        return suspect(
            (self.id, CartesianExplosion.name, "note"),
            loaded,
            nodes,
            paths=paths,
            title=f"{listed(paths)} are joined in one SELECT, so their rows can multiply",
            facts="By how much is not known from the source; `qprof profile` measures it."
            f"{by_mapping(joins)}",
            to={node.path: "selectin" for node in nodes if node.to_many},
        )


def _is_asked_for(select: Select, paths: Sequence[str]) -> bool:
    """Return whether an option of the statement has a part in it."""
    above = [node for node in select.nodes if _is_in(node.path, paths)]
    return any(node.step is not None for node in above)


def _is_in(path: str, paths: Sequence[str]) -> bool:
    """Return whether `path` is one of `paths`, leads to one, or hangs on one."""
    return any(f"{each}.".startswith(f"{path}.") or path.startswith(f"{each}.") for each in paths)
