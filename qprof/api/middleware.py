"""`qprof.asgi` and `qprof.wsgi`: what each request sends, in the log and in a header.

For development: off unless `enabled` or the environment variable QPROF_MIDDLEWARE says so.
"""

import logging
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from contextlib import ExitStack
from typing import Any

from qprof.api.recorded import RecordResult
from qprof.domain.errors import QprofError
from qprof.domain.words import counted
from qprof.measure.capture import record as capture

VARIABLE = "QPROF_MIDDLEWARE"
_OFF = ("", "0", "false", "no", "off")
_log = logging.getLogger("qprof")
Message = MutableMapping[str, Any]
AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]
WsgiApp = Callable[..., Iterable[bytes]]


def asgi(app: AsgiApp, *, enabled: bool | None = None) -> AsgiApp:
    """Return `app` with each HTTP request recorded; `app` itself where that is switched off."""
    if not _is_on(enabled):
        return app

    async def recorded(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        result = RecordResult(f"{scope['method']} {scope['path']}")

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                value = _timing(result).encode("latin-1", "replace")
                message = {
                    **message,
                    "headers": [*message.get("headers", ()), (b"server-timing", value)],
                }
            await send(message)

        try:
            with capture(into=result.recording):
                await app(scope, receive, sending)
        finally:
            _tell(result)

    return recorded


def wsgi(app: WsgiApp, *, enabled: bool | None = None) -> WsgiApp:
    """Return `app` with each request recorded; `app` itself where that is switched off."""
    if not _is_on(enabled):
        return app

    def recorded(environ: Any, start_response: Any) -> Iterable[bytes]:
        name = f"{environ.get('REQUEST_METHOD', '')} {environ.get('PATH_INFO', '')}"
        result = RecordResult(name)

        def starting(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, [*headers, ("Server-Timing", _timing(result))], *error)

        with ExitStack() as stack:
            stack.callback(_tell, result)
            stack.enter_context(capture(into=result.recording))
            body = app(environ, starting)
            close = getattr(body, "close", None)
            if close is not None:
                stack.callback(close)
            return _Body(body, stack.pop_all())

    return recorded


class _Body(Iterator[bytes]):
    """The response, whose end is the end of the recording."""

    def __init__(self, parts: Iterable[bytes], stack: ExitStack) -> None:
        self._parts, self._stack = iter(parts), stack

    def __next__(self) -> bytes:
        try:
            return next(self._parts)
        except BaseException:
            # At its end, too: not every server closes a response.
            self.close()
            raise

    def close(self) -> None:
        """End the recording, and the response of the application; the second time nothing."""
        self._stack.close()


def _is_on(enabled: bool | None) -> bool:
    said = os.environ.get(VARIABLE, "").strip().lower() not in _OFF
    return said if enabled is None else enabled


def _timing(result: RecordResult) -> str:
    """Return the header: counts, the time in the driver, and the ids of rules; no text of SQL."""
    try:
        executions = result.executions
        milliseconds = 1000 * sum(each.execute + (each.fetch or 0.0) for each in executions)
        about = f"{counted(result.queries, 'query')}, {counted(result.rows, 'row')}"
        rules = sorted({f"{each.rule}" for each in result.findings}) if executions else []
    except QprofError as error:
        _log.warning("%s", error)
        return "qprof"
    parts = [f'db;dur={milliseconds:.1f};desc="{about.replace(",", "")}"']
    return ", ".join([*parts, *(f"qprof-{rule.lower()}" for rule in rules)])


def _tell(result: RecordResult) -> None:
    """Log what the request sent: a line for it, and one with the fix for each finding."""
    try:
        if not result.recording.sent:
            return
        counts = ((result.queries, "query"), (result.rows, "row"), (result.cells, "cell"))
        _log.info("%s: %s", result.name, ", ".join(counted(*each) for each in counts))
        for each in result.findings:
            place = f" at {each.location.place}" if each.location else ""
            text = f"{each.rule} {each.name}{place}: {each.message} Fix: {each.fix}"
            level = logging.WARNING if each.level in ("warning", "error") else logging.INFO
            _log.log(level, "%s: %s", result.name, text)
    except QprofError as error:
        _log.warning("%s", error)
