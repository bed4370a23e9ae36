"""Tasks and threads: each execution belongs to the recording of its own context, or to none."""

from __future__ import annotations

import asyncio
import contextvars
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import create_engine, select, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import selectinload

from qprof.measure.capture import listeners_installed, record
from tests.measure.capture.models import Author, Tag
from tests.measure.capture.seen import loads, totals

ONE = text("SELECT 1")


def in_thread(work: Callable[[], None]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_tasks_have_recordings_of_their_own(house):
    """Five tasks that run at once, each with its own session, count each their own."""

    async def work(engine, number):
        with record() as recording:
            async with AsyncSession(engine) as session:
                for _ in range(number):
                    statement = select(Author).options(selectinload(Author.books))
                    (await session.scalars(statement)).all()
                    await asyncio.sleep(0)
        return totals(recording)

    async def main():
        engine = create_async_engine(house.replace("sqlite:", "sqlite+aiosqlite:"))
        found = await asyncio.gather(*[work(engine, number) for number in range(5)])
        await engine.dispose()
        return found

    found = asyncio.run(main())
    once = 12 * 3 + 40 * 4
    assert found == [(2 * n, 52 * n, once * n) for n in range(5)]


def test_tasks_started_inside_belong_to_the_recording(house):
    """A task inherits the context of whoever started it."""

    async def work(engine):
        async with AsyncSession(engine) as session:
            (await session.scalars(select(Tag))).all()

    async def main():
        engine = create_async_engine(house.replace("sqlite:", "sqlite+aiosqlite:"))
        with record() as recording:
            await asyncio.gather(work(engine), work(engine), work(engine))
        await engine.dispose()
        return recording

    assert totals(asyncio.run(main())) == (3, 15, 30)


def test_a_task_that_outlives_its_recording_is_not_counted(house):
    """After the block nothing is added, even while another recording keeps the listeners."""

    async def main():
        engine = create_async_engine(house.replace("sqlite:", "sqlite+aiosqlite:"))
        go = asyncio.Event()

        async def late():
            await go.wait()
            async with AsyncSession(engine) as session:
                (await session.scalars(select(Tag))).all()

        with record() as first:
            task = asyncio.create_task(late())
            await asyncio.sleep(0)
        with record() as second:
            go.set()
            await task
        await engine.dispose()
        return first, second

    first, second = asyncio.run(main())
    assert totals(first) == totals(second) == (0, 0, 0)


def test_a_recording_may_end_in_another_context(engine):
    """Async fixtures do so: all is cleaned up, and later recordings are whole."""
    opened = record()
    recording = contextvars.copy_context().run(opened.__enter__)
    with engine.connect() as connection:
        connection.execute(ONE).all()
    opened.__exit__(None, None, None)
    assert not listeners_installed()
    assert totals(recording) == (1, 1, 1)


def test_a_thread_belongs_to_the_only_recording(engine):
    """A thread inherits no context; with one recording open there is no doubt."""

    def work():
        with engine.connect() as connection:
            connection.execute(ONE).all()

    with record() as recording:
        in_thread(work)
    assert totals(recording) == (1, 1, 1)


def test_missed_threads_beside_two_recordings(engine):
    """Miss: with two recordings open, a new thread's statement belongs to neither."""

    def work():
        with engine.connect() as connection:
            connection.execute(ONE).all()

    with record() as outer, record() as inner:
        in_thread(work)
    assert totals(outer) == totals(inner) == (0, 0, 0)


def test_a_thread_with_a_copied_context_is_counted(engine):
    """`asyncio.to_thread` and `copy_context` say to whom a thread belongs."""

    def work():
        with engine.connect() as connection:
            connection.execute(ONE).all()

    with record() as outer, record() as inner:
        in_thread(lambda: None)
        context = contextvars.copy_context()
        in_thread(lambda: context.run(work))
        asyncio.run(asyncio.to_thread(work))
    assert (totals(outer)[0], totals(inner)[0]) == (0, 2)


def test_threads_with_recordings_of_their_own(house):
    """Recordings that open and close at once never lose a statement to each other's clean-up."""
    barrier = threading.Barrier(4)

    def work(_):
        engine = create_engine(house)
        found = []
        with engine.connect() as connection:
            barrier.wait()
            for _ in range(150):
                with record() as recording:
                    connection.execute(ONE).all()
                found.append(totals(recording))
        engine.dispose()
        return found

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(work, range(4)))
    finally:
        sys.setswitchinterval(interval)
    assert {each for thread in found for each in thread} == {(1, 1, 1)}


def test_a_lazy_load_in_a_task_has_its_path(house):
    """Attribution works across the greenlet, too."""

    async def main():
        engine = create_async_engine(house.replace("sqlite:", "sqlite+aiosqlite:"))
        async with AsyncSession(engine) as session:
            with record() as recording:
                await session.run_sync(
                    lambda s: [author.books for author in s.scalars(select(Author))]
                )
        await engine.dispose()
        return recording

    assert loads(asyncio.run(main())) == [("root", None, 1), ("lazy", "Author.books", 12)]
