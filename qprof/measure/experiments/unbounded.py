"""Holds what a call loads without a LIMIT against the size of its table, and against a page."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from qprof.domain.trace import Call, Unbounded
from qprof.measure.experiments.paged import PAGE, Paged, paged
from qprof.measure.experiments.reasons import reason_of
from qprof.measure.experiments.replay import Opening
from qprof.measure.experiments.unlimited import Unlimited
from qprof.measure.explain import SMALL, Size, size_of

SHARE = 2
"""What brings one row in so many of its table, or more, grows with the table."""
REPEATS = "its own FROM can bring an object in several rows, and a LIMIT would count those"


def with_unbounded(
    call: Call, opening: Opening, engine: Any, unlimited: Sequence[Unlimited]
) -> Call:
    """Return `call` with those of `unlimited` that bring much, and much of their table.

    Each is run again with a page, unless a LIMIT would count joined rows. Small is a load of fewer
    than `SMALL` rows, or one page of roots.
    """
    large = [each for each in unlimited if each.rows >= SMALL and each.roots > PAGE]
    if not large:
        return call
    try:
        with opening() as ready:
            sizes: list[Size] = ready.reading(partial(_sizes, engine, large))
    except (SQLAlchemyError, NotImplementedError) as error:
        note = f"The tables that it reads could not be counted ({reason_of(error)})."
        return replace(call, notes=(*call.notes, note))
    return replace(call, unbounded=tuple(_found(call, opening, zip(large, sizes, strict=True))))


def _sizes(engine: Engine, large: Sequence[Unlimited]) -> list[Size]:
    with engine.connect() as connection:
        return [size_of(connection, each.table, each.roots * SHARE + 1) for each in large]


def _found(
    call: Call, opening: Opening, large: "Iterator[tuple[Unlimited, Size]]"
) -> Iterator[Unbounded]:
    for each, size in large:
        if each.roots * SHARE < size.rows:
            continue
        page = Paged(reason=REPEATS) if each.repeats else paged(opening, each.root)
        # An estimate may be older than the rows that came.
        stale = size.rows < each.roots
        yield Unbounded(
            table=each.table.name,
            key=each.key,
            roots=each.roots,
            rows=each.rows,
            table_rows=max(size.rows, each.roots),
            known="at least" if stale else size.known,
            cost=call.cost,
            page=PAGE,
            paged=page.cost,
            seconds=call.wall,
            paged_seconds=page.seconds,
            reason=page.reason,
            repeats=each.repeats,
            site=each.site,
        )
