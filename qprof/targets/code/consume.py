"""Takes what a call gave to its end: what is not fetched is not paid for, and would not count."""

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from sqlalchemy import Executable, Result, Select, SelectBase
from sqlalchemy.ext.asyncio import AsyncScalarResult
from sqlalchemy.orm import Query

from qprof.targets.code.loop import Loop

Ask = Callable[[Executable], Any]
"""Sends a statement in the session that the call was given, and returns the open result."""


def consumed(value: Any, loop: Loop, ask: Ask) -> Any:
    """Return `value` with nothing left open.

    Coroutines are awaited, iterators and results exhausted, statements that the call left
    unexecuted are sent; of a tuple, each part.
    """
    if inspect.isawaitable(value):
        value = consumed(loop.run(_awaited(value)), loop, ask)
    elif hasattr(value, "__aiter__"):
        value = loop.run(_listed(value))
    elif isinstance(value, Query):
        value = value.all() if value.session is not None else _sent(value.statement, ask)
    elif isinstance(value, SelectBase):
        value = _sent(value, ask)
    elif isinstance(value, Iterator) or hasattr(value, "yield_per"):
        value = list(value)
    elif type(value) is tuple:
        value = tuple(consumed(each, loop, ask) for each in value)
    return value


async def _awaited(value: Any) -> Any:
    return await value


async def _listed(values: AsyncIterator[Any] | AsyncScalarResult[Any]) -> list[Any]:
    return [each async for each in values]


def _sent(statement: Any, ask: Ask) -> Any:
    """Return the objects of a statement for one entity, the rows of another."""
    result: Result[Any] = ask(statement)
    if isinstance(statement, Select) and _is_one_entity(statement):
        return result.unique().scalars().all()
    return result.all()


def _is_one_entity(statement: Select[Any]) -> bool:
    described = statement.column_descriptions
    return (
        len(described) == 1
        and isinstance(described[0]["type"], type)
        and (described[0]["entity"] is not None and described[0]["expr"] is described[0]["entity"])
    )
