"""Records the test function alone: neither its fixtures nor, of unittest, setUp and tearDown."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from unittest import IsolatedAsyncioTestCase

import pytest

from qprof.pytest_plugin.flat_test import FLAT_FACTORY, flat_function
from qprof.pytest_plugin.limits import Limits
from qprof.pytest_plugin.options import gates
from qprof.pytest_plugin.recorder import Recorder, recorder_of


@contextmanager
def watched(item: pytest.Item, limits: Limits | None) -> Iterator[None]:
    """Record what the test's function sends; fail the test where that is over `limits`.

    A test that fails by itself keeps its own failure; its report says both.
    """
    __tracebackhide__ = True
    recorder = recorder_of(item)
    try:
        with _wrapped(item, recorder):
            yield
    except (Exception, pytest.fail.Exception):
        if limits is not None:
            recorder.check(limits)
        raise
    verdict = recorder.check(limits) if limits is not None else None
    if verdict is None and gates(item.config):
        verdict = recorder.compare()
    recorder.prove(limited=limits is not None)
    if verdict is not None:
        pytest.fail(verdict.text, pytrace=False)


@contextmanager
def _wrapped(item: pytest.Item, recorder: Recorder) -> Iterator[None]:
    """Put a recording function in the place of the test's own, while the block runs."""
    if not isinstance(item, pytest.Function):
        with recorder.whole():
            yield
        return
    own = item.obj
    repeated = flat_function(own, item) if FLAT_FACTORY in item.stash else own
    item.obj = recording = _recording(repeated, recorder)
    instance = item.instance
    # pytest leaves async methods to unittest, which looks them up on the instance.
    replaced = isinstance(instance, IsolatedAsyncioTestCase)
    if replaced:
        setattr(instance, own.__name__, recording)
    try:
        yield
    finally:
        item.obj = own
        if replaced:
            delattr(instance, own.__name__)


def _recording(own: Callable[..., Any], recorder: Recorder) -> Callable[..., Any]:
    """Return `own` with a recording around it; of a coroutine, within its own task."""

    @wraps(own)
    async def in_task(*args: object, **kwargs: object) -> object:
        __tracebackhide__ = True
        with recorder.whole():
            return await own(*args, **kwargs)

    @wraps(own)
    def at_once(*args: object, **kwargs: object) -> object:
        __tracebackhide__ = True
        with recorder.whole():
            return own(*args, **kwargs)

    return in_task if inspect.iscoroutinefunction(own) else at_once
