"""Which SELECTs a plan sends for one root statement: what is joined, and what goes apart."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from qprof.domain.loaders import OWN_JOIN
from qprof.forecast.predict.tree import Edge, Tree


@dataclass(frozen=True)
class Layout:
    """A tree under the strategies of a plan; a path that is not named stays as written."""

    tree: Tree
    strategies: Mapping[str, str]

    def strategy(self, path: str) -> str:
        """Return how `path` is loaded."""
        return self.strategies.get(path, self.tree.edges[path].written)

    def is_joined(self, path: str) -> bool:
        """Return whether `path` comes in the rows of its parent's SELECT."""
        return path in self.tree.edges and self.strategy(path) == "joined"

    def joined(self, path: str) -> list[Edge]:
        """Return what is joined right below `path`."""
        return self._joined.get(path, [])

    @cached_property
    def _joined(self) -> Mapping[str, list[Edge]]:
        """By path: what is joined right below it. Of hundreds of paths, each asks for it."""
        found: dict[str, list[Edge]] = {}
        for edge in self.tree.edges.values():
            if self.is_joined(edge.path):
                found.setdefault(edge.parent, []).append(edge)
        return found

    def is_one(self) -> bool:
        """Return whether nothing is loaded apart: one SELECT brings all."""
        return all(map(self.is_joined, self.tree.edges))

    def multiplies(self) -> bool:
        """Return whether a collection is joined, so that rows may multiply."""
        edges = self.tree.edges.values()
        return any(each.to_many and self.is_joined(each.path) for each in edges)

    def within(self, path: str) -> Iterator[Edge]:
        """Yield all that is joined below `path` in one SELECT."""
        for edge in self.joined(path):
            yield edge
            yield from self.within(edge.path)

    def apart(self) -> list[Edge]:
        """Return what has SELECTs of its own, parents before children."""
        own_select = [e for e in self.tree.edges.values() if not self.is_joined(e.path)]
        return [e for e in own_select if self.strategy(e.path) != OWN_JOIN and not self.is_own(e)]

    def is_own(self, edge: Edge) -> bool:
        """Return whether the call itself reads `edge`, lazily, for those parents that it likes."""
        return edge.written == self.strategy(edge.path) == "lazy"

    def read(self) -> list[Edge]:
        """Return what contains_eager reads from the statement's own JOIN."""
        return [e for e in self.tree.edges.values() if self.strategy(e.path) == OWN_JOIN]

    def is_outer(self, edge: Edge) -> bool:
        """Return whether a joined `edge` keeps a parent that has no child.

        As SQLAlchemy renders it: "unnested" is an inner join only where no outer join is above.
        """
        kept = self.strategy(edge.path) == edge.written
        wanted = edge.innerjoin if kept else edge.step.innerjoin
        return not wanted or (wanted == "unnested" and self.under_outer(edge))

    def under_outer(self, edge: Edge) -> bool:
        """Return whether an outer join is above `edge` in its SELECT."""
        if not self.is_joined(edge.parent):
            return False
        above = self.tree.edges[edge.parent]
        return self.is_outer(above) or self.under_outer(above)

    def inner(self, path: str) -> list[Edge]:
        """Return what is joined right below `path` and drops it where there is no child."""
        return [edge for edge in self.joined(path) if not self.is_outer(edge)]

    def head(self, path: str) -> str:
        """Return the path, or root, whose SELECT `path` comes in."""
        return self.head(self.tree.edges[path].parent) if self.is_joined(path) else path

    def drops(self, path: str) -> bool:
        """Return whether the SELECT that `path` comes in has an inner join."""
        heads = self.heads(self.head(path))
        return any(not self.is_outer(edge) for head in heads for edge in self.within(head))

    def drops_any(self) -> bool:
        """Return whether any SELECT has an inner join."""
        return any(
            self.is_joined(e.path) and not self.is_outer(e) for e in self.tree.edges.values()
        )

    def heads(self, head: str) -> list[str]:
        """Return what else the SELECT of `head` selects: the roots come in one."""
        return list(self.tree.entities) if head in self.tree.entities else [head]

    def single(self) -> list[Edge]:
        """Return the joined to-one paths that may have several rows.

        Where one has, a comparison takes it for a collection, and the balanced plan does not join
        it.
        """
        return [
            edge
            for edge in self.tree.edges.values()
            if not edge.to_many and not edge.by_identity and self.is_joined(edge.path)
        ]

    def unsure(self) -> list[Edge]:
        """Return the to-one paths that may have several rows, where that would matter.

        SQLAlchemy keeps one of them; what is loaded apart for the others, and whether a lazy load
        finds them, depends on when Python frees them.
        """
        single = [e for e in self.tree.edges.values() if not e.to_many and not e.by_identity]
        return [e for e in single if self._is_lazy(e) or self._apart_below(e) or self._sought(e)]

    def _is_lazy(self, edge: Edge) -> bool:
        return self.strategy(edge.path) == "lazy"

    def _sought(self, edge: Edge) -> bool:
        """Return whether a lazy load may look for the objects of `edge`."""
        base = edge.step.mapper.base_mapper
        lazy = (each for each in self.apart() if self._is_lazy(each) and each.by_identity)
        return any(each.step.mapper.base_mapper is base for each in lazy)

    def _apart_below(self, edge: Edge) -> bool:
        return any(each.path.startswith(f"{edge.path}.") for each in self.apart())

    def leaking(self, edge: Edge) -> Edge | None:
        """Return what below `edge`, which is loaded apart, its criteria reach, too.

        SQLAlchemy hands them on as criteria of the class (with_loader_criteria) to later loads.
        """
        mapper = edge.step.mapper
        below = [each for each in self.tree.edges.values() if each.path.startswith(f"{edge.path}.")]
        same = [
            each for each in below if each.step.mapper.isa(mapper) or mapper.isa(each.step.mapper)
        ]
        return same[0] if edge.criteria and same else None

    def spliced(self, path: str) -> Edge | None:
        """Return the inner join that SQLAlchemy may hang on a wrong alias in the SELECT of `path`.

        That can be where it is nested under an outer join and one class comes twice in the SELECT:
        collections are wrong then, without an error (SQLAlchemy 2.0.58 and 2.1.9).
        """
        heads = self.heads(path)
        edges = [edge for head in heads for edge in self.within(head)]
        classes = [self.tree.mapper(each) for each in (*heads, *(edge.path for edge in edges))]
        bases = [each.base_mapper for each in classes]
        if len(set(bases)) == len(bases):
            return None
        return next((e for e in edges if not self.is_outer(e) and self.under_outer(e)), None)
