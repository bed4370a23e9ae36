"""Executions folded into `trace.Execution` values."""

from collections.abc import Hashable, Iterable
from typing import Any

from qprof.domain.trace import Cost, Execution
from qprof.measure.capture.sent import Sent
from qprof.measure.capture.sites import shown
from qprof.measure.capture.tally import merged


def fold(sent: Iterable[Sent]) -> tuple[Execution, ...]:
    """Return one `Execution` for each statement, path, strategy and site, in order of first use."""
    groups: dict[Hashable, list[Sent]] = {}
    seen: dict[Hashable, set[Hashable]] = {}
    repeats: set[int] = set()
    for each in sent:
        groups.setdefault(_line(each), []).append(each)
        # An engine with options of its own shares its pool with the first, and so its database.
        statement = (each.text, id(getattr(each.engine, "pool", None)))
        if _sent_before(seen.setdefault(statement, set()), each.parameters):
            repeats.add(id(each))
    return tuple(_execution(group, repeats) for group in groups.values())


def _line(sent: Sent) -> Hashable:
    """Return what makes two executions the same line of a report."""
    return (sent.sql, sent.strategy, sent.shape.path, sent.site, sent.columns)


def _sent_before(seen: set[Hashable], parameters: Any) -> bool:
    key = hashable(parameters)
    if key in seen:
        return True
    seen.add(key)
    return False


def hashable(parameters: Any) -> Hashable:
    """Return what two executions with equal parameters have in common."""
    if isinstance(parameters, dict):
        parameters = tuple(sorted(parameters.items()))
    elif isinstance(parameters, list):
        parameters = tuple(parameters)
    try:
        hash(parameters)
    except TypeError:
        return repr(parameters)
    return parameters  # type: ignore[no-any-return]


def _execution(group: list[Sent], repeats: set[int]) -> Execution:
    first, shape = group[0], group[0].shape
    again = [each for each in group if id(each) in repeats]
    return Execution(
        sql=first.sql,
        count=len(group),
        rows=sum(each.rows for each in group),
        columns=first.columns,
        cells=sum(each.rows for each in group) * first.columns,
        path=shape.path,
        hops=shape.hops,
        strategy=first.strategy,
        to_many=shape.to_many,
        entities=shape.entities,
        repeats=len(again),
        repeated=_cost(again),
        joins=shape.joins,
        wrapped=shape.wrapped,
        unlinked=shape.unlinked,
        tally=merged([each.tally for each in group]),
        site=shown(first.site),
        execute=sum(each.execute for each in group),
        fetch=None if any(each.one_by_one for each in group) else sum(e.fetch for e in group),
    )


def _cost(group: list[Sent]) -> Cost:
    rows = sum(each.rows for each in group)
    return Cost(len(group), rows, sum(each.rows * each.columns for each in group))
