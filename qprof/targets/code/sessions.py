"""Sessions of a user's own making: from a sessionmaker, an engine, or a function."""

import inspect
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_scoped_session,
    async_sessionmaker,
)
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from qprof.domain.errors import QprofError
from qprof.targets.code.entering import entered
from qprof.targets.code.loop import Loop
from qprof.targets.web import is_application, takes

_ASYNC_MAKERS = (async_sessionmaker, async_scoped_session)
_MAKERS = (sessionmaker, scoped_session, *_ASYNC_MAKERS)


def maker_of(given: Any, *, is_async: bool) -> Any:
    """Return a callable that makes sessions by what the user named with --sessions."""
    if isinstance(given, Engine):
        return sessionmaker(given)
    if isinstance(given, AsyncEngine):
        return async_sessionmaker(given)
    if isinstance(given, _MAKERS) and isinstance(given, _ASYNC_MAKERS) is not is_async:
        needed, makes = ("AsyncSession", "plain") if is_async else ("plain Session", "async")
        raise QprofError(f"The call needs an {needed}, and --sessions makes {makes} ones.")
    if not callable(given) or not takes(given, 0):
        kind = "WSGI or ASGI application" if is_application(given) else type(given).__name__
        lacks = " that needs arguments" if inspect.isroutine(given) else ""
        raise QprofError(
            f"--sessions is a {kind}{lacks}; name a sessionmaker, an engine, or a function that "
            "returns or yields a session, and needs no arguments for it."
        )
    return given


def session_from(maker: Any, stack: ExitStack, loop: Loop) -> Any:
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


def options_of(given: Any) -> Mapping[str, Any]:
    """Return how a user's sessionmaker makes its sessions, but for what they are bound to."""
    if given is None:
        return {}
    maker = getattr(given, "session_factory", given)
    if not isinstance(maker, (sessionmaker, async_sessionmaker)):
        raise QprofError(
            "With --database, --sessions has to be a sessionmaker, which can be bound to it; a "
            f"{type(given).__name__} opens its own. Leave out one of the two."
        )
    return {
        **{key: value for key, value in maker.kw.items() if key not in ("bind", "binds")},
        "class_": maker.class_,
    }
