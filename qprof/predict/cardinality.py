"""Every plan's figures of one execution of one root statement, by one SQL statement."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import case, func, select, true

from qprof.capture.tally import SELECTIN_CHUNK
from qprof.predict.base import is_limited, root_names
from qprof.predict.census import Census
from qprof.predict.doubts import (
    refuse_class_criteria,
    refuse_forgotten_strategy,
    refuse_subclass,
    sharing_keys,
)
from qprof.predict.layout import Layout
from qprof.predict.lazy import LazyLoads
from qprof.predict.rows import Sent
from qprof.predict.tree import Edge, Tree, Unpredictable
from qprof.predict.widths import Widths

Guard = tuple[int, str]
"""The place of a figure that has to be 0, and what is so if it is not."""

Make = Callable[[list[int]], Sent]

_AT_ONCE = 500
"""Figures in one statement: PostgreSQL takes 1,664 columns, SQLite 2,000, MariaDB 4,096."""


@dataclass
class Asked:
    """The figures that are asked for in one statement, each once."""

    selects: list[Any] = field(default_factory=list)
    _places: dict[Hashable, int] = field(default_factory=dict)

    def add(self, figure: Any) -> int:
        """Return the place of a SELECT of one number among the answers."""
        place = self._places.setdefault(_same(figure), len(self.selects))
        if place == len(self.selects):
            self.selects.append(figure)
        return place


def _same(figure: Any) -> Hashable:
    """Return what is equal for SELECTs of the same text and the same values."""
    key = figure._generate_cache_key()
    if key is None:
        return id(figure)
    return key.key, tuple(repr(each.effective_value) for each in key.bindparams)


@dataclass(frozen=True)
class Planned:
    """One plan's SELECTs, to be filled in by the answers; or why that is not possible."""

    make: tuple[Make, ...] = ()
    reason: str | None = None
    guards: tuple[Guard, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What was found for each plan: its SELECTs, or why they are unknown."""

    plans: Mapping[str, tuple[Sent, ...] | str]
    spread: tuple[int, ...] | None = None
    """Rows per root: median, 90th and 99th percentile, most."""
    worst: tuple[tuple[Any, ...], ...] = ()
    """The largest roots: identity, then rows."""
    roots: tuple[int, ...] = ()
    """Distinct objects of each entity that the statement selects."""
    counted: tuple[str, ...] = ()
    """The plans whose rows were counted one by one, by the database."""


def predicted(
    execute: Callable[[Any], Any],
    statement: Any,
    tree: Tree,
    plans: Mapping[str, Mapping[str, str]],
    widths: Widths | None,
    shown: str | None = None,
) -> Answer:
    """Return what each of `plans` would send for `statement`, whose paths are those of `tree`.

    `execute` runs a SELECT in the statement's own transaction; it is called once for every 500
    different figures. The distribution is that of the plan `shown`. Raises Unpredictable where no
    plan can be told.
    """
    census, asked = Census(statement, tree), Asked()
    layouts = {name: Layout(tree, strategies) for name, strategies in plans.items()}
    planned = {name: _planned(census, each, asked, widths) for name, each in layouts.items()}
    places = [asked.add(census.entities(name)) for name in tree.entities]
    source, further = _roots_of(census, layouts[shown]) if shown else (None, [])
    numbers = [each.scalar_subquery().label(f"f{n}") for n, each in enumerate(asked.selects)]
    first = numbers[:_AT_ONCE]
    found = execute(_statement(first, source, further)).all()
    values = [_whole(each) for each in (*found[0][: len(first)], *_others(execute, numbers))]
    filled = {name: _filled(each, values) for name, each in planned.items()}
    tail = [row[len(first) :] for row in found]
    roots = tuple(values[each] for each in places)
    if not tail[0] or tail[0][0] is None:
        return Answer(filled, roots=roots)
    spread = tuple(_whole(each) for each in tail[0][:4])
    return Answer(filled, spread, tuple((*row[4:-1], _whole(row[-1])) for row in tail), roots)


def _others(execute: Callable[[Any], Any], numbers: list[Any]) -> Iterator[Any]:
    """Yield the figures that are too many for the first statement."""
    for start in range(_AT_ONCE, len(numbers), _AT_ONCE):
        yield from execute(select(*numbers[start : start + _AT_ONCE])).one()


def _statement(numbers: list[Any], source: Any, further: list[Any]) -> Any:
    if source is None:
        return select(*numbers)
    return select(*numbers, *further).select_from(source).order_by(further[-1].desc())


def _whole(value: Any) -> int:
    if isinstance(value, float):
        raise Unpredictable(f"there are about {value:.3g} rows, past the integers of the database")
    return int(value or 0)


def _filled(planned: Planned, values: list[int]) -> tuple[Sent, ...] | str:
    broken = [reason for place, reason in planned.guards if values[place]]
    reason = planned.reason or next(iter(broken), None)
    return reason or tuple(make(values) for make in planned.make)


def _planned(census: Census, layout: Layout, asked: Asked, widths: Widths | None) -> Planned:
    try:
        refuse_class_criteria(census.statement)
        refuse_subclass(layout)
        refuse_forgotten_strategy(layout)
        _refuse_below_own(layout)
        made = [_root(census, layout, asked, widths)]
        lazy = LazyLoads(census, layout)
        made += [_apart(census, lazy, edge, layout, asked, widths) for edge in layout.apart()]
        guards = [_guard(lazy, edge, asked) for edge in layout.unsure()]
        guards += [_other_kind(lazy, edge, asked) for edge in sharing_keys(layout)]
    except Unpredictable as reason:
        return Planned(reason=str(reason))
    return Planned(tuple(made), guards=tuple(guards))


def _guard(lazy: LazyLoads, edge: Edge, asked: Asked) -> Guard:
    reason = (
        f"{edge.path} has several rows where its mapping expects one, and what hangs on those that "
        "SQLAlchemy drops is not known"
    )
    return asked.add(lazy.several(edge)), reason


def _other_kind(lazy: LazyLoads, edge: Edge, asked: Asked) -> Guard:
    reason = f"{edge.path} is looked up by keys that loaded objects of another class may have"
    return asked.add(lazy.dangling(edge)), reason


def _root(census: Census, layout: Layout, asked: Asked, widths: Widths | None) -> Make:
    for name in layout.tree.entities:
        _refuse_splice(layout, name)
    _refuse_unwrapped(census.statement, layout)
    per_root = census.per_root(layout)
    rows = asked.add(select(func.coalesce(func.sum(per_root.c.n), 0)))
    width = widths.of_root(layout) if widths is not None else None
    return lambda values: Sent("root", values[rows], 1, width)


def _refuse_splice(layout: Layout, path: str) -> None:
    edge = layout.spliced(path)
    if edge is not None:
        raise Unpredictable(
            f"the inner join of {edge.path} is nested under an outer join, and SQLAlchemy may hang "
            "it on a wrong alias"
        )


def _refuse_leak(layout: Layout, edge: Edge) -> None:
    reached = layout.leaking(edge)
    if reached is not None:
        raise Unpredictable(
            f"SQLAlchemy applies the criteria of {edge.path} to {reached.path}, too"
        )


def _refuse_below_own(layout: Layout) -> None:
    for edge in layout.tree.edges.values():
        above = layout.tree.edges.get(edge.parent)
        if above is not None and layout.is_own(above) and not layout.is_own(edge):
            raise Unpredictable(f"{edge.path} hangs on what the call reads lazily itself")


def _refuse_more(statement: Any, layout: Layout, edge: Edge) -> None:
    """Refuse what is loaded below a subqueryload that fetches more than hangs on its parents."""
    below = [each for each in layout.apart() if each.path.startswith(f"{edge.path}.")]
    if below and (layout.drops(edge.parent) or is_limited(statement)):
        raise Unpredictable(
            f"the subqueryload of {edge.path} may fetch for more than what the root statement "
            f"gives, and {below[0].path} is loaded for that, too"
        )


def _refuse_unwrapped(statement: Any, layout: Layout) -> None:
    """Refuse LIMIT over to-one joins that may change the number of rows it is applied to."""
    edges = [edge for name in layout.tree.entities for edge in layout.within(name)]
    if not is_limited(statement) or any(edge.to_many for edge in edges):
        return
    unsure = [each for each in edges if not (each.by_identity and layout.is_outer(each))]
    if unsure:
        raise Unpredictable(f"LIMIT applies to rows that {unsure[0].path} is joined to")


def _apart(
    census: Census,
    lazy: LazyLoads,
    edge: Edge,
    layout: Layout,
    asked: Asked,
    widths: Widths | None,
) -> Make:
    _refuse_splice(layout, edge.path)
    _refuse_leak(layout, edge)
    if layout.tree.leaves_out(edge):
        raise Unpredictable(f"{edge.parent} may lack a column that {edge.path} is found by")
    strategy = layout.strategy(edge.path)
    width = widths.of(edge, layout) if widths is not None else None
    if strategy == "lazy":
        sent = [asked.add(each) for each in lazy.queries(edge)]
        rows = asked.add(lazy.rows(edge))
    elif strategy == "selectin" and not _below_lazy(layout, edge):
        sent = [asked.add(_selectin_parents(census, edge, layout))]
        rows = asked.add(census.rows(edge, layout))
    elif strategy == "subquery" and _chained(layout, edge):
        _refuse_more(census.statement, layout, edge)
        sent = [asked.add(census.parents(edge, layout))]
        rows = asked.add(census.chain(edge, layout))
    else:
        raise Unpredictable(f"{edge.path} is loaded by {strategy}{_below(layout, edge)}")
    chunk = _chunk(edge, strategy)
    return lambda values: Sent(
        strategy, values[rows], sum(values[each] for each in sent), width, chunk
    )


def _below(layout: Layout, edge: Edge) -> str:
    """Return what a path is below and how that is loaded; joins and subqueryloads go on above."""
    head = layout.head(edge.parent)
    above = layout.tree.edges.get(head)
    if above is None:
        return ""
    if layout.strategy(head) == "subquery":
        return _below(layout, above)
    return f", below {head}, which is loaded by {layout.strategy(head)}"


def _below_lazy(layout: Layout, edge: Edge) -> bool:
    """Return whether each lazy load above brings about SELECTs of its own."""
    head = layout.head(edge.parent)
    return head in layout.tree.edges and layout.strategy(head) == "lazy"


def _chunk(edge: Edge, strategy: str) -> int:
    kept = edge.chunk if edge.written == strategy else None
    return kept or SELECTIN_CHUNK


def _selectin_parents(census: Census, edge: Edge, layout: Layout) -> Any:
    if edge.by_identity:
        return census.asked_for(edge, layout)
    return census.parents(edge, layout)


def _chained(layout: Layout, edge: Edge) -> bool:
    """Return whether a subqueryload begins at the root statement."""
    above = layout.tree.edges.get(edge.parent)
    if above is None:
        return True
    return layout.strategy(above.path) in ("joined", "subquery") and _chained(layout, above)


def _roots_of(census: Census, layout: Layout) -> tuple[Any, list[Any]]:
    """Return the percentiles of the rows per root beside each of the three largest roots."""
    rows = census.per_root(layout)
    share = func.cume_dist().over(order_by=rows.c.n).label("share")
    ranked = select(rows.c.n, share).where(rows.c.n > 0).subquery("qprof_ranked")
    parts = (ranked.c.share >= each for each in (0.5, 0.9, 0.99, 1.0))
    least = [
        func.min(case((part, ranked.c.n))).label(f"p{number}") for number, part in enumerate(parts)
    ]
    spread = select(*least).subquery("qprof_spread")
    keys = [rows.c[name] for name in root_names(census.tree, next(iter(census.tree.entities)))]
    worst = select(*keys, rows.c.n).where(rows.c.n > 0).order_by(rows.c.n.desc(), *keys).limit(3)
    top = worst.subquery("qprof_worst")
    return spread.outerjoin(top, true()), [*spread.c, *top.c]


def unknown(plans: Iterable[str], reason: str) -> Answer:
    """Return that nothing is known of `plans`."""
    return Answer(dict.fromkeys(plans, reason))
