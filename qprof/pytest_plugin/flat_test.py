"""`@pytest.mark.qprof(flat=factory)`: the test itself at several sizes of its data."""

import inspect
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

import pytest
from sqlalchemy.util import await_only, greenlet_spawn

from qprof.api.flatness import (
    SIZES,
    GrowingData,
    NotFlat,
    Runs,
    measured_at,
    refuse_growth,
    settled,
)
from qprof.domain.errors import QprofError
from qprof.forecast.bench.growth_kind import GrowthKind

FLAT_FACTORY = pytest.StashKey[Callable[..., Any]]()
_MOST: dict[str, GrowthKind] = {"queries": "batched", "rows": "linear", "cells": "linear"}


def ask_for_fixtures(item: pytest.Function, factory: Callable[..., Any]) -> None:
    """Have the fixtures set up that the factory asks for by the names of its parameters."""
    item.fixturenames.extend(name for name in _fixtures(factory) if name not in item.fixturenames)


def _fixtures(factory: Callable[..., Any]) -> list[str]:
    """Return the parameters of the factory, but for the last: that is how many it makes."""
    return list(inspect.signature(factory).parameters)[:-1]


class _Awaiting:
    """Runs coroutines in the loop that runs the test."""

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return await_only(work)


class _Refusing:
    """Refuses a coroutine in a plain test, which has no loop to run it."""

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        work.close()
        pytest.fail("The flat factory is async, and the test is not.", pytrace=False)


def flat_function(own: Callable[..., Any], item: pytest.Function) -> Callable[..., Any]:
    """Return what runs the test's function at each size, and fails where its cost grows."""
    factory = item.stash[FLAT_FACTORY]

    def measure(loop: Runs, args: Any, kwargs: Any) -> None:
        __tracebackhide__ = True
        fixtures = {name: item.funcargs[name] for name in _fixtures(factory)}
        growing = GrowingData(
            lambda count: factory(*fixtures.values(), count),
            lambda runs: settled(own(*args, **kwargs), runs),
            loop,
        )
        said = ""
        try:
            result = measured_at(item.nodeid, SIZES, growing.at, further=True)
            refuse_growth(result, _MOST)
        except (QprofError, NotFlat) as error:
            said = f"qprof: {error}"
        if said:
            pytest.fail(said, pytrace=False)

    @wraps(own)
    async def in_task(*args: Any, **kwargs: Any) -> None:
        __tracebackhide__ = True
        await greenlet_spawn(measure, _Awaiting(), args, kwargs)

    @wraps(own)
    def at_once(*args: Any, **kwargs: Any) -> None:
        __tracebackhide__ = True
        measure(_Refusing(), args, kwargs)

    return in_task if inspect.iscoroutinefunction(own) else at_once
