"""The figures behind a prediction, as SQL: links of each path, and sums of products over them.

The rows of a joined SELECT are the sum over its root rows of a product over the paths joined right
below, each of which is the sum over its children of the same. An outer join keeps a parent without
a child, so its factor is at least 1; an inner join's may be 0. Links are restricted from the top
down to what hangs on the root rows; sums go from the bottom up. Nothing is multiplied out.

Private names of SQLAlchemy, the same in 2.0 and 2.1: `_from_obj`, `_order_by_clauses` and
`_textual_label_reference`.
"""

from functools import reduce
from operator import eq, mul
from typing import Any

from sqlalchemy import Select, Table, and_, func, inspect, literal, select, true, tuple_
from sqlalchemy.orm import aliased
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import _textual_label_reference
from sqlalchemy.sql.util import expand_column_list_from_order_by

from qprof.forecast.predict.base import bare, is_limited, key_attributes, keyed, root_names
from qprof.forecast.predict.layout import Layout
from qprof.forecast.predict.tree import Edge, Tree, Unpredictable

MOST_LEVELS = 100
"""Levels of objects of one kind that recursion_depth=-1 is followed for."""

Keys = tuple[Any, list[str]]
"""A CTE, and its columns that hold a primary key."""


class Census:
    """Builds the figures of one root statement; equal parts of several plans are built once.

    `roots` has the keys of each row of the root statement's own, and how often these come: `m`.
    """

    def __init__(self, statement: Select[Any], tree: Tree) -> None:
        self.statement = statement
        self.tree = tree
        self._made: dict[object, object] = {}
        self._base = keyed(statement, tree).cte("qprof_base")
        names = [name for root in tree.entities for name in root_names(tree, root)]
        columns = [self._base.c[name] for name in names]
        weighed = select(*columns, func.count().label("m")).group_by(*columns)
        self.roots = weighed.cte("qprof_roots")

    def per_root(self, layout: Layout) -> Any:
        """Return the root keys, and the rows `n` that each brings in the root statement."""

        def make() -> object:
            source, product = self.roots, self.roots.c.m
            for name in self.tree.entities:
                keys = (self.roots, root_names(self.tree, name))
                source, product = self._multiplied(source, product, keys, name, layout)
            columns = [each for each in self.roots.c if each.name != "m"]
            return select(*columns, product.label("n")).select_from(source).cte(self._name())

        return self._once(("per root", *self._below_all(layout)), make)

    def links(self, edge: Edge, layout: Layout) -> Any:
        """Return one row for each link of `edge`: the parent's key k…, the child's key c…."""
        parents = self.keys(edge.parent, layout, alive=not layout.is_joined(edge.path))

        def make() -> object:
            parent, child, on = _joined_by(edge)
            columns = [*_named("k", key_attributes(parent)), *_named("c", key_attributes(child))]
            found = select(*columns).select_from(parent).join(on)
            return found.where(_among(key_attributes(parent), parents)).cte(self._name())

        return self._once(("links", edge.path, _identity(parents)), make)

    def keys(self, path: str, layout: Layout, *, alive: bool) -> Keys:
        """Return the keys of what `path` holds; `alive` is without what inner joins drop."""
        if alive and layout.drops(path):
            return self._alive(path, layout)
        if path in self.tree.entities:
            return self.roots, root_names(self.tree, path)
        links = self.links(self.tree.edges[path], layout)
        return links, _starting(links, "c")

    def _alive(self, path: str, layout: Layout) -> Keys:
        every, names = self.keys(path, layout, alive=False)
        columns = [every.c[name] for name in names]
        found = select(*columns).distinct()
        for child in layout.inner(path):
            sums = self.sums(child, layout)
            found = found.where(_among(columns, (sums, _starting(sums, "k"))))
        if path in self.tree.entities:
            found = found.where(self._others_alive(path, layout))
        elif layout.is_joined(path):
            above = self.keys(self.tree.edges[path].parent, layout, alive=True)
            own = [every.c[name] for name in _starting(every, "k")]
            found = found.where(_among(own, above))
        below = self._below(layout.head(path), layout)
        key = ("alive", path, below, self._below_all(layout), _identity((every, names)))
        return self._once(key, lambda: found.cte(self._name())), names

    def _others_alive(self, path: str, layout: Layout) -> Any:
        """Return that the other roots in the same row are not dropped."""
        conditions = []
        for name in self.tree.entities:
            for child in layout.inner(name) if name != path else ():
                sums = self.sums(child, layout)
                own = [self.roots.c[each] for each in root_names(self.tree, name)]
                conditions.append(_among(own, (sums, _starting(sums, "k"))))
        return and_(true(), *conditions)

    def sums(self, edge: Edge, layout: Layout) -> Any:
        """Return for each parent of a joined `edge` the rows `n` that its children bring."""
        links = self.links(edge, layout)

        def make() -> object:
            own = [links.c[name] for name in _starting(links, "k")]
            source, product = self._multiplied(
                links, None, self._children(links), edge.path, layout
            )
            rows = func.count() if product is None else func.sum(product)
            found = select(*own, rows.label("n")).select_from(source).group_by(*own)
            return found.having(rows > 0).cte(self._name())

        return self._once(("sums", id(links), self._below(edge.path, layout)), make)

    def selected(self, edge: Edge, layout: Layout) -> Keys:
        """Return what the selectins that load `edge` for all its parents find."""
        links = self.links(edge, layout)
        return self._children(self._distinct(links) if edge.by_identity else links)

    def total(self, keys: Keys, path: str, layout: Layout) -> object:
        """Return the rows of a SELECT of `keys`, which are at `path`, with what is joined below."""
        joined, product = self._multiplied(keys[0], None, keys, path, layout)
        rows = func.count() if product is None else func.coalesce(func.sum(product), 0)
        return select(rows).select_from(joined)

    def _distinct(self, links: Any) -> object:
        def make() -> Any:
            return select(*(links.c[each] for each in _starting(links, "c"))).distinct()

        return self._once(("distinct", id(links)), lambda: make().cte(self._name()))

    def chain(self, edge: Edge) -> Keys:
        """Return what a subqueryload finds: the root's own rows, joined down to `edge`."""
        steps = self._steps(edge)
        self._refuse_criteria(edge, steps)
        top = steps[0]
        left = aliased(_class_of(self.tree, top), self._left(top), adapt_on_names=True)
        found: Any = None
        parent = left
        for each, after in zip(steps, [*steps[1:], None], strict=True):
            child: object = aliased(_towards(each, after))
            on = getattr(parent, each.step.key).of_type(child)
            on = on.and_(*edge.criteria) if each is edge and edge.criteria else on
            found = select(1).join_from(left, on) if found is None else found.join_from(parent, on)
            parent = child
        children = found.with_only_columns(*_named("c", key_attributes(parent)))
        reached = self._once(("chain", edge.path), lambda: children.cte(self._name()))
        return self._children(reached)

    def _refuse_criteria(self, edge: Edge, steps: list[Edge]) -> None:
        """Refuse criteria that a subqueryload applies to more than the path that they are of.

        It repeats the statement, and SQLAlchemy applies them to their class wherever it stands
        there by its own name: in a JOIN, or in an EXISTS.
        """
        if self.tree.mapper(steps[0].parent).single:
            raise Unpredictable(f"{steps[0].parent} has no table of its own for a subqueryload")
        if not self.tree.mapper(steps[0].parent).isa(steps[0].step.parent):
            raise Unpredictable(
                f"{steps[0].path} is a subclass's own, and a subqueryload begins there"
            )
        paths = (*self.tree.entities, *(each.parent for each in steps))
        classes = [self.tree.mapper(each) for each in paths]
        read = _tables(self.statement)
        for each in steps:
            mapper = each.step.mapper
            kinds = (*mapper.iterate_to_root(), *mapper.self_and_descendants)
            again = any(kind.local_table in read for kind in kinds)
            if each.criteria and (again or any(mapper.isa(c) or c.isa(mapper) for c in classes)):
                raise Unpredictable(
                    f"a subqueryload applies the criteria of {each.path} to other "
                    f"{mapper.class_.__name__} objects, too"
                )

    def _left(self, top: Edge) -> Any:
        """Return the columns that a subqueryload selects from the root statement.

        As SQLAlchemy does: DISTINCT where they are not the whole primary key, and with LIMIT what
        ORDER BY names beside.
        """
        entity = self.tree.entities[top.parent]
        attributes = [
            _attribute(entity, top, column) for column in _ordered(top.step.local_columns)
        ]
        plain = bare(self.statement)
        distinct = not set(top.step.local_columns).issuperset(inspect(entity).mapper.primary_key)
        order = plain._order_by_clauses if is_limited(plain) else ()
        _refuse_label_in_text(order)
        if not is_limited(plain):
            plain = plain.order_by(None)
        if not plain._from_obj:
            plain = plain.select_from(*self.tree.entities.values())
        found = plain.with_only_columns(*attributes)
        if distinct and top.step.distinct_target_key is not False:
            more = _ordering(attributes, order)
            found = plain.with_only_columns(*attributes, *more).distinct()
        return self._once(("left", top.path), lambda: found.cte(self._name()))

    def _steps(self, edge: Edge) -> list[Edge]:
        above = self.tree.edges.get(edge.parent)
        return [*(self._steps(above) if above else ()), edge]

    def parents(self, edge: Edge, layout: Layout) -> object:
        """Return how many entities `edge` is loaded for."""
        return _count(self.parent_keys(edge, layout))

    def entities(self, name: str) -> object:
        """Return how many distinct objects of a root entity are selected."""
        columns = [self.roots.c[each] for each in root_names(self.tree, name)]
        present = (each.is_not(None) for each in columns)
        return _count(select(*columns).where(*present).distinct())

    def parent_keys(self, edge: Edge, layout: Layout) -> Any:
        """Return a SELECT of their distinct keys."""
        keys, names = self.keys(edge.parent, layout, alive=True)
        columns = [keys.c[name] for name in names]
        if self.tree.mapper(edge.parent).isa(edge.step.parent):
            return select(*columns).where(*(each.is_not(None) for each in columns)).distinct()
        own = key_attributes(aliased(edge.step.parent.class_))
        return select(*own).where(_among(own, (keys, names)))

    def asked_for(self, edge: Edge, layout: Layout) -> object:
        """Return how many foreign keys, each once and without NULL, parents of a to-one have."""
        keys = self.foreign_keys(edge, layout)
        width = len(edge.step.parent.primary_key)
        return _count(keys.with_only_columns(*list(keys.selected_columns)[width:]).distinct())

    def foreign_keys(self, edge: Edge, layout: Layout) -> Any:
        """Return a SELECT of the parents of a to-one, and of their foreign keys without NULL."""
        parent = aliased(edge.step.parent.class_)
        own = key_attributes(parent)
        columns = [_attribute(parent, edge, each) for each in edge.foreign_key()]
        parents = self.keys(edge.parent, layout, alive=True)
        found = select(*_named("k", own), *_named("f", columns)).where(_among(own, parents))
        return found.where(*(each.is_not(None) for each in columns))

    def levels(self, edge: Edge, layout: Layout) -> object:
        """Return for each level that recursion_depth loads its number, its parents and its rows.

        No more than MOST_LEVELS: a cycle goes on for ever.
        """
        keys, names = self.keys(edge.parent, layout, alive=True)
        first = [keys.c[name] for name in names]
        present = (each.is_not(None) for each in first)
        start = select(literal(0).label("level"), *_named("k", first)).where(*present)
        reached = start.distinct().cte("qprof_levels", recursive=True)
        at = [reached.c[name] for name in _starting(reached, "k")]
        parent, child, on = _joined_by(edge)
        deeper = select(reached.c.level + 1, *key_attributes(child)).select_from(parent).join(on)
        held = and_(*map(eq, key_attributes(parent), at))
        last = MOST_LEVELS if edge.depth == -1 else edge.depth
        reached = reached.union(deeper.join(reached, held).where(reached.c.level < last))
        place, at = reached.c.level, [reached.c[name] for name in _starting(reached, "k")]
        links = select(*_named("k", key_attributes(parent)), func.count().label("n"))
        links = links.select_from(parent).join(on).group_by(*key_attributes(parent))
        counts = links.subquery("qprof_links")
        of_key = and_(*map(eq, at, (counts.c[name] for name in _starting(counts, "k"))))
        rows = func.coalesce(func.sum(counts.c.n), 0)
        found = select(place, func.count(), rows).select_from(reached.outerjoin(counts, of_key))
        return found.group_by(place).order_by(place)

    def _multiplied(
        self, source: Any, product: object, keys: Keys, path: str, layout: Layout
    ) -> tuple[Any, Any]:
        """Return `source` joined to the sums below `path`, and the product of a row of it."""
        holder, names = keys
        factors = []
        for child in layout.joined(path):
            sums = self.sums(child, layout)
            own = [holder.c[name] for name in names]
            below = [sums.c[name] for name in _starting(sums, "k")]
            source = source.outerjoin(sums, and_(*map(eq, own, below)))
            # A parent without a row in the sums has no child.
            factors.append(func.coalesce(sums.c.n, 1 if layout.is_outer(child) else 0))
        every = [*([product] if product is not None else []), *factors]
        return source, (reduce(mul, every) if every else None)

    def _children(self, links: object) -> Keys:
        return links, _starting(links, "c")

    def _below(self, path: str, layout: Layout) -> object:
        """Return what tells apart the SELECTs that `path` may be at the head of."""
        return tuple(
            (edge.path, layout.is_outer(edge), self._below(edge.path, layout))
            for edge in layout.joined(path)
        )

    def _below_all(self, layout: Layout) -> Any:
        return tuple(self._below(name, layout) for name in self.tree.entities)

    def _once(self, key: object, make: Any) -> object:
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def _name(self) -> str:
        return f"qprof_{len(self._made)}"


def _refuse_label_in_text(order: Any) -> None:
    """Refuse ORDER BY "label": SQLAlchemy cannot write the subqueryload, which lacks the label."""
    for part in (part for each in order for part in visitors.iterate(each)):
        if isinstance(part, _textual_label_reference):
            raise Unpredictable(f"SQLAlchemy cannot order a subqueryload by '{part.element}'")


def _ordering(columns: list[object], order: object) -> list[object]:
    """Return what ORDER BY names beside `columns`."""
    expand: Any = expand_column_list_from_order_by
    return list(expand(columns, order)) if order else []


def _count(found: Any) -> object:
    return select(func.count()).select_from(found.subquery())


def _identity(keys: Keys) -> tuple[int, tuple[str, ...]]:
    return id(keys[0]), tuple(keys[1])


def _named(prefix: str, columns: list[Any]) -> list[Any]:
    return [column.label(f"{prefix}{number}") for number, column in enumerate(columns)]


def _starting(cte: Any, prefix: str) -> list[str]:
    return [each.name for each in cte.c if each.name[0] == prefix]


def _among(columns: list[Any], keys: Keys) -> Any:
    holder, names = keys
    wanted = select(*(holder.c[name] for name in names))
    return columns[0].in_(wanted) if len(columns) == 1 else tuple_(*columns).in_(wanted)


def _joined_by(edge: Edge) -> tuple[Any, Any, Any]:
    """Return an alias of the parent, one of the child, and what joins the child to the parent."""
    parent: object = aliased(edge.step.parent.class_)
    child: object = aliased(edge.step.mapper.class_)
    on = getattr(parent, edge.step.key).of_type(child)
    return parent, child, on.and_(*edge.criteria) if edge.criteria else on


def _towards(edge: Edge, after: Edge | None) -> Any:
    """Return the class at the end of `edge`; where `after` is a subclass's own, that one."""
    mapper = edge.step.mapper
    return mapper.class_ if after is None or mapper.isa(after.step.parent) else _parent(after)


def _parent(edge: Edge) -> object:
    return edge.step.parent.class_


def _tables(statement: Select[Any]) -> set[Table]:
    """Return the tables that a statement reads by their own names, without what options join."""
    # ORDER BY and GROUP BY may name a label of what is selected.
    unsorted = bare(statement).order_by(None).group_by(None)
    own = unsorted.with_only_columns(literal(1), maintain_column_froms=True)
    clauses = (bare(statement), *own.get_final_froms())
    every = (each for clause in clauses for each in visitors.iterate(clause))
    return {each for each in every if isinstance(each, Table)}


def _class_of(tree: Tree, edge: Edge) -> Any:
    return tree.mapper(edge.parent).class_


def _ordered(columns: Any) -> list[object]:
    return sorted(columns, key=lambda each: str(each))


def _attribute(entity: object, edge: Edge, column: Any) -> Any:
    return getattr(entity, edge.step.parent.get_property_by_column(column).key)
