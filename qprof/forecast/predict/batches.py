"""What a statement under yield_per fetches: each batch of its rows has SELECTs of its own.

SQLAlchemy fetches so many rows, loads what hangs on their objects, and goes on with the next batch.
An object in two batches is loaded for twice. The keys are fetched, and put into batches in Python.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import prod

from qprof.domain.loaders import OWN_JOIN
from qprof.forecast.predict.base import ranked_keys, root_names
from qprof.forecast.predict.census import Census
from qprof.forecast.predict.factors import Factors, Key
from qprof.forecast.predict.layout import Layout
from qprof.forecast.predict.tree import Edge, Unpredictable

Objects = list[set[Key]]
"""The objects at one path, batch by batch."""


class Batches:
    """The batches of one root statement; `size` is the number of its rows in each."""

    def __init__(self, census: Census, factors: Factors, size: int) -> None:
        self._census, self._factors, self._size = census, factors, size
        self._rows: list[Key] | None = None

    def loads(self, edge: Edge, layout: Layout) -> Iterator[tuple[int, int]]:
        """Yield for each batch how many parents, or foreign keys, load `edge`; and its rows."""
        below = self._factors.below(edge.path, layout)
        wanted = self._wanted(edge, layout)
        children: dict[Key, list[Key]] = defaultdict(list)
        for parent, child in self._factors.links(edge, layout):
            children[parent].append(child)
        for parents in self._objects(edge.parent, layout):
            found = [child for parent in parents for child in children[parent]]
            if wanted is not None:
                asked = {wanted[parent] for parent in parents if parent in wanted}
                yield len(asked), sum(prod(below(child)) for child in set(found))
            else:
                yield len(parents), sum(prod(below(child)) for child in found)

    def _wanted(self, edge: Edge, layout: Layout) -> dict[Key, Key] | None:
        """Return each parent's foreign key if SQLAlchemy asks by it, be it dangling or not."""
        if not edge.by_identity:
            return None
        rows = self._factors.fetched(self._census.foreign_keys(edge, layout))
        width = len(edge.step.parent.primary_key)
        return {row[:width]: row[width:] for row in rows}

    def _objects(self, path: str, layout: Layout) -> Objects:
        tree = self._census.tree
        if path in tree.entities:
            return list(self._roots(path))
        edge = tree.edges[path]
        children: dict[Key, set[Key]] = defaultdict(set)
        for parent, child in self._factors.links(edge, layout):
            children[parent].add(child)
        above = self._objects(edge.parent, layout)
        return [set().union(*(children[parent] for parent in parents)) for parents in above]

    def _roots(self, name: str) -> Iterator[set[Key]]:
        names = [
            each
            for root in self._census.tree.entities
            for each in root_names(self._census.tree, root)
        ]
        places = [names.index(each) for each in root_names(self._census.tree, name)]
        rows = self._in_order()
        for start in range(0, len(rows), self._size):
            keys = {
                tuple(row[place] for place in places) for row in rows[start : start + self._size]
            }
            yield {key for key in keys if None not in key}

    def _in_order(self) -> list[Key]:
        if self._rows is None:
            census = self._census
            rows = self._factors.fetched(ranked_keys(census.statement, census.tree))
            _refuse_ties(rows, self._size)
            self._rows = rows
        return self._rows


def _refuse_ties(rows: Sequence[Key], size: int) -> None:
    """Refuse rows of which the ORDER BY does not tell in which batch they come."""
    different: dict[object, set[Key]] = defaultdict(set)
    for row in rows:
        different[row[-1]].add(row)
    for start in range(size, len(rows), size):
        rank = rows[start][-1]
        if rows[start - 1][-1] == rank and len(different[rank]) > 1:
            raise Unpredictable("the ORDER BY does not tell which rows come in one batch")


def refuse_batches(layout: Layout) -> None:
    """Raise Unpredictable for what SQLAlchemy refuses under yield_per, or what is not modelled."""
    for edge in layout.tree.edges.values():
        in_root = layout.head(edge.path) in layout.tree.entities
        strategy = layout.strategy(edge.path)
        if strategy == "subquery" or (
            in_root and edge.to_many and strategy in ("joined", OWN_JOIN)
        ):
            raise Unpredictable(f"SQLAlchemy cannot load {edge.path} by {strategy} under yield_per")
        if edge.depth is not None:
            raise Unpredictable(f"{edge.path} has a recursion_depth, under yield_per")
        if layout.tree.of_subclass(edge):
            raise Unpredictable(f"{edge.path} is a subclass's own, under yield_per")
        if (
            in_root
            and layout.is_joined(edge.path)
            and not (edge.by_identity and layout.is_outer(edge))
        ):
            raise Unpredictable(
                f"{edge.path} is joined, under yield_per, and may change the batches"
            )
