"""Which parameters qprof fills in: sessions, makers of sessions, engines and connections."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from sqlalchemy import Connection, Engine
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_scoped_session,
    async_sessionmaker,
)
from sqlalchemy.orm import Session, scoped_session, sessionmaker


class Kind(Enum):
    """What a parameter has to be given."""

    SESSION = "session"
    FACTORY = "session factory"
    SCOPED = "scoped session"
    ENGINE = "engine"
    CONNECTION = "connection"


@dataclass(frozen=True)
class Need:
    """A kind, as it is for `async` code or for plain code."""

    kind: Kind
    is_async: bool = False
    session: type | None = None
    """The user's own class of the session, where the annotation names one."""


NAMES: Mapping[str, Kind] = {
    "session": Kind.SESSION,
    "db_session": Kind.SESSION,
    "db": Kind.SESSION,
    "session_factory": Kind.FACTORY,
    "session_maker": Kind.FACTORY,
    "sessionmaker": Kind.FACTORY,
    "make_session": Kind.FACTORY,
    "session_scope": Kind.FACTORY,
    "get_session": Kind.FACTORY,
    "engine": Kind.ENGINE,
}
"""Parameter names that tell where no annotation does."""

_CLASSES: tuple[tuple[type, Need], ...] = (
    (Session, Need(Kind.SESSION)),
    (AsyncSession, Need(Kind.SESSION, True)),
    (sessionmaker, Need(Kind.FACTORY)),
    (async_sessionmaker, Need(Kind.FACTORY, True)),
    (scoped_session, Need(Kind.SCOPED)),
    (async_scoped_session, Need(Kind.SCOPED, True)),
    (Engine, Need(Kind.ENGINE)),
    (AsyncEngine, Need(Kind.ENGINE, True)),
    (Connection, Need(Kind.CONNECTION)),
    (AsyncConnection, Need(Kind.CONNECTION, True)),
)

_TEXTS: tuple[tuple[str, Need], ...] = (
    (r"Callable\[.*\bAsyncSession\b", Need(Kind.FACTORY, True)),
    (r"Callable\[.*\bSession\b", Need(Kind.FACTORY)),
    *((rf"\b{each.__name__}\b", need) for each, need in reversed(_CLASSES)),
)
"""Annotations that could not be evaluated, such as names that are imported for typing only."""


def need_of(parameter: inspect.Parameter, *, is_async: bool = False) -> Need | None:
    """Return what `parameter` needs of qprof; None for an argument of the user's.

    `is_async` says of what kind a session is that is known by the parameter's name alone.
    """
    annotation = parameter.annotation
    found = _annotated(annotation)
    if found is not None or not _tells_nothing(annotation):
        return found
    kind = NAMES.get(parameter.name)
    return Need(kind, is_async) if kind is not None else None


def _tells_nothing(annotation: object) -> bool:
    """Return whether a name has to tell: a protocol, or a name that could not be evaluated."""
    if annotation in (inspect.Parameter.empty, Any):
        return True
    written = isinstance(annotation, str) and re.fullmatch(r"[\w.]+", annotation)
    return bool(written) or bool(getattr(annotation, "_is_protocol", False))


def _annotated(annotation: object) -> Need | None:
    origin = get_origin(annotation)
    owner = origin or annotation
    if isinstance(annotation, TypeVar):
        found = _annotated(annotation.__bound__)
    elif origin in (Annotated, Union, UnionType):
        found = next(filter(None, map(_annotated, _members(annotation, origin))), None)
    elif isinstance(origin, type) and issubclass(origin, Callable):  # type: ignore[arg-type]
        found = _factory(get_args(annotation)[-1:])
    elif isinstance(owner, type):
        found = _of_class(owner, get_args(annotation))
    else:
        found = _written(getattr(annotation, "__forward_arg__", annotation))
    return found


def _of_class(owner: type, parts: tuple[Any, ...]) -> Need | None:
    """Return the need for a class, or for one in brackets: `sessionmaker[TenantSession]`."""
    for known, need in _CLASSES:
        if issubclass(owner, known):
            own = owner if need.kind is Kind.SESSION and owner is not known else None
            made = _annotated(parts[0]) if parts and need.kind in _MAKERS else None
            return replace(need, session=made.session if made is not None else own)
    return None


_MAKERS = (Kind.FACTORY, Kind.SCOPED)


def _written(annotation: Any) -> Need | None:
    text = annotation if isinstance(annotation, str) else ""
    return next((need for pattern, need in _TEXTS if re.search(pattern, text)), None)


def _members(annotation: object, origin: object) -> tuple[object, ...]:
    return get_args(annotation)[:1] if origin is Annotated else get_args(annotation)


def _factory(returned: tuple[object, ...]) -> Need | None:
    made = _annotated(returned[0]) if returned else None
    if made is None and returned and hasattr(get_origin(returned[0]), "__exit__"):
        # A session is its own context manager.
        return _factory(get_args(returned[0])[:1])
    return replace(made, kind=Kind.FACTORY) if made and made.kind is Kind.SESSION else None
