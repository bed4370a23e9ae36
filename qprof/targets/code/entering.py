"""What a user's function gives: awaited, begun or entered, and finished when the run ends."""

import inspect
from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import Any

from qprof.targets.code.loop import Loop


def entered(value: Any, stack: ExitStack, loop: Loop) -> object:
    """Return what `value` stands for; `stack` finishes it.

    A generator and an async generator, as FastAPI's dependencies are, give what they yield; a
    context manager gives what it enters as; a coroutine what it returns. All else stands for
    itself. An error that ends `stack` is thrown into the generator, as a framework does.
    """
    if inspect.iscoroutine(value):
        value = entered(loop.run(value), stack, loop)
    elif isinstance(value, Generator):
        value = stack.enter_context(contextmanager(lambda: value)())
    elif isinstance(value, AsyncGenerator):
        value = _entered_async(asynccontextmanager(lambda: value)(), stack, loop)
    elif hasattr(value, "__aenter__") and hasattr(value, "__aexit__"):
        value = _entered_async(value, stack, loop)
    elif hasattr(value, "__enter__") and hasattr(value, "__exit__"):
        value = stack.enter_context(value)
    return value


def _entered_async(manager: Any, stack: ExitStack, loop: Loop) -> object:
    async def enter() -> object:
        return await manager.__aenter__()

    async def leave(*error: object) -> Any:
        return await manager.__aexit__(*error)

    found = loop.run(enter())
    stack.push(lambda *error: loop.run(leave(*error)))
    return found
