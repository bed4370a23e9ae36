"""Executions folded into `trace.Execution` values."""

from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from qprof.domain.loaders import LOADED_ALONG
from qprof.domain.sql.literals import without_values
from qprof.domain.sql.reading import written_table
from qprof.domain.trace import Cost, Execution
from qprof.measure.capture.sent import Sent
from qprof.measure.capture.sites import shown
from qprof.measure.capture.tally import merged

_bare = lru_cache(maxsize=1024)(without_values)
"""A loop sends its texts once each, so that most are looked at once."""


def fold(sent: Iterable[Sent]) -> tuple[Execution, ...]:
    """Return one `Execution` for each statement, path, strategy and site, in order of first use."""
    groups: dict[Hashable, list[Sent]] = {}
    repeats = _Repeats()
    for each in sent:
        groups.setdefault(_line(each), []).append(each)
        repeats.take(each)
    return tuple(_execution(group, repeats) for group in groups.values())


def repeated(sent: Iterable[Sent]) -> set[int]:
    """Return the ids of those executions that repeat an earlier one."""
    repeats = _Repeats()
    for each in sent:
        repeats.take(each)
    return repeats.ids


def _line(sent: Sent) -> Hashable:
    """Return what makes two executions the same line of a report.

    Values in its text, as a loop may write them, make no line of their own.
    """
    sql = _bare(sent.sql, getattr(getattr(sent.engine, "dialect", None), "name", ""))
    return (sql, sent.strategy, sent.kind, sent.shape.path, sent.site, sent.columns)


class _Repeats:
    """Which executions repeat an earlier one, in the order in which they were sent.

    The loads along with a root statement repeat where it does. Nothing repeats what was sent before
    a write to one of its tables: that may see a change.
    """

    def __init__(self) -> None:
        self.ids: set[int] = set()
        self.brought: dict[int, list[Sent]] = {}
        """By the id of a repeated root execution: the repeated loads that came along with it."""
        self._places: dict[Hashable, int] = {}
        self._written: dict[str, int] = {}
        self._roots: dict[str | None, Sent] = {}
        self._place = 0

    def take(self, sent: Sent) -> None:
        """Add the next execution."""
        self._place += 1
        table = written_table(sent.text) if sent.shape.kind == "other" else None
        if table is not None:
            self._written[table] = self._place
        again = self._is_again(sent)
        if sent.strategy in LOADED_ALONG:
            self._along(sent, again)
        elif again:
            self.ids.add(id(sent))
        if sent.shape.kind == "root":
            self._roots[sent.shape.entity] = self._roots[None] = sent

    def _is_again(self, sent: Sent) -> bool:
        # Two objects may refer to the same row: a load for each of them is no repeat.
        # An engine with options of its own shares its pool with the first, and so its database.
        pool = id(getattr(sent.engine, "pool", None))
        key = (sent.text, hashable(sent.parameters), sent.parent, pool, sent.thread)
        before = self._places.get(key)
        self._places[key] = self._place
        if before is None:
            return False
        return not any(at > before and name in sent.text for name, at in self._written.items())

    def _along(self, sent: Sent, again: bool) -> None:
        root = self._roots.get(str(sent.shape.path).partition(".")[0], self._roots.get(None))
        if again and root is not None and id(root) in self.ids:
            self.ids.add(id(sent))
            self.brought.setdefault(id(root), []).append(sent)


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


def _execution(group: list[Sent], repeats: _Repeats) -> Execution:
    first, shape = group[0], group[0].shape
    again = [each for each in group if id(each) in repeats.ids]
    brought = [each for root in again for each in repeats.brought.get(id(root), ())]
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
        kind=first.kind or shape.kind,
        entity=shape.entity,
        below=shape.below,
        attributes=shape.attributes,
        base=shape.base,
        chunks=sum(each.chunk for each in group),
        offset=shape.offset,
        repeats=len(again),
        repeated=_cost(again),
        brought_again=_cost(brought),
        joins=shape.joins,
        wrapped=shape.wrapped,
        unlinked=first.unlinked,
        tally=merged([each.tally for each in group]),
        site=shown(first.site),
        execute=sum(each.execute for each in group),
        blocked=sum(each.blocks_loop for each in group),
        blocked_seconds=sum(each.execute + each.fetch for each in group if each.blocks_loop),
        bytes=_bytes(group),
        fetch=None if any(each.one_by_one for each in group) else sum(e.fetch for e in group),
    )


def _bytes(group: Sequence[Sent]) -> int | None:
    """Return the size of what was fetched; None where nobody asked for it."""
    sizes = [each.size for each in group]
    return None if None in sizes else sum(each or 0 for each in sizes)


def _cost(group: Sequence[Sent]) -> Cost:
    rows = sum(each.rows for each in group)
    return Cost(len(group), rows, sum(each.rows * each.columns for each in group))
