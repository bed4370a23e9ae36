"""QP701 blocked-event-loop."""

from collections.abc import Iterable, Sequence

from qprof.domain.report import Finding
from qprof.domain.trace import Call, Execution
from qprof.domain.words import counted
from qprof.judge.rules.rule import Rule
from qprof.judge.rules.thresholds import Thresholds
from qprof.judge.rules.wording import places


class BlockedEventLoop(Rule):
    """A blocking query in an event loop.

    A statement was sent by a synchronous session or connection in a thread whose event loop was
    running.

    Why
    ---
    The loop waits for the database, and everything else of that process waits along: other
    requests, heartbeats, health checks. Alone, the call is as quick as ever; under load each
    request waits for the sum of those before it.

    How to fix
    ----------
    Use an async engine and AsyncSession. Or keep the synchronous code, and run it in a thread: in
    FastAPI and Starlette that is what `def` does in place of `async def`.

        # bad
        async def artists(session: Session = Depends(get_session)):
            return session.scalars(select(Artist)).all()
        # good
        async def artists(session: AsyncSession = Depends(get_session)):
            return (await session.scalars(select(Artist))).all()
        # good, with the synchronous session
        def artists(session: Session = Depends(get_session)):
            return session.scalars(select(Artist)).all()
        # good, inside of a coroutine
        found = await asyncio.to_thread(load_artists)

    When to ignore
    --------------
    When nothing else runs on that loop: a script under asyncio.run(), an async view of Flask,
    start-up before the first request. Notebooks are left alone: their cells run on a loop.
    """

    id = "QP701"
    name = "blocked-event-loop"
    level = "warning"

    def inspect(self, call: Call, thresholds: Thresholds) -> Iterable[Finding]:
        """Yield one finding for a call that blocks a loop, at the line that blocks it longest."""
        blocking = [each for each in call.executions if each.blocked]
        if not blocking:
            return
        longest = max(blocking, key=lambda each: (each.blocked_seconds, each.blocked))
        yield self.finding(
            call,
            paths=(),
            title="a synchronous driver blocks a running event loop",
            facts=_facts(blocking, longest),
            fix="Use an AsyncSession there, or run the function in a thread: `await "
            "asyncio.to_thread(...)`; in FastAPI write `def` in place of `async def`.",
            evidence={
                "queries": sum(each.blocked for each in blocking),
                "seconds": round(sum(each.blocked_seconds for each in blocking), 6),
            },
            location=longest.site,
            subject=longest.site.function if longest.site else "",
        )


def _facts(blocking: Sequence[Execution], longest: Execution) -> str:
    queries = sum(each.blocked for each in blocking)
    milliseconds = 1000 * sum(each.blocked_seconds for each in blocking)
    were, them = ("was", "it") if queries == 1 else ("were", "they")
    return (
        f"{counted(queries, 'statement')} {were} sent{places([longest.site])}. Nothing else ran on "
        f"the loop for the {milliseconds:,.1f} ms that {them} took."
    )
