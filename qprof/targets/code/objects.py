"""Looks into classes and objects of the user's for methods and for the repositories they hold."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from types import FunctionType
from typing import Any, get_type_hints

from sqlalchemy import Executable, create_engine
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Mapper, Query

from qprof.targets.code.makers import Maker
from qprof.targets.code.needs import Kind, Need
from qprof.targets.code.sessions import maker_at, scoped
from qprof.targets.code.supply import bound


def methods(owner: type) -> Iterator[tuple[str, Callable[..., object]]]:
    """Yield the public methods of a class, its bases' included, but no class or static ones."""
    for name, method in inspect.getmembers(owner, inspect.isfunction):
        static = inspect.getattr_static(owner, name)
        if not name.startswith("_") and not isinstance(static, staticmethod):
            yield name, method


def sample(maker: Maker) -> object | None:
    """Return an object of the class, with sessions that are bound to nothing.

    None where it needs more than that, or its constructor raises: each of its calls will say so.
    """
    if any(each.default is each.empty for each in maker.parameters.values()):
        return None
    made: object = None
    with suppress(Exception):
        made = bound(maker, {name: _unbound(need) for name, need in maker.needs.items()})()
    return made


def _unbound(need: Need) -> object:
    if need.kind is Kind.SESSION:
        return _unbound_maker(need)()
    if need.kind is Kind.FACTORY:
        return _unbound_maker(need)
    if need.kind is Kind.SCOPED:
        return scoped(_unbound_maker(need), None)
    return (
        create_async_engine("sqlite+aiosqlite://") if need.is_async else create_engine("sqlite://")
    )


def _unbound_maker(need: Need) -> Any:
    return maker_at(None, None, need)


@dataclass
class Members:
    """What an object holds besides methods."""

    repositories: list[tuple[str, type]] = field(default_factory=list)
    """Public attributes that hold an object of a class of the same package, with methods."""
    properties: list[str] = field(default_factory=list)
    """Properties that ask the database, as far as can be told."""


def members(owner: type, example: object | None, *, evaluate: bool) -> Members:
    """Return what objects of `owner` hold, as `example` shows.

    With `evaluate`, properties are read from it: it is bound to no database.
    """
    found = Members()
    package = owner.__module__.partition(".")[0]
    for name in dir(owner if example is None else example):
        static = inspect.getattr_static(owner, name, None)
        if name.startswith("_") or isinstance(static, _ROUTINES):
            continue
        kind = _returned(static) or type(None)
        if not _is_repository(kind, package):
            kind = _kind(static, example, name, evaluate=evaluate)
        if kind is _ASKS:
            found.properties.append(name)
        elif _is_repository(kind, package):
            found.repositories.append((name, kind))
    return found


_ROUTINES = (FunctionType, staticmethod, classmethod)


class _ASKS:
    """Stands for what only the database can tell."""


def _kind(static: object, example: object | None, name: str, *, evaluate: bool) -> type:
    if not isinstance(static, _PROPERTIES):
        return type(getattr(example, name, None))
    if not evaluate:
        return _ASKS
    try:
        value = getattr(example, name)
    except Exception:  # there is no database to ask
        return _ASKS
    if inspect.iscoroutine(value):
        value.close()
    return _ASKS if isinstance(value, _OPEN) else type(value)


_OPEN: tuple[type, ...] = (Awaitable, Executable, Iterator, AsyncIterator, Query)
"""What a property gives that asks the database when it is read."""


_PROPERTIES = (property, cached_property)


def _returned(found: object) -> type | None:
    """Return the class that a property says it gives."""
    if not isinstance(found, _PROPERTIES):
        return None
    with suppress(Exception):
        function = found.fget if isinstance(found, property) else found.func
        kind = get_type_hints(function).get("return")
        return kind if isinstance(kind, type) else None
    return None


def _is_repository(kind: type, package: str) -> bool:
    own = kind.__module__.partition(".")[0] == package and not issubclass(kind, type)
    mapped = isinstance(getattr(kind, "__mapper__", None), Mapper)
    return own and not mapped and any(True for _ in methods(kind))
