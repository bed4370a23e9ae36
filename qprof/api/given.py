"""What the API is given: a call or a statement, and where its sessions come from."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import URL, Connection, Engine, Executable, SelectBase, event
from sqlalchemy.exc import UnboundExecutionError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_scoped_session,
    async_sessionmaker,
)
from sqlalchemy.orm import Query, Session, scoped_session, sessionmaker
from sqlalchemy.pool import Pool

from qprof.domain.errors import QprofError, WriteRefused
from qprof.domain.registry import unknown
from qprof.domain.sql.reading import written_table
from qprof.targets.code import Opened, Source, Steps, TargetCall
from qprof.targets.code.makers import Maker, runs_async
from qprof.targets.statements import refused

Sessions: TypeAlias = (
    str
    | URL
    | Engine
    | AsyncEngine
    | Session
    | AsyncSession
    | sessionmaker[Any]
    | async_sessionmaker[Any]
    | scoped_session[Any]
    | async_scoped_session[Any]
    | Callable[[], Any]
)
"""The URL of a database, an engine, a maker of sessions, a session, or a function that gives one.

Each run has a session of its own; from a session qprof takes only how to make one like it.
"""
Subject: TypeAlias = Callable[..., Any] | Executable | Query[Any]
"""A function or method, or a SELECT or Query that is not executed yet."""

T = TypeVar("T")
_OWN_RUN = "qprof_run"
"""Marks a pooled connection that was taken within a run; a user's open session has an older one."""
_ASYNC = (AsyncEngine, AsyncSession, async_sessionmaker, async_scoped_session)


@dataclass(frozen=True)
class GivenCall(TargetCall):
    """A call that was given as an object; it may know a session of its own, which is left alone."""

    opened: list[object] = field(default_factory=list)
    """Filled by the first run, in which its connections are looked at."""

    @contextmanager
    def open(self, source: Source) -> Iterator[Opened]:
        """Yield the call; its first run is refused a connection that was in use before.

        That is one of a session with a transaction of the user's, which a run would end.
        """
        with ExitStack() as stack:
            if not self.opened:
                stack.enter_context(_no_older_connection(self.name))
                self.opened.append(self.name)
            yield stack.enter_context(super().open(source))


@contextmanager
def _no_older_connection(name: str) -> Iterator[None]:
    run = object()

    def take(_: object, entry: Any, __: object) -> None:
        entry.info[_OWN_RUN] = run

    def check(connection: Connection, *_: object) -> None:
        if connection.info.get(_OWN_RUN) is not run and _LENT not in connection.info:
            raise QprofError(
                f"{name} uses a session that is in a transaction already, and qprof would run it "
                "several times in there. Give a function that takes a session, and the session: "
                "qprof.profile(lambda session: ..., session)."
            )

    event.listen(Pool, "checkout", take)
    event.listen(Engine, "before_cursor_execute", check)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", check)
        event.remove(Pool, "checkout", take)


def call_of(
    subject: Subject,
    *,
    is_async: bool,
    name: str | None = None,
    arguments: Mapping[str, Any] | None = None,
    touch: Callable[[Any], Any] | str | None = None,
    whole: bool = True,
) -> GivenCall:
    """Return what is to be run. Raises QprofError for what is no call, and wrong `arguments`.

    Where it is not looked at as a `whole`, its connections are not looked at.
    """
    if isinstance(subject, (SelectBase, Query)):
        function = _of_statement(subject, is_async=is_async)
        name = name or _selected(subject)
    elif callable(subject):
        function = subject
    else:
        raise QprofError(
            f"A {type(subject).__name__} was given; give a function, a method, or a select() or "
            "Query that is not executed yet."
        )
    maker = Maker(function, is_async=is_async)
    seen: list[object] = [] if whole else [subject]
    call = GivenCall(name or _named(subject), maker, steps=Steps(touch=touch), opened=seen)
    for each in arguments or {}:
        if each not in call.parameters and not call.takes_any:
            raise unknown("argument", each, call.parameters, f"of {call.name}")
    call = replace(call, arguments=dict(arguments or {}))
    if call.missing:
        missing = call.missing[0]
        raise QprofError(
            f"{call.name} needs {', '.join(call.missing)}. Give arguments={{{missing!r}: ...}}; a "
            "parameter that is a session has to be annotated so, or named session."
        )
    return call


def _of_statement(statement: SelectBase | Query[Any], *, is_async: bool) -> Callable[..., Any]:
    """Return a function that gives the statement to whoever runs it, in its own session."""
    if isinstance(statement, Query):

        def queried(session: Session) -> Any:
            return statement.with_session(session)

        return queried

    def of_async(session: AsyncSession) -> Any:
        return statement

    def of_plain(session: Session) -> Any:
        return statement

    return of_async if is_async else of_plain


def _selected(statement: Any) -> str:
    described = getattr(statement, "column_descriptions", ())
    names = [getattr(each.get("entity"), "__name__", each["name"]) for each in described]
    return f"select({', '.join(str(each) for each in dict.fromkeys(names))})"


def _named(function: Any) -> str:
    plain = getattr(function, "func", function)
    name = str(getattr(plain, "__qualname__", type(plain).__name__))
    return name.rpartition("<locals>.")[2].replace("<lambda>", "call")


def in_own_thread(work: Callable[[], T]) -> T:
    """Return what `work` returns; a loop cannot wait for another one in its own thread."""
    if not loop_is_running():
        return work()
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(copy_context().run, work).result()


def is_async(subject: Subject, session: Sessions | None) -> bool:
    """Return whether an event loop is needed to run it."""
    return isinstance(session, _ASYNC) or (
        not isinstance(subject, (SelectBase, Query)) and callable(subject) and runs_async(subject)
    )


def loop_is_running() -> bool:
    """Return whether this thread is within an event loop, as a notebook's cell is."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


_LENT = "qprof_lent"
"""Marks a connection of the user's own transaction, within which qprof runs calls."""


@contextmanager
def lent(connection: Any) -> Iterator[None]:
    """Mark a connection as one that qprof may use within the user's transaction."""
    connection.info[_LENT] = True
    try:
        yield
    finally:
        connection.info.pop(_LENT, None)


def maker_like(session: Session) -> Any:
    """Return what makes sessions as `session` is.

    In its transaction they see what it sees: each is within a savepoint, that is rolled back.
    Raises QprofError where it has changes that were not sent, or no one database.
    """
    options: dict[str, Any] = {
        "autoflush": session.autoflush,
        "expire_on_commit": session.expire_on_commit,
    }
    if not session.in_transaction():
        maker = sessionmaker(bind_of(session), class_=type(session), **options)
        return (
            maker
            if not isinstance(bind_of(session), Connection)
            else _within(bind_of(session), maker)
        )
    if session.new or session.dirty or session.deleted:
        raise QprofError(
            "The session has changes that were not sent, which no run would see. Call flush() or "
            "commit() first."
        )
    bind_of(session)
    connection = session.connection()
    return _within(connection, sessionmaker(connection, class_=type(session), **options))


def async_maker_like(session: AsyncSession) -> Any:
    """Return what makes sessions as `session` is. Raises QprofError within a transaction."""
    if session.in_transaction() or not isinstance(session.bind, AsyncEngine):
        raise QprofError(
            "The AsyncSession is in a transaction, or bound to a connection, which qprof cannot "
            "share. Commit or close it, or give its async_sessionmaker."
        )
    return async_sessionmaker(session.bind, class_=type(session))


def bind_of(session: Session) -> Any:
    """Return the engine or connection. Raises QprofError where there is no single one."""
    try:
        return session.get_bind()
    except UnboundExecutionError:
        raise QprofError(
            "The session has no single database (bind). Give its sessionmaker instead."
        ) from None


def _within(connection: Connection, maker: sessionmaker[Any]) -> Callable[[], Iterator[Any]]:
    def sessions() -> Iterator[Any]:
        with lent(connection):
            outer = connection.begin_nested()
            session = maker(join_transaction_mode="create_savepoint")
            # Its savepoint is set here, so that it is no statement of the call.
            session.connection()
            event.listen(connection, "before_cursor_execute", _refuse_writes)
            try:
                yield session
            finally:
                event.remove(connection, "before_cursor_execute", _refuse_writes)
                session.close()
                if outer.is_active:
                    outer.rollback()

    return sessions


def _refuse_writes(connection: Connection, _: object, statement: str, *rest: Any) -> None:
    if written_table(statement) or refused(connection.dialect.name, statement):
        raise WriteRefused(
            "The call writes to the database, and qprof only reads: "
            f"{' '.join(statement.split()[:3])}. Run it on calls that read."
        )
