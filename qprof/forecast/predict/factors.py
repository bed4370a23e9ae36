"""Multiplies in Python what no integer of the database holds, or what is too wide for one SELECT.

The database counts the children of each parent, one path at a time, and sends these numbers; the
products and their sums are those of `census`, of any size. No more rows are fetched than `most`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from math import prod
from typing import Any

from sqlalchemy import func, select

from qprof.forecast.predict.base import root_names
from qprof.forecast.predict.census import Census, Keys
from qprof.forecast.predict.layout import Layout
from qprof.forecast.predict.tree import Edge, Stopped
from qprof.measure.bounds import Budget

Ask = Callable[[Any], list[Any]]
"""Sends a SELECT, and returns all its rows. Raises Unpredictable."""

Key = tuple[Any, ...]

SHARES = (0.5, 0.9, 0.99, 1.0)
"""The percentiles that are told of the rows per root."""


class Factors:
    """The products of one root statement; what several plans share is fetched once."""

    def __init__(self, census: Census, ask: Ask, budget: Budget) -> None:
        self._census, self._ask, self._budget = census, ask, budget
        self._made: dict[object, list[Key]] = {}

    def per_root(self, layout: Layout) -> list[tuple[Key, int]]:
        """Return the key of each root, and the rows that it brings in the root statement."""
        roots, tree = self._census.roots, self._census.tree
        names = [name for root in tree.entities for name in root_names(tree, root)]
        columns = [roots.c[name] for name in names]
        wanted = select(*columns, roots.c.m).order_by(*columns)
        rows = self._once("roots", lambda: self.fetched(wanted))
        below = [
            (_places(names, root_names(tree, root)), self.below(root, layout))
            for root in tree.entities
        ]
        return [
            (row[:-1], row[-1] * prod(n for at, factor in below for n in factor(_at(row, at))))
            for row in rows
        ]

    def over(self, keys: Keys, path: str, layout: Layout) -> int:
        """Return the rows of a SELECT of `keys`, which are at `path`, with what is joined below."""
        holder, names = keys
        columns = [holder.c[name] for name in names]
        grouped = select(*columns, func.count()).group_by(*columns)
        rows = self._once(("rows", id(holder)), lambda: self.fetched(grouped))
        factors = self.below(path, layout)
        return sum(row[-1] * prod(factors(row[:-1])) for row in rows)

    def distribution(self, layout: Layout) -> tuple[tuple[int, ...], tuple[Key, ...]] | None:
        """Return the percentiles of the rows per root, and the three largest roots with theirs."""
        tree = self._census.tree
        width = len(root_names(tree, next(iter(tree.entities))))
        rows = [(key, n) for key, n in self.per_root(layout) if n]
        if not rows:
            return None
        inorder = sorted(n for _, n in rows)
        spread = tuple(
            next(n for place, n in enumerate(inorder, 1) if place / len(inorder) >= share)
            for share in SHARES
        )
        largest = sorted(rows, key=lambda each: -each[1])[:3]
        return spread, tuple((*key[:width], n) for key, n in largest)

    def below(self, path: str, layout: Layout) -> Callable[[Key], Iterator[int]]:
        """Return what gives the factors of a key at `path`: one for each path joined below."""
        children = [
            (self._sums(edge, layout), int(layout.is_outer(edge))) for edge in layout.joined(path)
        ]
        # A parent without a row in the sums has no child.
        return lambda key: (sums.get(key, least) for sums, least in children)

    def links(self, edge: Edge, layout: Layout) -> list[tuple[Key, Key]]:
        """Return the keys of each parent and each child of it."""
        links = self._census.links(edge, layout)
        parents = [each for each in links.c if each.name[0] == "k"]
        children = [each for each in links.c if each.name[0] == "c"]
        rows = self._once(("links", id(links)), lambda: self.fetched(select(*parents, *children)))
        return [(row[: len(parents)], row[len(parents) :]) for row in rows]

    def _sums(self, edge: Edge, layout: Layout) -> dict[Key, int]:
        """Return for each parent of a joined `edge` the rows that its children bring."""
        links = self._census.links(edge, layout)
        parents = [each for each in links.c if each.name[0] == "k"]
        if not layout.joined(edge.path):
            counts = select(*parents, func.count()).group_by(*parents)
            leaf = self._once(("sums", id(links)), lambda: self.fetched(counts))
            return {row[:-1]: row[-1] for row in leaf}
        factors = self.below(edge.path, layout)
        sums: dict[Key, int] = defaultdict(int)
        for parent, child in self.links(edge, layout):
            sums[parent] += prod(factors(child))
        # An inner join below may leave a parent without a row: an outer join then keeps it.
        return {key: n for key, n in sums.items() if n}

    def levels(self, edge: Edge, layout: Layout) -> list[Key]:
        """Return for each level of recursion_depth its number, its parents and its rows."""
        key = ("levels", edge.path, id(self._census.keys(edge.parent, layout, alive=True)[0]))
        return self._once(key, lambda: self.fetched(self._census.levels(edge, layout)))

    def fetched(self, found: Any) -> list[Key]:
        """Return all rows of a SELECT. Raises Stopped if they are more than the budget has left."""
        rows = [tuple(row) for row in self._ask(found.limit(self._budget.rows + 1))]
        self._budget.rows -= len(rows)
        if self._budget.rows < 0:
            self._budget.rows = 0
            raise Stopped("the numbers to multiply are too many rows to fetch")
        return rows

    def _once(self, key: object, make: Callable[[], list[Key]]) -> list[Key]:
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]


def _places(names: list[str], wanted: list[str]) -> list[int]:
    return [names.index(name) for name in wanted]


def _at(row: Key, places: list[int]) -> Key:
    return tuple(row[place] for place in places)
