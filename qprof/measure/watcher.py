"""The program of a process that ends what a server still does for a qprof that was killed.

`qprof.measure.if_killed` starts it by its path. It needs the standard library and the drivers that
it is told of. It imports each while qprof lives: afterwards that would take longer, on a busy
machine a second, than to connect and to end the connections.

Each line of its input is a JSON text: the `sys.path` of qprof, then one object for each connection,
and `null` when qprof ends in good order. What the input says never reaches an argument, the
environment or an output, since it holds passwords.
"""

import json
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from typing import Any

_SECONDS = 30
"""After so many seconds the process ends, also if a server does not answer."""


def main() -> None:
    """Wait for the end of qprof; end its connections unless it says that it ended well."""
    messages: list[Any] = []
    for each in _messages():
        _prepare(each, first=not messages)
        messages.append(each)
    if messages and messages[-1] is not None:
        work = threading.Thread(target=_end_all, args=(messages[1:],), daemon=True)
        work.start()
        work.join(_SECONDS)


def _prepare(message: Any, *, first: bool) -> None:
    """Take over the `sys.path` of qprof, or import the driver of a connection."""
    if first:
        sys.path[:] = message
    elif message is not None:
        # What cannot be imported is told by nobody: `_end` tries it once more.
        with suppress(Exception):
            import_module(message["way"]["module"])
            if message["way"]["module"] == "asyncpg":
                import_module("asyncio")


def _end_all(connections: list[dict[str, Any]]) -> None:
    ways = defaultdict(list)
    for each in connections:
        ways[json.dumps(each["way"])].append(each)
    for alike in ways.values():
        with suppress(Exception):
            _end(alike)


def _messages() -> Iterator[Any]:
    for line in sys.stdin.buffer:
        # qprof may be killed while it writes the last line.
        with suppress(ValueError):
            yield json.loads(line)


def _end(connections: list[dict[str, Any]]) -> None:
    """End connections that were all opened in the same way. Raises what the driver raises."""
    way = connections[0]["way"]
    module = import_module(way["module"])
    if way["module"] == "asyncpg":
        import_module("asyncio").run(_end_by_asyncpg(module, connections))
        return
    connection = module.connect(*way["arguments"], **way["options"])
    for each in connections:
        cursor = connection.cursor()
        # MariaDB and MySQL refuse to kill a connection that has ended.
        with suppress(module.Error):
            for statement in _statements(each):
                cursor.execute(statement)
                if cursor.description is None or cursor.fetchone() is None:
                    break


async def _end_by_asyncpg(asyncpg: Any, connections: list[dict[str, Any]]) -> None:
    way = connections[0]["way"]
    connection = await asyncpg.connect(*way["arguments"], **way["options"])
    for each in connections:
        for statement in _statements(each):
            if not await connection.fetch(statement):
                break


def _statements(connection: dict[str, Any]) -> Iterator[str]:
    """Yield statements, of which each is run only if the one before it brought a row."""
    for each in connection["statements"]:
        yield each.replace("{seconds}", str(int(time.monotonic() - connection["known_at"])))


if __name__ == "__main__":
    main()
