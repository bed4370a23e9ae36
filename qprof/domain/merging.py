"""Adds traces up: executions of one statement, processes of a program, or saved traces."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from heapq import nsmallest

from qprof.domain.errors import QprofError
from qprof.domain.trace import Burst, Call, Cost, Environment, Execution, Root, Tally, Trace

_SAME = ("qprof", "python", "sqlalchemy", "dialect", "driver", "library")
_MOST_SHOWN = 3


def merged_calls(calls: Iterable[Call]) -> tuple[Call, ...]:
    """Return one call for each name, the most cells first; its executions are added up."""
    groups: dict[str, list[Call]] = {}
    for call in calls:
        groups.setdefault(call.name, []).append(call)
    merged = [_merged_call(group) for group in groups.values()]
    return tuple(sorted(merged, key=lambda call: (-call.cost.cells, -call.cost.queries, call.name)))


def _merged_call(group: Sequence[Call]) -> Call:
    if len(group) == 1:
        return group[0]
    lines: dict[Hashable, list[Execution]] = {}
    for call in group:
        for each in call.executions:
            lines.setdefault(_identity(each), []).append(each)
    merged = [_merged(each) for each in lines.values()]
    notes = tuple(dict.fromkeys(note for call in group for note in call.notes))
    return Call(group[0].name, {}, tuple(sorted(merged, key=_order)), None, notes=notes)


def _identity(execution: Execution) -> Hashable:
    kind = (execution.strategy, execution.kind, execution.hops)
    return execution.sql, *kind, execution.site, execution.joins


def _order(execution: Execution) -> tuple[str, int, str]:
    site = execution.site
    return (site.file if site else "", site.line if site else 0, execution.sql)


def _merged(group: Sequence[Execution]) -> Execution:
    fetch = [each.fetch for each in group]
    tallies = [each.tally for each in group]
    known = [each for each in tallies if each is not None]
    return replace(
        group[0],
        count=sum(each.count for each in group),
        chunks=sum(each.chunks for each in group),
        rows=sum(each.rows for each in group),
        columns=max(each.columns for each in group),
        cells=sum(each.cells for each in group),
        repeats=sum(each.repeats for each in group),
        repeated=_cost([each.repeated for each in group]),
        brought_again=_cost([each.brought_again for each in group]),
        burst=_burst(group),
        tally=summed_tally(known) if len(known) == len(group) else None,
        execute=sum(each.execute for each in group),
        bytes=_sum(each.bytes for each in group),
        fetch=None if None in fetch else sum(each or 0.0 for each in fetch),
    )


def _cost(costs: Sequence[Cost]) -> Cost:
    return Cost(
        sum(each.queries for each in costs),
        sum(each.rows for each in costs),
        sum(each.cells for each in costs),
    )


def _burst(group: Sequence[Execution]) -> Burst:
    together = [each.together for each in group]
    return Burst(max(each.count for each in together), max(each.different for each in together))


def _sum(counts: Iterable[int | None]) -> int | None:
    known = list(counts)
    return None if None in known else sum(filter(None, known))


def summed_tally(results: Sequence[Tally]) -> Tally:
    """Return the sum of what several executions held."""
    worst = [each.worst for each in results if each.worst is not None]
    paths = dict.fromkeys(path for each in results for path in each.most)
    sizes: Counter[int] = Counter()
    for each in results:
        sizes.update(dict(each.sizes))
    apart = [each.apart for each in results if each.apart is not None]
    return Tally(
        roots=sum(each.roots for each in results),
        pairs=_added(each.pairs for each in results),
        alone=_added(each.alone for each in results),
        longest=_sum(each.longest for each in results),
        doubled=_sum(each.doubled for each in results),
        worst=next(iter(worst_first(worst)), None),
        apart=Cost(
            sum(each.queries for each in apart),
            sum(each.rows for each in apart),
            sum(each.cells for each in apart),
        ),
        distinct=_added(each.distinct for each in results),
        most={path: max(each.most.get(path, 0) for each in results) for path in paths},
        largest=worst_first([root for each in results for root in each.largest]),
        sizes=tuple(sorted(sizes.items())),
    )


LARGEST = 3
"""How many of the largest roots are named."""


def worst_first(roots: Iterable[Root]) -> tuple[Root, ...]:
    """Return the largest roots; of equals, the least key first, in whatever order they come."""
    return tuple(nsmallest(LARGEST, roots, key=lambda root: (-root.rows, sortable(root.identity))))


def _added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        for path, count in each.items():
            total[path] += count
    return dict(total)


def sortable(key: tuple[object, ...]) -> tuple[tuple[str, object], ...]:
    """Return a sort key for primary keys whose columns are of any types."""
    return tuple((type(each).__name__, each if _is_ordered(each) else str(each)) for each in key)


def _is_ordered(value: object) -> bool:
    return isinstance(value, (int, float, str, bytes))


def merged_traces(traces: Sequence[tuple[str, Trace]]) -> Trace:
    """Return the sum of traces, each with the file that it is from.

    Raises QprofError where they speak for different environments, and says which.
    """
    (first, base), *others = traces
    for name, trace in others:
        found = _differences(base.environment, trace.environment)
        if found:
            raise QprofError(f"{first} and {name} cannot be added up; they differ in {found}.")
    if any(trace.comparisons for _, trace in traces) and others:
        raise QprofError("Comparisons cannot be added up; render each file alone.")
    if not others:
        return base
    calls = merged_calls(call for _, trace in traces for call in trace.calls)
    return Trace(
        environments([trace.environment for _, trace in traces]),
        calls,
        unmeasured=tuple(dict.fromkeys(each for _, one in traces for each in one.unmeasured)),
        notices=tuple(dict.fromkeys(each for _, one in traces for each in one.notices)),
    )


def _differences(one: Environment, other: Environment) -> str:
    return "; ".join(
        f"{name} ({getattr(one, name) or 'none'} and {getattr(other, name) or 'none'})"
        for name in _SAME
        if getattr(one, name) != getattr(other, name)
    )


def environments(seen: Sequence[Environment]) -> Environment:
    """Return one environment for all: where they differ, a field names each, the first few."""
    if len(set(seen)) == 1:
        return seen[0]
    return Environment(
        qprof=_each(seen, "qprof"),
        python=_each(seen, "python"),
        sqlalchemy=_each(seen, "sqlalchemy"),
        dialect=_each(seen, "dialect"),
        driver=_each(seen, "driver"),
        database=_each(seen, "database"),
        library=seen[0].library,
    )


def _each(seen: Sequence[Environment], name: str) -> str:
    parts = (part for each in seen for part in getattr(each, name).split(", "))
    known = sorted(set(parts) - {""})
    more = len(known) - _MOST_SHOWN
    return ", ".join(known[:_MOST_SHOWN]) + (f" and {more} more" if more > 0 else "")
