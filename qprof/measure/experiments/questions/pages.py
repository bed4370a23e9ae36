"""What a call loads without a LIMIT: held against the size of its table, and against a page."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from qprof.domain.plans import AS_WRITTEN, named_plan
from qprof.domain.trace import Call, Unbounded
from qprof.measure.experiments.experiment import Result
from qprof.measure.experiments.reasons import reason_of
from qprof.measure.experiments.specimen import Specimen
from qprof.measure.experiments.unlimited import Unlimited
from qprof.measure.explain import SMALL, Size, size_of

PAGE = 50
"""Objects of a page: what a person looks at, and a tenth of the parents of one selectin."""
SHARE = 2
"""What brings one row in so many of its table, or more, grows with the table."""
REPEATS = "its own FROM can bring an object in several rows, and a LIMIT would count those"
NOT_SENT = "the statement was not sent again"


def price_pages(specimen: Specimen, call: Call) -> Call:
    """Return `call` with the root SELECTs that bring much, and much of their table.

    Each is run again with a page, unless a LIMIT would count joined rows. Small is a load of fewer
    than `SMALL` rows, or one page of roots.
    """
    unlimited = specimen.found.unlimited
    large = [each for each in unlimited if each.rows >= SMALL and each.roots > PAGE]
    if specimen.engine is None or not large:
        return call
    try:
        sizes = [each.size for each in large if each.size is not None]
        if len(sizes) < len(large):
            sizes = specimen.runner.beside(partial(_sizes, specimen.engine, large))
    except (SQLAlchemyError, NotImplementedError) as error:
        note = f"The tables that it reads could not be counted ({reason_of(error)})."
        return replace(call, notes=(*call.notes, note))
    return replace(call, unbounded=tuple(_found(specimen, call, large, sizes)))


def _sizes(engine: Engine, large: Sequence[Unlimited]) -> list[Size]:
    with engine.connect() as connection:
        return [
            each.size or size_of(connection, each.table, each.roots * SHARE + 1) for each in large
        ]


def _found(
    specimen: Specimen, call: Call, large: Sequence[Unlimited], sizes: Sequence[Size]
) -> Iterator[Unbounded]:
    for each, size in zip(large, sizes, strict=True):
        if each.roots * SHARE < size.rows:
            continue
        page = None if each.repeats else _page(specimen, each.root)
        # An estimate may be older than the rows that came.
        stale = size.rows < each.roots
        told = Unbounded(
            table=each.table.name,
            key=each.key,
            roots=each.roots,
            rows=each.rows,
            table_rows=max(size.rows, each.roots),
            known="at least" if stale else size.known,
            cost=call.cost,
            page=PAGE,
            seconds=call.wall,
            reason=REPEATS if page is None else page.reason,
            repeats=each.repeats,
            site=each.site,
        )
        if page is None or page.reason is not None:
            yield told
        else:
            yield replace(told, paged=page.cost, paged_seconds=page.seconds)


def _page(specimen: Specimen, root: Hashable) -> Result:
    """Run the call twice with a page of `root` alone: once to compile it, once to measure it."""
    plan = named_plan(AS_WRITTEN, specimen.found.paths)
    wanted = specimen.found.experiment(plan, "what a page of it costs", "time")
    wanted = replace(wanted, page=(root, PAGE))
    first = specimen.runner.attempt(wanted)
    page = specimen.runner.attempt(wanted) if first.reason is None else first
    return page if page.limited or page.reason else replace(page, reason=NOT_SENT)
