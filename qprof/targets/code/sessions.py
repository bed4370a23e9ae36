"""Sessions of a user's own making: from a sessionmaker, an engine, or a function."""

import inspect
from contextlib import ExitStack
from copy import copy
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_scoped_session,
    async_sessionmaker,
)
from sqlalchemy.ext.horizontal_shard import ShardedSession
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from qprof.domain.errors import QprofError
from qprof.targets.code.entering import entered
from qprof.targets.code.loop import Loop
from qprof.targets.code.needs import Need
from qprof.targets.web import is_application, takes

_ASYNC_MAKERS = (async_sessionmaker, async_scoped_session)
_MAKERS = (sessionmaker, scoped_session, *_ASYNC_MAKERS)


def maker_of(given: Any, need: Need) -> Any:
    """Return a callable that makes sessions by what the user named with --sessions."""
    if isinstance(given, (Engine, AsyncEngine)):
        return maker_at(given, None, replace(need, is_async=isinstance(given, AsyncEngine)))
    if isinstance(given, _MAKERS) and isinstance(given, _ASYNC_MAKERS) is not need.is_async:
        needed, makes = ("AsyncSession", "plain") if need.is_async else ("plain Session", "async")
        raise QprofError(f"The call needs an {needed}, and --sessions makes {makes} ones.")
    if not callable(given) or not takes(given, 0):
        kind = "WSGI or ASGI application" if is_application(given) else type(given).__name__
        lacks = " that needs arguments" if inspect.isroutine(given) else ""
        raise QprofError(
            f"--sessions is a {kind}{lacks}; name a sessionmaker, an engine, or a function that "
            "returns or yields a session, and needs no arguments for it."
        )
    return given


def session_from(maker: Any, stack: ExitStack, loop: Loop) -> object:
    """Return a session that `maker` makes, closed when `stack` ends."""
    made = maker()
    if not isinstance(made, (Session, AsyncSession)):
        made = entered(made, stack, loop)
    if isinstance(made, AsyncSession):
        session = made
        stack.callback(lambda: loop.run(session.close()))
    elif isinstance(made, (Session, scoped_session)):
        stack.callback(made.close)
    else:
        raise QprofError(f"--sessions made a {type(made).__name__}, which is no session.")
    return made


def refuse_unbound(given: Any) -> None:
    """Raise QprofError where the user's maker of sessions cannot be bound to another database."""
    own = _maker_in(given)
    if given is not None and own is None:
        raise QprofError(
            "With --database, --sessions has to be a sessionmaker, which can be bound to it; a "
            f"{type(given).__name__} opens its own. Leave out one of the two."
        )
    if own is not None and issubclass(_sync_class(own), ShardedSession):
        raise QprofError(
            f"--sessions makes a {_sync_class(own).__name__}, which asks several databases, and "
            "--database names one: each row would be read once for each shard. Leave out "
            "--database."
        )


def maker_at(engine: Any, given: Any, need: Need) -> Any:
    """Return a maker of sessions on `engine`: the user's own in all but its database.

    A sessionmaker of the other kind, plain or async, lends the class of its plain session and its
    options. Without one, the class is what the call's parameter asks for.
    """
    own = _maker_in(given)
    kind: Any = async_sessionmaker if need.is_async else sessionmaker
    if isinstance(own, kind):
        # Not a new one: its class has the listeners, and its own class may have methods.
        maker = copy(own)
        maker.kw = dict(own.kw)
    else:
        maker = kind(**_lent(own, need))
    maker.kw = {**maker.kw, "bind": engine}
    maker.kw.pop("binds", None)
    if engine is not None:
        _reroute(maker, engine)
    return maker


def scoped(maker: Any, own: Any) -> Any:
    """Return a registry of the sessions that `maker` makes, of the class of the user's `own`."""
    if isinstance(maker, async_sessionmaker):
        return _scoped_as(async_scoped_session, own)(maker, scopefunc=lambda: None)
    return _scoped_as(scoped_session, own)(maker)


def _scoped_as(kind: Any, own: Any) -> Any:
    return type(own) if isinstance(own, kind) else kind


def _maker_in(given: Any) -> Any:
    maker = getattr(given, "session_factory", given)
    return maker if isinstance(maker, (sessionmaker, async_sessionmaker)) else None


def _sync_class(maker: Any) -> Any:
    """Return the class of the plain sessions that `maker` makes, or that its async ones stand for.

    A callable in its place has none to tell of.
    """
    if isinstance(maker, sessionmaker):
        return maker.class_
    found = maker.kw.get("sync_session_class") or maker.class_.sync_session_class
    found = getattr(found, "class_", found)
    return found if isinstance(found, type) else Session


def _lent(own: Any, need: Need) -> dict[str, Any]:
    """Return the options of a new maker, with what `own` of the other kind has to give.

    Raises QprofError for a class of sessions that are not made without arguments.
    """
    if own is None and need.session is not None and not takes(need.session, 0):
        raise QprofError(
            f"The call takes a {need.session.__name__}, which is not made without arguments. Name "
            "what makes one with --sessions."
        )
    lent = {} if own is None else {**own.kw}
    lent.pop("sync_session_class", None)
    if need.is_async:
        plain = {} if own is None else {"sync_session_class": _sync_class(own)}
        return {**lent, **plain, "class_": need.session or AsyncSession}
    kind = Session if own is None else _sync_class(own)
    return {**lent, "class_": need.session or kind}


def _reroute(maker: Any, engine: Any) -> None:
    """Have sessions whose class chooses among engines ask `engine`, whichever they choose."""
    kind = _sync_class(maker)
    if kind.get_bind is Session.get_bind:
        return
    if isinstance(maker, sessionmaker):
        maker.class_ = _rerouted(kind, engine)
    else:
        maker.kw["sync_session_class"] = _rerouted(kind, engine.sync_engine)


def _rerouted(kind: Any, engine: Engine) -> Any:
    moved: WeakKeyDictionary[Any, Engine] = WeakKeyDictionary()

    def get_bind(session: Any, *arguments: Any, **options: Any) -> Engine:
        chosen = kind.get_bind(session, *arguments, **options)
        chosen = getattr(chosen, "sync_engine", chosen)
        if chosen not in moved:
            # A schema_translate_map, say, belongs to what was chosen.
            options = chosen.get_execution_options()
            moved[chosen] = engine.execution_options(**options) if options else engine
        return moved[chosen]

    return type(kind.__name__, (kind,), {"get_bind": get_bind})
