"""The root SELECTs of a call that nothing bounds, and how many objects came by them.

Bounds are a LIMIT or the like, a condition on a primary or unique key, and a result that is
streamed (yield_per). A SELECT over a common table expression is left out: what it recurses into
cannot be told from the text. `compile_state.select_statement` with its `_setup_joins`, `_from_obj`,
`_distinct` and `_distinct_on`, and `compile_state.statement` and `._entities` are SQLAlchemy's own,
in 2.0 and 2.1.

Private names of SQLAlchemy, too: `_is_server_side`.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Table, UniqueConstraint
from sqlalchemy.engine.default import DefaultExecutionContext

from qprof.domain.sql.reading import reads_one_table, takes_all
from qprof.domain.trace import Site
from qprof.measure.capture import record
from qprof.measure.capture.held import Held
from qprof.measure.capture.sent import Sent
from qprof.measure.capture.sites import shown
from qprof.measure.explain import SCANNED, Filter, Size, size_within, translated
from qprof.measure.orm.entities import row_keys
from qprof.measure.orm.keys import root_entities

_STREAMS = ("yield_per", "stream_results")


@dataclass(frozen=True)
class Unlimited:
    """A root SELECT without bounds."""

    root: Hashable
    """The statement, as `Roots` knows it."""
    table: Table
    key: tuple[str, ...]
    """The attributes of the primary key: ("Artist.id",)."""
    roots: int
    """The distinct objects that came by its first execution."""
    rows: int
    """With all that was loaded along with them, or from them, until it was sent again."""
    repeats: bool
    """Whether its own FROM can bring an object in several rows, which a LIMIT would count."""
    site: Site | None
    size: Size | None = None
    """The table's rows, as the transaction that read it was told; None where it was not asked."""


class Bounds:
    """Looks at the root SELECTs of one run for what bounds them."""

    def __init__(self) -> None:
        self._kept: list[tuple[Sent, object, Table, bool, Size | None]] = []

    def look(self, sent: Sent, context: Any, filters: Sequence[Filter]) -> None:
        """Keep `sent`, about to give its rows, if neither a key nor a stream bounds it."""
        mapper = _root(sent, context)
        if mapper is None or any(map(context.execution_options.get, _STREAMS)):
            return
        if any(each.kind != "join" and _is_key(each) for each in filters):
            return
        if sent.tally is None and not reads_one_table(sent.sql):
            keys = row_keys(context.compiled, sent.shape, sent.strategy)
            sent.held = Held(keys, None, context.dialect) if keys is not None else None
        table = translated(mapper.local_table, context)
        joins = _joins_itself(context.compiled.compile_state)
        self._kept.append((sent, mapper, table, joins, _size(sent, context, table)))

    def found(self, sent: Sequence[Sent]) -> tuple[Unlimited, ...]:
        """Return what was kept and has no LIMIT; `sent` is all that the run sent."""
        return tuple(
            Unlimited(
                root=each.origin,
                table=table,
                key=tuple(_key(mapper)),
                roots=roots,
                rows=each.rows + sum(other.rows for other in _along(each, sent)),
                repeats=_repeats(each, roots, joins_itself=joins),
                site=shown(each.site),
                size=size,
            )
            for each, mapper, table, joins, size in self._kept
            if (roots := _roots(each)) and each.origin is not None and takes_all(each.text)
        )


def _size(sent: Sent, context: DefaultExecutionContext, table: Table) -> Size | None:
    """Ask a server in the transaction of a SELECT without a LIMIT, where a schema may be set."""
    asks = context.dialect.name in SCANNED and context.dialect.name != "sqlite"
    if not asks or context._is_server_side or not takes_all(sent.text):
        return None
    with record():
        return size_within(context.root_connection, table)


def _along(first: Sent, sent: Sequence[Sent]) -> Iterator[Sent]:
    """Yield what was loaded from the objects of `first`, as far as nothing else can have led to it.

    What comes after the same statement was sent again may be of that execution.
    """
    for each in sent[sent.index(first) + 1 :]:
        if each.origin == first.origin:
            if each.strategy == "root":
                return
            yield each


def _joins_itself(state: Any) -> bool:
    """Return whether a SELECT reads more than its entity's table by its author's own will.

    A DISTINCT of the entity alone brings each object once all the same.
    """
    written = state.select_statement
    if written._distinct and not written._distinct_on and len(state._entities) == 1:
        return False
    several = len(state.statement.get_final_froms()) > 1
    return bool(several or written._setup_joins or written._from_obj)


def _repeats(sent: Sent, roots: int, *, joins_itself: bool) -> bool:
    """Return whether an object comes in several rows for another reason than joinedload.

    Where a collection is joined by joinedload as well, the rows do not tell: then it may.
    """
    how = {join.strategy for join in sent.shape.joins if join.to_many}
    return "contains_eager" in how or (joins_itself if "joined" in how else sent.rows > roots)


def _root(sent: Sent, context: Any) -> Any:
    """Return the mapper of the one entity that `sent` selects; None where it is no such SELECT."""
    if sent.strategy != "root" or not sent.shape.entities:
        return None
    state = context.compiled.compile_state
    if not isinstance(getattr(state, "select_statement", None), Select):
        return None
    entities = root_entities(state)
    mapper = entities[0].mapper if len(entities) == 1 else None
    return mapper if mapper is not None and isinstance(mapper.local_table, Table) else None


def _is_key(held: Filter) -> bool:
    """Return whether a condition is on a column of the primary key, or of a unique one."""
    column, table = held.table.c[held.column], held.table
    unique = [each.columns for each in table.constraints if isinstance(each, UniqueConstraint)]
    indexed = [each.columns for each in table.indexes if each.unique]
    return column.primary_key or any(column.name in each for each in (*unique, *indexed))


def _key(mapper: Any) -> Iterator[str]:
    for column in mapper.primary_key:
        yield f"{mapper.class_.__name__}.{mapper.get_property_by_column(column).key}"


def _roots(sent: Sent) -> int:
    """Return the distinct objects; 0 where the rows could not be looked into."""
    if sent.tally is not None:
        return sent.tally.result().roots
    held = sent.held
    if held is None:
        return sent.rows if reads_one_table(sent.sql) else 0
    return len(held.found(held.path)) if held.broken is None else 0
