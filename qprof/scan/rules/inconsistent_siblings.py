"""QP501 inconsistent-siblings: the fix that its neighbours did not get."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from qprof.domain.loaders import FOR_ALL_PARENTS, WORD_OPTIONS
from qprof.domain.words import listed
from qprof.judge.detectors import inconsistent_siblings as measured
from qprof.scan.calls.loading import LoadedPath, every
from qprof.scan.calls.reader import Built
from qprof.scan.static_rule import Loaded, Suspicion
from qprof.scan.suspects import shown, suspect

_Ways = Mapping[str, tuple[Built, str]]
"""For each path: a function that loads it by a SELECT of its own, and by which strategy."""


class InconsistentSiblings:
    """A warning for each function that joins a collection which a neighbour loads apart."""

    id = measured.InconsistentSiblings.id

    def inspect(self, loaded: Sequence[Loaded]) -> Iterable[Suspicion]:
        """Yield the statements that join what a neighbour loads apart."""
        owners: dict[str, list[Loaded]] = {}
        for each in loaded:
            # Tests of one file load one path in all ways on purpose.
            if not (each.built.is_mapping or each.built.name.startswith("test_")):
                owners.setdefault(each.built.owner, []).append(each)
        for neighbours in owners.values():
            ways = _ways(neighbours)
            for each in neighbours:
                yield from self._differing(each, ways)

    def _differing(self, loaded: Loaded, ways: _Ways) -> Iterator[Suspicion]:
        nodes = [
            node
            for node in _collections(loaded)
            if node.strategy == "joined"
            and node.path in ways
            and ways[node.path][0].name != loaded.built.name
        ]
        if nodes:
            paths = tuple(dict.fromkeys(node.path for node in nodes))
            models = list(dict.fromkeys(ways[path][0] for path in paths))
            loaders = dict.fromkeys(WORD_OPTIONS[ways[path][1]] for path in paths)
            told = _OTHERWISE if "subqueryload" in loaders else ""
            them = "it" if len(paths) == 1 else "them"
            is_cheap = _is_cheap(loaded)
            yield suspect(
                (self.id, measured.InconsistentSiblings.name, "note" if is_cheap else "warning"),
                loaded,
                nodes,
                paths=paths,
                title=f"{loaded.built.name} loads {listed(paths)} by joinedload, but "
                f"{listed([shown(each) for each in models])} loads {them} by "
                f"{listed(list(loaders))}",
                facts=" ".join(filter(None, [_CHEAP if is_cheap else "", told])),
                to=dict.fromkeys(paths, "selectin"),
                evidence={"copy": models[0].name},
            )


_CHEAP = "For one parent a JOIN may be cheaper."
_OTHERWISE = (
    "The fix is selectinload: it loads the same objects under any LIMIT, subqueryload may not."
)


def _is_cheap(loaded: Loaded) -> bool:
    """Return whether one root comes with the rows of one collection: no more than apart."""
    roots = [node for select in loaded.selects if select.is_root for node in select.nodes]
    return loaded.statement.is_single and sum(bool(node.to_many) for node in roots) == 1


def _ways(neighbours: Iterable[Loaded]) -> _Ways:
    ways: dict[str, tuple[Built, str]] = {}
    for each in neighbours:
        for node in _collections(each):
            if node.strategy != "joined":
                ways.setdefault(node.path, (each.built, node.strategy))
    return ways


def _collections(loaded: Loaded) -> Iterator[LoadedPath]:
    """Yield the whole collections for which the statement has an option of its own."""
    for node in every(list(loaded.tree)):
        own = node.to_many and node.step and node.strategy in FOR_ALL_PARENTS
        if own and node.step and not node.step.attribute.narrowed:
            yield node
