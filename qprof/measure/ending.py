"""Ends what a database does for this process, from another thread, when it is no longer wanted.

Python runs the handler of a signal only between two of its own instructions, and a driver of C
(psycopg2, sqlite3) waits for its database in one. PyMySQL and aiomysql only hang up, and MariaDB
goes on. The others are told here no worse than they tell it themselves.
"""

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.pool import Pool
from sqlalchemy.util import await_only, greenlet_spawn

from qprof.domain.interrupts import begin, is_own

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def at_signals(end: Callable[[], None]) -> Iterator[None]:
    """Call `end` in a thread of its own when Ctrl-C or SIGTERM comes from outside.

    In another thread than the main one, signals are not heard.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    listening, written = socket.socketpair()
    written.setblocking(False)
    thread = threading.Thread(target=_listen, args=(listening, end), daemon=True)
    thread.start()
    begin("listener")
    before = signal.set_wakeup_fd(written.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        written.close()
        thread.join()
        listening.close()


def _listen(listening: socket.socket, end: Callable[[], None]) -> None:
    while data := listening.recv(1):
        if data[0] in _SIGNALS and not is_own(data[0], "listener"):
            with suppress(Exception):
                end()


def end_statement(driver: Any, pool: Pool, dialect: Dialect) -> None:
    """End what a driver's connection out of `pool` waits for, where the driver can.

    A task that waits for asyncpg ends its statement when it is cancelled. Raises what the driver
    raises.
    """
    if dialect.name == "sqlite":
        # That of aiosqlite is a coroutine that waits for nothing.
        sent = driver.interrupt()
        with suppress(StopIteration):
            if sent is not None:
                sent.send(None)
    elif hasattr(driver, "thread_id"):
        number = int(driver.thread_id())
        if dialect.is_async:
            asyncio.run(greenlet_spawn(_kill_query, pool, number))
        else:
            _kill_query(pool, number)
    elif hasattr(driver, "cancel"):
        driver.cancel()


def _kill_query(pool: Pool, thread_id: int) -> None:
    """End the statement of a connection to MariaDB or MySQL, by a connection of its own.

    Raises what the driver raises.
    """
    fresh = pool.recreate()
    raw = fresh.connect()
    own: Any = raw.driver_connection
    # The class's own method: that of the instance is watched, and refuses to let a call KILL.
    sent = type(own).query(own, f"KILL QUERY {thread_id}")
    if asyncio.iscoroutine(sent):
        await_only(sent)
    raw.close()
    fresh.dispose()
