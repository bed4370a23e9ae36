"""Every plan's figures of one execution of one root statement, mostly by one SQL statement."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, select, true

from qprof.domain.loaders import CHUNK
from qprof.domain.plans import AS_WRITTEN, BALANCED
from qprof.forecast.predict.base import is_grouped, is_limited, root_names
from qprof.forecast.predict.batches import Batches, refuse_batches
from qprof.forecast.predict.census import MOST_LEVELS, Census, Keys
from qprof.forecast.predict.doubts import (
    refuse_apart,
    refuse_class_criteria,
    refuse_forbidden,
    refuse_forgotten_strategy,
    refuse_same_rows,
    refuse_subclass,
    sharing_keys,
)
from qprof.forecast.predict.factors import SHARES, Ask, Factors, Key
from qprof.forecast.predict.figures import LARGEST, Figures
from qprof.forecast.predict.layout import Layout
from qprof.forecast.predict.lazy import LazyLoads
from qprof.forecast.predict.rows import Sent
from qprof.forecast.predict.tree import Edge, Stopped, Tree, Unpredictable
from qprof.forecast.predict.widths import Widths
from qprof.measure.bounds import Budget

Guard = tuple[int, str]
"""The place of a figure that has to be 0, and what is so if it is not."""

Make = Callable[[Figures], Iterable[Sent]]

_MOST_JOINED = 20
"""Paths in one product in SQL. SQLite joins 64 tables, MariaDB and MySQL 61; of 30, PostgreSQL
takes seconds to plan and compile a join whose tables have no statistics yet."""


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
    stopped: tuple[str, ...] = ()
    """The unknown plans that a bound of qprof's own ended, and whose rows may multiply."""
    unreached: tuple[str, ...] = ()
    """The unknown plans that load another path than the call as written: no count tells of them."""


class _Unreached(Unpredictable):
    """A plan loads what the call as written does not come to."""


@dataclass(frozen=True)
class _Telling:
    """What the figures of one root statement are made with."""

    census: Census
    factors: Factors
    figures: Figures
    widths: Widths | None
    batches: Batches | None = None
    """If the statement is sent with yield_per."""

    def rows(self, keys: Keys, path: str, layout: Layout) -> int:
        """Return the place of the rows of a SELECT of `keys`, with what is joined below `path`."""
        figure, joined = self.census.total(keys, path, layout), _joined_below(layout, [path])
        if not joined:
            return self.figures.add(figure)
        return self.figures.add(
            figure, lambda: self.factors.over(keys, path, layout), wide=joined > _MOST_JOINED
        )

    def root_rows(self, layout: Layout) -> int:
        """Return the place of the rows of the root statement."""
        figure = select(func.coalesce(func.sum(self.census.per_root(layout).c.n), 0))
        return self.figures.add(
            figure,
            lambda: sum(n for _, n in self.factors.per_root(layout)),
            wide=_is_wide(layout),
        )


def predicted(
    ask: Ask,
    statement: Select[Any],
    tree: Tree,
    plans: Mapping[str, Mapping[str, str]],
    widths: Widths | None,
    shown: str | None,
    budget: Budget,
    batch: int | None = None,
) -> Answer:
    """Return what each of `plans` would send for `statement`, whose paths are those of `tree`.

    `ask` runs a SELECT in the statement's own transaction; it is called once for every 500
    different figures, and more often where the database cannot tell these. The distribution is
    that of the plan `shown`. `batch` is the number of rows that yield_per asks for. Raises
    Unpredictable where no plan can be told.
    """
    census = Census(statement, tree)
    factors = Factors(census, ask, budget)
    batches = Batches(census, factors, batch) if batch else None
    telling = _Telling(census, factors, Figures(ask), widths, batches)
    layouts = {name: Layout(tree, strategies) for name, strategies in plans.items()}
    planned = dict(_each_planned(telling, layouts))
    entities = [census.entities(name) for name in tree.entities]
    places = list(map(telling.figures.add, entities))
    seen = layouts[shown] if shown else None
    source, further = _roots_of(census, seen) if seen and not _is_wide(seen) else (None, [])
    tail = telling.figures.ask(further, source, entities[0])
    filled = {name: _filled(each, telling.figures) for name, each in planned.items()}
    filled = _without_unreached(filled, layouts)
    spread, worst = _distribution(telling.factors, seen, tail if further else None)
    return Answer(
        {name: str(e) if isinstance(e, Unpredictable) else e for name, e in filled.items()},
        spread,
        worst,
        tuple(telling.figures[each] for each in places),
        stopped=tuple(
            name
            for name, each in filled.items()
            if isinstance(each, Stopped) and layouts[name].multiplies()
        ),
        unreached=tuple(name for name, each in filled.items() if isinstance(each, _Unreached)),
    )


def _without_unreached(
    filled: Mapping[str, tuple[Sent, ...] | Unpredictable], layouts: Mapping[str, Layout]
) -> dict[str, tuple[Sent, ...] | Unpredictable]:
    """Return `filled`, but other plans unknown if an inner join leaves a path without parents.

    The call as written does not load the path then, so no plan moves it; but others come to it. It
    may be so if the call as written cannot be predicted.
    """
    layout, written = layouts.get(AS_WRITTEN), filled.get(AS_WRITTEN)
    if layout is None or not layout.drops_any() or not layout.apart():
        return dict(filled)
    sent = written if isinstance(written, tuple) else ()
    loaded = {each.path for each in sent if each.queries}
    missing = next((each.path for each in layout.apart() if each.path not in loaded), None)
    if missing is None:
        return dict(filled)
    reason = _Unreached(f"the call as written may find nothing to load {missing} for")
    return {name: each if name == AS_WRITTEN else reason for name, each in filled.items()}


def _is_wide(layout: Layout) -> bool:
    return _joined_below(layout, layout.tree.entities) > _MOST_JOINED


def _joined_below(layout: Layout, heads: Iterable[str]) -> int:
    return sum(1 for head in heads for _ in layout.within(head))


def _distribution(
    factors: Factors, layout: Layout | None, tail: list[object] | None
) -> tuple[tuple[int, ...] | None, tuple[Key, ...]]:
    """Return the percentiles of the rows per root, and the largest roots, as the database told.

    Where it could not, they are found in Python; nothing is told of what is too large to show.
    """
    found = _read(tail) if tail is not None else None
    try:
        if found is None and layout is not None:
            found = factors.distribution(layout)
    except Unpredictable:
        found = None
    return found if found and found[0] and found[0][-1] <= LARGEST else (None, ())


def _read(tail: list[Any]) -> tuple[tuple[int, ...], tuple[Key, ...]] | None:
    """Return what `_roots_of` gave; None where its numbers are past the database's integers."""
    if tail[0][0] is None:
        return (), ()
    numbers = [*tail[0][: len(SHARES)], *(row[-1] for row in tail)]
    if any(isinstance(each, float) for each in numbers):
        return None
    return tuple(map(int, numbers[: len(SHARES)])), tuple(
        (*row[len(SHARES) : -1], int(row[-1])) for row in tail
    )


def _filled(planned: Planned, figures: Figures) -> tuple[Sent, ...] | Unpredictable:
    if planned.reason is not None:
        return Unpredictable(planned.reason)
    try:
        broken = [reason for place, reason in planned.guards if figures[place]]
        return Unpredictable(broken[0]) if broken else _all(planned, figures)
    except Unpredictable as reason:
        return reason


def _all(planned: Planned, figures: Figures) -> tuple[Sent, ...]:
    return tuple(each for make in planned.make for each in make(figures))


def _each_planned(
    telling: _Telling, layouts: Mapping[str, Layout]
) -> Iterator[tuple[str, Planned]]:
    """Yield what each plan sends; plans that load all paths alike are worked out once."""
    made: dict[Hashable, Planned] = {}
    for name, layout in layouts.items():
        balanced = name == BALANCED
        alike = (*map(layout.strategy, layout.tree.edges), balanced and bool(layout.single()))
        if alike not in made:
            made[alike] = _planned(telling, layout, balanced=balanced)
        yield name, made[alike]


def _planned(telling: _Telling, layout: Layout, *, balanced: bool) -> Planned:
    try:
        refuse_class_criteria(telling.census.statement)
        refuse_subclass(layout)
        refuse_forgotten_strategy(layout, in_batches=telling.batches is not None)
        refuse_forbidden(layout)
        refuse_same_rows(layout)
        _refuse_below_own(layout)
        _refuse_left_out(layout)
        if telling.batches is not None:
            refuse_batches(layout)
        _refuse_levels(layout)
        made = [_root(telling, layout)]
        lazy = LazyLoads(telling.census, layout)
        made += [_apart(telling, lazy, edge, layout) for edge in layout.apart()]
        unsure = {*layout.unsure(), *(layout.single() if balanced else ())}
        guards = [_guard(lazy, edge, telling.figures) for edge in unsure]
        guards += [_other_kind(lazy, edge, telling.figures) for edge in sharing_keys(layout)]
    except Unpredictable as reason:
        return Planned(reason=str(reason))
    return Planned(tuple(made), guards=tuple(guards))


def _guard(lazy: LazyLoads, edge: Edge, figures: Figures) -> Guard:
    reason = (
        f"{edge.path} has several rows where its mapping expects one, and what hangs on those that "
        "SQLAlchemy drops is not known"
    )
    return figures.add(lazy.several(edge)), reason


def _other_kind(lazy: LazyLoads, edge: Edge, figures: Figures) -> Guard:
    reason = f"{edge.path} is looked up by keys that loaded objects of another class may have"
    return figures.add(lazy.dangling(edge)), reason


def _root(telling: _Telling, layout: Layout) -> Make:
    for name in layout.tree.entities:
        _refuse_splice(layout, name)
    _refuse_unwrapped(telling.census.statement, layout)
    rows, widths = telling.root_rows(layout), telling.widths
    width = widths.of_root(layout) if widths is not None else None
    return lambda figures: [Sent("root", figures[rows], 1, width)]


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


def _refuse_levels(layout: Layout) -> None:
    """Refuse other strategies beside recursion_depth: what goes on below is not modelled."""
    deep = next((edge for edge in layout.tree.edges.values() if edge.depth is not None), None)
    if deep is None:
        return
    if layout.strategy(deep.path) != "selectin":
        raise Unpredictable(f"recursion_depth of {deep.path} goes with selectinload alone")
    if "lazy" in map(layout.strategy, layout.tree.edges):
        raise Unpredictable(f"lazy loads may find what recursion_depth of {deep.path} has loaded")


def _refuse_below_own(layout: Layout) -> None:
    for edge in layout.tree.edges.values():
        above = layout.tree.edges.get(edge.parent)
        if above is not None and layout.is_own(above) and not layout.is_own(edge):
            raise Unpredictable(f"{edge.path} hangs on what the call reads lazily itself")


def _refuse_left_out(layout: Layout) -> None:
    """Refuse what is found by a column that parents may lack: each of them loads it then.

    For an immediateload, the run that learns the call has loaded it, whatever a plan needs.
    """
    apart = layout.apart()
    for edge in layout.tree.edges.values():
        if (edge in apart or edge.written == "immediate") and layout.tree.leaves_out(edge):
            raise Unpredictable(f"{edge.parent} may lack a column that {edge.path} is found by")


def _refuse_more(statement: Select[Any], layout: Layout, edge: Edge) -> None:
    """Refuse what is loaded below a subqueryload that fetches more than hangs on its parents.

    Nobody counts what hangs on the rest: neither for SELECTs below, nor for joins.
    """
    joined = [
        each
        for each in layout.within(edge.path)
        if each.to_many or not each.by_identity or not layout.is_outer(each)
    ]
    below = [each for each in layout.apart() if each.path.startswith(f"{edge.path}.")] + joined
    if below and (layout.drops(edge.parent) or is_limited(statement)):
        raise Unpredictable(
            f"the subqueryload of {edge.path} may fetch for more than what the root statement "
            f"gives, and {below[0].path} is loaded for that, too"
        )


def _refuse_unwrapped(statement: Select[Any], layout: Layout) -> None:
    """Refuse LIMIT and GROUP BY over to-one joins that may change the rows they are applied to."""
    edges = [edge for name in layout.tree.entities for edge in layout.within(name)]
    clause = "LIMIT" if is_limited(statement) else "GROUP BY" if is_grouped(statement) else ""
    if not clause or any(edge.to_many for edge in edges):
        return
    unsure = [each for each in edges if not (each.by_identity and layout.is_outer(each))]
    if unsure:
        raise Unpredictable(f"{clause} applies to rows that {unsure[0].path} is joined to")


def _apart(telling: _Telling, lazy: LazyLoads, edge: Edge, layout: Layout) -> Make:
    _refuse_splice(layout, edge.path)
    _refuse_leak(layout, edge)
    census, figures, strategy = telling.census, telling.figures, layout.strategy(edge.path)
    if strategy == "lazy":
        sent = [figures.add(each) for each in lazy.queries(edge)]
        rows = figures.add(lazy.rows(edge))
    elif edge.depth is not None:
        return _by_levels(telling, edge, layout)
    elif strategy == "selectin" and not _below_lazy(layout, edge):
        refuse_apart(layout, edge)
        if telling.batches is not None:
            return _in_batches(telling, telling.batches, edge, layout)
        sent = [figures.add(_selectin_parents(census, edge, layout))]
        rows = telling.rows(census.selected(edge, layout), edge.path, layout)
    elif strategy == "subquery" and _chained(layout, edge):
        _refuse_more(census.statement, layout, edge)
        sent = [figures.add(census.parents(edge, layout))]
        rows = telling.rows(census.chain(edge), edge.path, layout)
    else:
        raise Unpredictable(f"{edge.path} is loaded by {strategy}{_below(layout, edge)}")
    width = telling.widths.of(edge, layout) if telling.widths is not None else None
    chunk = _chunk(edge, strategy)
    return lambda figures: [
        Sent(strategy, figures[rows], sum(figures[each] for each in sent), width, chunk, edge.path)
    ]


def _by_levels(telling: _Telling, edge: Edge, layout: Layout) -> Make:
    width = telling.widths.of(edge, layout) if telling.widths is not None else None
    chunk = _chunk(edge, "selectin")

    def make(_: Figures) -> Iterable[Sent]:
        levels = telling.factors.levels(edge, layout)
        if len(levels) > MOST_LEVELS:
            raise Unpredictable(f"{edge.path} goes on for more than {MOST_LEVELS} levels")
        return (Sent("selectin", int(rows), parents, width, chunk) for _, parents, rows in levels)

    return make


def _in_batches(telling: _Telling, batches: Batches, edge: Edge, layout: Layout) -> Make:
    width = telling.widths.of(edge, layout) if telling.widths is not None else None
    chunk = _chunk(edge, "selectin")
    return lambda _: (
        Sent("selectin", rows, parents, width, chunk, edge.path)
        for parents, rows in batches.loads(edge, layout)
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
    return kept or CHUNK


def _selectin_parents(census: Census, edge: Edge, layout: Layout) -> object:
    if edge.by_identity:
        return census.asked_for(edge, layout)
    return census.parents(edge, layout)


def _chained(layout: Layout, edge: Edge) -> bool:
    """Return whether a subqueryload begins at the root statement."""
    above = layout.tree.edges.get(edge.parent)
    if above is None:
        return True
    return layout.strategy(above.path) in ("joined", "subquery") and _chained(layout, above)


def _roots_of(census: Census, layout: Layout) -> tuple[object, list[object]]:
    """Return the percentiles of the rows per root beside each of the three largest roots."""
    rows = census.per_root(layout)
    share = func.cume_dist().over(order_by=rows.c.n).label("share")
    ranked = select(rows.c.n, share).where(rows.c.n > 0).subquery("qprof_ranked")
    parts = (ranked.c.share >= each for each in SHARES)
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
