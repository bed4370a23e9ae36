"""The steps of a user's around a call: a setup before it, and a touch of what it returned."""

import inspect
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from qprof.domain.errors import QprofError
from qprof.domain.registry import load, nearest
from qprof.targets.code.entering import entered
from qprof.targets.code.loop import Loop
from qprof.targets.code.makers import Maker
from qprof.targets.code.source import Source

_PLAIN = (str, bytes, int, float, type(None))
_MANY = (list, tuple, set, frozenset)


@dataclass(frozen=True)
class Steps:
    """What surrounds every run of every call."""

    setup: Callable[..., object] | None = None
    """Run before the measurement; takes the object whose methods are the calls, if anything."""
    touch: str | Callable[[object], object] | None = None
    """Run within the measurement on each object that a call returned: a method's name, or what is
    called with it."""

    @property
    def comes_first(self) -> bool:
        """Whether the setup takes no object: it may be what makes one."""
        return self.setup is not None and not _takes_one(self.setup)

    def prepared(self, made: object, stack: ExitStack, source: Source) -> object:
        """Return the object to call: `made`, or what the setup gives in its place.

        It may write, and so may what finishes it.
        """
        if self.setup is None:
            return made
        own = ExitStack()

        def finish(*error: Any) -> bool | None:
            with source.guard.relaxed():
                return own.__exit__(*error)

        stack.push(finish)
        with source.guard.relaxed():
            given = self.setup(made) if _takes_one(self.setup) else self.setup()
            found = entered(given, own, source.loop)
        return made if found is None else found

    def touched(self, value: object, loop: Loop) -> list[object]:
        """Do the touch, and return what it gave for each object.

        Raises QprofError where an object has no such method.
        """
        if self.touch is None:
            return []
        gave = []
        for each in _objects(value):
            done = self.touch(each) if callable(self.touch) else _method(each, self.touch)()
            gave.append(loop.run(done) if inspect.iscoroutine(done) else done)
        return gave


def load_steps(setup: str | None, touch: str | None) -> Steps:
    """Return the steps by their names. Raises QprofError for one that does not exist."""
    return Steps(
        _callable(setup, "--setup") if setup else None,
        _callable(touch, "--touch") if touch and ":" in touch else touch,
    )


def _callable(reference: str, option: str) -> Callable[..., object]:
    found = load(reference)
    if not callable(found):
        raise QprofError(f"{option} {reference} is a {type(found).__name__}; name a function.")
    return found


def _takes_one(function: Callable[..., object]) -> bool:
    parameters = Maker(function).signature.values()
    return any(each.default is each.empty for each in parameters)


def _objects(value: object) -> Iterable[object]:
    """Yield what a call returned one by one; of `(list, total)` the items, not the total."""
    if isinstance(value, _MANY) and not isinstance(value, Row):
        for each in value:
            yield from _objects(each)
    elif not isinstance(value, _PLAIN):
        yield value


def _method(value: object, name: str) -> Callable[[], object]:
    found = getattr(value, name, None)
    if not callable(found):
        kind = type(value).__name__
        raise QprofError(
            f"--touch {name}: {kind} has no such method.{nearest(name, dir(value))} Name one of "
            "what the call returns, or a function as MODULE:ATTR."
        )
    found_method: Callable[[], object] = found
    return found_method
