"""How a secondary SELECT came about, and which load it belongs to.

SQLAlchemy has no public way to ask for these at the cursor. What is used, in 2.0 and 2.1 alike:
the execution options `_sa_orm_load_options` (of it `_lazy_loaded_from`, `_refresh_state` and
`_is_user_refresh`), `sa_top_level_orm_context`, `("subquery_rewritten_path", None)` and
`("orig_query", …)`; `context.invoked_statement`; and `InstanceState.expired`.

A selectin sends one and the same statement object for each of its chunks, and a new one for each
load: for another root statement, for another batch under yield_per. So the object tells chunks
from loads, whatever line they come from and however many parents they ask for.

Of a connection `_allow_autobegin` is read, and of a pool `_pre_ping`.
"""

from typing import Any, Protocol
from weakref import ref

from sqlalchemy.engine.interfaces import ExecutionContext

from qprof.domain.loaders import Kind
from qprof.measure.orm.paths import relationships
from qprof.measure.orm.shape import Shape


class Secondary(Protocol):
    """What is written down of a secondary SELECT, where it is not the same for all of its text."""

    strategy: str
    kind: Kind | None
    parent: int
    """The hash of the identity key of the one object that it is for, else 0."""
    chunk: bool
    """Whether it only continues a load."""


class _Load(ref[Any]):
    """A selectin that has begun, by its statement."""

    __slots__ = ("below", "key")
    key: int
    below: set[str | None]
    """The paths of the subqueryloads that hang on its chunks."""


_loads: dict[int, _Load] = {}
"""By the id of the statement; an entry leaves with its statement, when the load has ended."""


def attribute(sent: Secondary, context: Any, shape: Shape) -> None:
    """Fill in how `sent`, a secondary SELECT about to be executed in `context`, came about."""
    options = context.execution_options
    load = options.get("_sa_orm_load_options")
    parent = getattr(load, "_lazy_loaded_from", None)
    if parent is not None:
        sent.strategy = "immediate" if "sa_top_level_orm_context" in options else "lazy"
        sent.parent = hash(parent.key)
        if sent.strategy == "immediate" and _is_of_refresh(options):
            sent.kind = "refresh"
    elif shape.kind == "columns":
        _of_columns(sent, context, load)
    elif ("subquery_rewritten_path", None) in options and _is_subquery(options, shape):
        sent.strategy = "subquery"
        sent.chunk = _continues_below(options, shape)
    else:
        sent.strategy = "selectin"
        sent.chunk = _continues(context.invoked_statement)


def identity_of(context: ExecutionContext) -> object:
    """Return SQLAlchemy's identity key of the one object that a SELECT is for; None for others."""
    load = context.execution_options.get("_sa_orm_load_options")
    state = getattr(load, "_lazy_loaded_from", None) or getattr(load, "_refresh_state", None)
    return state.key if state is not None else None


def is_dialects_own(connection: Any) -> bool:
    """Return whether what `connection` sends is what a dialect asks its first connection."""
    return not connection._allow_autobegin


def pings(pool: Any) -> bool:
    """Return whether `pool` asks a connection that it hands out again whether it is alive."""
    return bool(getattr(pool, "_pre_ping", False))


def _is_of_refresh(options: Any) -> bool:
    """Return whether the relationship was named in a session.refresh()."""
    return bool(options["sa_top_level_orm_context"].load_options._is_user_refresh)


def _of_columns(sent: Secondary, context: ExecutionContext, load: Any) -> None:
    state = getattr(load, "_refresh_state", None)
    if state is None:
        # selectin_polymorphic loads the columns of a subclass in chunks, for many objects.
        sent.chunk = _continues(context.invoked_statement)
        return
    sent.parent = hash(state.key)
    if load._is_user_refresh:
        sent.kind = "refresh"
    elif state.expired:
        sent.kind = "expired"


def _is_subquery(options: Any, shape: Shape) -> bool:
    # Below a subqueryload, a selectin inherits this option: with the path of what is above it.
    named = relationships(options["subquery_rewritten_path", None].path)
    return len(named) >= len(shape.steps) and named[-1].key == shape.steps[-1].key


def _continues(statement: object) -> bool:
    """Return whether an earlier chunk of this load was seen."""
    key = id(statement)
    known = _loads.get(key)
    if known is not None and known() is statement:
        return True
    load = _loads[key] = _Load(statement, _forget)
    load.key, load.below = key, set()
    return False


def _continues_below(options: Any, shape: Shape) -> bool:
    """Return whether a subqueryload is for a further chunk of the selectin that it hangs on."""
    names = (name for name in options if isinstance(name, tuple) and name[0] == "orig_query")
    above = options[next(names)]
    load = _loads.get(id(above))
    if load is None or load() is not above:
        return False
    continues = shape.path in load.below
    load.below.add(shape.path)
    return continues


def _forget(gone: Any) -> None:
    key: int = gone.key
    if _loads.get(key) is gone:
        del _loads[key]
