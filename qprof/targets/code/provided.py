"""Functions whose decorator gives them a session: it is then not ours to give.

No signature tells a decorator that passes everything on from one that adds a session, so the
function is asked: Python refuses the second session before anything of the function runs.
"""

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakSet

from qprof.targets.code.makers import Maker
from qprof.targets.code.source import no_session

_REFUSED = re.compile(r"got (?:multiple values for|an unexpected keyword) argument '(\w+)'")
_MISSING = re.compile(r"missing \d+ required .*arguments?: .*'(\w+)'")
_provided: "WeakSet[Any]" = WeakSet()


def without_session(
    maker: Maker, call: Callable[..., object], given: Mapping[str, object]
) -> Callable[[], object]:
    """Return what runs `call`, without the session where the function's decorator gives one.

    `call` has all of `given` in place already.
    """
    if not maker.is_decorated:
        return call
    plain = inspect.unwrap(maker.function)

    def bare() -> object:
        rest = {name: each for name, each in given.items() if name not in maker.needs}
        return maker.function(**rest)

    def run() -> object:
        if plain in _provided:
            return bare()
        try:
            value = call()
        except TypeError as error:
            return _again(error, maker, plain, bare)
        return _later(value) if inspect.iscoroutine(value) else value

    async def _later(value: Any) -> object:
        try:
            return await value
        except TypeError as error:
            return await _again(error, maker, plain, bare)

    return run


def _again(error: TypeError, maker: Maker, plain: object, bare: Callable[[], object]) -> Any:
    missing, refused = (each.search(str(error)) for each in (_MISSING, _REFUSED))
    if missing is not None and missing[1] in maker.needs:
        raise no_session() from None
    if refused is None or refused[1] not in maker.needs:
        raise error
    _provided.add(plain)
    return bare()
