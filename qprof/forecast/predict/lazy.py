"""How many SELECTs lazy loads send: what the session holds already is not asked for again.

A collection is loaded once for each parent object, on whatever path it was reached. A to-one by the
target's primary key is looked up in the session first; where no row has that key, each parent asks
anew. Objects are read path by path, from the root down, as `experiments.touch` does.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import aliased
from sqlalchemy.sql.expression import CTE

from qprof.forecast.predict.base import key_attributes
from qprof.forecast.predict.census import Census
from qprof.forecast.predict.layout import Layout
from qprof.forecast.predict.tree import Edge, Unpredictable


class LazyLoads:
    """The lazy loads of one root statement under one plan, in the order in which they are sent."""

    def __init__(self, census: Census, layout: Layout) -> None:
        self._census, self._layout = census, layout
        edges = layout.tree.edges.values()
        self._places = {each.path: place for place, each in enumerate(edges)}
        self._by_step: dict[Any, list[Edge]] = {}
        for each in edges:
            self._by_step.setdefault(each.step, []).append(each)
        self._with_criteria = [each for each in edges if each.criteria]

    def queries(self, edge: Edge) -> list[object]:
        """Return figures whose sum is the SELECTs that load `edge`."""
        self._refuse_criteria(edge)
        if not self._by_identity(edge):
            return [_count(self._parents(edge))]
        return [_count(self._targets(edge)), self.dangling(edge)]

    def rows(self, edge: Edge) -> object:
        """Return the rows that they fetch."""
        if self._layout.joined(edge.path):
            raise Unpredictable(f"{edge.path} is loaded lazily, with paths joined below")
        if self._by_identity(edge):
            return _count(self._targets(edge))
        links = self._census.links(edge, self._layout)
        own = _columns(links, "k")
        parents = self._parents(edge)
        return select(func.count()).select_from(links).where(_tuple(own).in_(parents))

    def several(self, edge: Edge) -> object:
        """Return how many parents have several rows where one is expected."""
        links = self._census.links(edge, self._layout)
        own = _columns(links, "k")
        return _count(select(*own).group_by(*own).having(func.count() > 1))

    def _refuse_criteria(self, edge: Edge) -> None:
        """Refuse criteria that hold for an object only if it was loaded on their path first.

        SQLAlchemy hands them on, with the object, to whatever is loaded lazily from it.
        """
        tree = self._layout.tree
        base = edge.step.parent.base_mapper
        others = [*tree.entities, *(each for each in tree.edges if each != edge.parent)]
        if edge.criteria and any(
            tree.mapper(each).base_mapper is base for each in others if each != edge.parent
        ):
            raise Unpredictable(
                f"the criteria of {edge.path} hold for what was loaded on that path first, and "
                "the same objects are on another path"
            )
        for other in self._with_criteria:
            same = other.step.mapper.base_mapper is edge.step.mapper.base_mapper
            if same and other is not edge:
                raise Unpredictable(f"the criteria of {other.path} may hold for {edge.path}, too")

    def _by_identity(self, edge: Edge) -> bool:
        return edge.by_identity and not edge.criteria

    def _parents(self, edge: Edge) -> object:
        """Return the keys of the parents that have not loaded this attribute by another path."""
        own = self._census.parent_keys(edge, self._layout)
        for other in self._before(edge, self._by_step[edge.step]):
            loaded = self._census.parent_keys(other, self._layout)
            own = own.where(_tuple(list(own.selected_columns)).not_in(loaded))
        return own

    def _targets(self, edge: Edge) -> object:
        """Return the keys of the targets that no path loaded before."""
        links = self._census.links(edge, self._layout)
        own = _columns(links, "c")
        found = select(*own).where(_tuple(_columns(links, "k")).in_(self._parents(edge))).distinct()
        for known in self._known(edge):
            found = found.where(_tuple(own).not_in(known))
        return found

    def dangling(self, edge: Edge) -> object:
        """Return how many parents have a foreign key that no row has."""
        parent = aliased(edge.step.parent.class_)
        own = _tuple(key_attributes(parent))
        links = self._census.links(edge, self._layout)
        names = [edge.step.parent.get_property_by_column(each).key for each in edge.foreign_key()]
        given = [getattr(parent, name).is_not(None) for name in names]
        found = select(*key_attributes(parent)).where(*given, own.in_(self._parents(edge)))
        return _count(found.where(own.not_in(select(*_columns(links, "k")))))

    def _known(self, edge: Edge) -> list[object]:
        """Return SELECTs of the keys of all objects of that class that were loaded before."""
        base = edge.step.mapper.base_mapper
        tree = self._layout.tree
        before = self._before(edge, tree.edges.values())
        paths = [*tree.entities, *(each.path for each in before)]
        same = [path for path in paths if tree.mapper(path).base_mapper is base]
        return [self._keys(path) for path in same]

    def _keys(self, path: str) -> object:
        keys, names = self._census.keys(path, self._layout, alive=True)
        columns = [keys.c[name] for name in names]
        return select(*columns).where(*(each.is_not(None) for each in columns))

    def _before(self, edge: Edge, others: Iterable[Edge]) -> list[Edge]:
        """Return which of `others` are loaded before: all eager paths, lazy ones read earlier."""
        place = self._places[edge.path]
        return [
            each
            for each in others
            if each is not edge
            and (self._layout.strategy(each.path) != "lazy" or self._places[each.path] < place)
        ]


def _count(found: Any) -> object:
    return select(func.count()).select_from(found.subquery())


def _columns(cte: CTE, prefix: str) -> list[Any]:
    return [each for each in cte.c if each.name[0] == prefix]


def _tuple(columns: list[object]) -> Any:
    return columns[0] if len(columns) == 1 else tuple_(*columns)
