"""Where the sessions and engines of a run come from: a database that was named, or the user's own.

One source serves all runs of one invocation: its engines and its event loop are made once.
"""

from collections.abc import Callable, Hashable
from contextlib import ExitStack
from functools import cached_property
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncEngine, async_scoped_session
from sqlalchemy.orm import scoped_session

from qprof.domain.errors import MeasureError, QprofError
from qprof.targets.code.entering import entered
from qprof.targets.code.guard import Guard
from qprof.targets.code.loop import Loop
from qprof.targets.code.needs import Kind, Need
from qprof.targets.code.sessions import maker_at, maker_of, refuse_unbound, scoped, session_from
from qprof.targets.database import (
    async_engine,
    database_here,
    is_async_driver,
    parse_url,
    redact,
    sync_engine,
)
from qprof.targets.web.secrets import HIDDEN


class Source:
    """Gives what parameters need. Without a `url`, sessions come from `own`, the user's maker."""

    def __init__(self, url: str | None = None, own: object = None) -> None:
        self.own = own
        self.loop = Loop()
        self.guard = Guard(self.loop)
        self._kept: dict[Hashable, Any] = {}
        self.secrets: set[str] = set()
        """What requests hold that no output may show."""
        self._leaving = ExitStack()
        self.use(url)

    def use(self, url: str | None) -> None:
        """Take everything from the database at `url`. Raises QprofError where that is no URL."""
        self.url = parse_url(url) if url is not None else None
        if url is not None:
            refuse_unbound(self.own)

    def __enter__(self) -> "Source":
        self.guard.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        try:
            self._leaving.close()
        finally:
            self._end(*error)

    def kept(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what `make` gives, made and entered once for all runs, and finished at the end."""
        if key not in self._kept:
            self._kept[key] = entered(make(), self._leaving, self.loop)
        return self._kept[key]

    def _end(self, *error: object) -> None:
        self.guard.__exit__(*error)
        if "async_engine" in vars(self):
            self.loop.run(self.async_engine.dispose())
        if "engine" in vars(self):
            self.engine.dispose()
        self.loop.close()

    @cached_property
    def engine(self) -> Engine:
        """The database, read-only. Raises QprofError where none was named."""
        if self.url is not None:
            return sync_engine(self.url)
        found: Engine = self._known(_engine_of(self.own), Engine)
        return found

    @cached_property
    def async_engine(self) -> AsyncEngine:
        """The same for async code."""
        if self.url is not None:
            return async_engine(self.url)
        found: AsyncEngine = self._known(_engine_of(self.own), AsyncEngine)
        return found

    def reached(self) -> Engine | None:
        """Return the database that was named, once it has answered.

        None where none was named, or only an async driver for it is installed. Raises as
        `qprof.targets.database.sync_engine` does.
        """
        if self.url is None:
            return None
        try:
            return self.engine
        except MeasureError:
            raise
        except QprofError:
            if is_async_driver(self.url):
                return None
            raise

    def owns(self, engine: Engine) -> bool:
        """Return whether an engine that was seen is this source's, under whatever options."""
        own = [vars(self).get("engine"), getattr(vars(self).get("async_engine"), "sync_engine", 0)]
        return any(getattr(each, "pool", None) is engine.pool for each in own)

    def redacted(self, text: str) -> str:
        """Return `text` without the password of any database and any secret that is known here."""
        for url in (self.url, getattr(_engine_of(self.own), "url", None)):
            text = redact(text, url) if url is not None else text
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return text

    def supplies(self) -> bool:
        """Return whether sessions can be had at all."""
        return self.url is not None or self.own is not None

    def give(self, need: Need, stack: ExitStack) -> Any:
        """Return what `need` asks for; `stack` closes it."""
        if need.kind is Kind.SESSION:
            return session_from(self._factory(need), stack, self.loop)
        if need.kind is Kind.FACTORY:
            return self._factory(need)
        if need.kind is Kind.SCOPED:
            return self._scoped(need, stack)
        engine: Any = self.async_engine if need.is_async else self.engine
        return engine if need.kind is Kind.ENGINE else self._connection(engine, stack)

    def _factory(self, need: Need) -> Any:
        if self.url is None:
            self._known(self.own, object)
            return maker_of(self.own, need)
        return maker_at(self.async_engine if need.is_async else self.engine, self.own, need)

    def _scoped(self, need: Need, stack: ExitStack) -> Any:
        factory = self._factory(need)
        if isinstance(factory, (scoped_session, async_scoped_session)):
            return factory
        registry = scoped(factory, self.own)
        if isinstance(registry, async_scoped_session):
            stack.callback(lambda: self.loop.run(registry.remove()))
        else:
            stack.callback(registry.remove)
        return registry

    def _connection(self, engine: Any, stack: ExitStack) -> object:
        if isinstance(engine, Engine):
            return stack.enter_context(engine.connect())
        return entered(engine.connect(), stack, self.loop)

    def _known(self, found: object, kind: type) -> Any:
        if found is None or not isinstance(found, kind):
            raise no_session()
        return found


def _engine_of(own: object) -> object:
    """Return the engine that a user's maker of sessions is bound to; None where that is unknown."""
    if isinstance(own, (Engine, AsyncEngine)):
        return own
    maker = getattr(own, "session_factory", own)
    return getattr(maker, "kw", {}).get("bind")


class NoSession(QprofError):
    """A call takes a session or an engine, and nothing gives one."""


def no_session() -> NoSession:
    """Return the sentence for a call that takes what nothing here gives."""
    beside = database_here()
    example = beside or "sqlite:///app.db"
    found = NoSession(
        f"The call needs a session or an engine, and qprof has none. Add --database URL, for "
        f"example --database {example}; or --sessions MODULE:ATTR, your own "
        "sessionmaker, engine, or function that returns a session."
    )
    found.lacks = f"--database {beside or 'URL'}"
    return found
