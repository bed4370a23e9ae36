"""With --database, sessions are the user's own in all but the database that they ask."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import create_engine, event, select
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_scoped_session,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.ext.horizontal_shard import ShardedSession
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Query,
    Session,
    mapped_column,
    scoped_session,
    sessionmaker,
    with_loader_criteria,
)

from qprof.domain.errors import QprofError
from qprof.measure.experiments.runner import Runner
from qprof.targets.code import Source, find_calls


class Base(DeclarativeBase):
    pass


class Card(Base):
    __tablename__ = "card"
    id: Mapped[int] = mapped_column(primary_key=True)
    binned: Mapped[bool]


def _hide(state: Any) -> None:
    if state.is_select:
        hidden = with_loader_criteria(Card, lambda cls: cls.binned.is_(False))
        state.statement = state.statement.options(hidden)


class Audited(Session):
    """Has a method of its own, as SQLModel's session has `exec`."""

    def exec(self, statement: Any) -> list[Any]:
        return list(self.scalars(statement))


class Soft(Audited):
    """Hides what is binned, by a listener on the class."""


event.listen(Soft, "do_orm_execute", _hide)


class AsyncAudited(AsyncSession):
    async def exec(self, statement: Any) -> list[Any]:
        return list(await self.scalars(statement))


class AsyncSoft(AsyncAudited):
    sync_session_class = Soft


class Patient(Query[Any]):
    def every(self) -> list[Any]:
        return self.filter(Card.binned.is_(False)).all()


class Tenants(sessionmaker[Session]):
    """Says for whom it makes a session."""

    def __call__(self, **options: Any) -> Session:
        return super().__call__(info={"tenant": 7}, **options)


class Replicas(Session):
    """Chooses an engine by itself; both are empty databases."""

    reading = create_engine("sqlite://")
    writing = create_engine("sqlite://", execution_options={"schema_translate_map": {"t": None}})

    def get_bind(self, *arguments: Any, **options: Any) -> Any:
        return self.writing if self._flushing or self.info.get("writes") else self.reading


def _listened(kind: type[Session]) -> Any:
    maker = sessionmaker(class_=kind)
    event.listen(maker, "do_orm_execute", _hide)
    return maker


def _sharded() -> Any:
    return sessionmaker(
        class_=ShardedSession,
        shards={"a": create_engine("sqlite://")},
        shard_chooser=lambda *_, **__: "a",
        identity_chooser=lambda *_, **__: ["a"],
        execute_chooser=lambda *_: ["a"],
    )


EVERY = select(Card)
S = TypeVar("S", bound=Audited)


def plain(session: Session) -> Any:
    return session.scalars(EVERY).all()


def audited(session: Audited) -> Any:
    return session.exec(EVERY)


def perhaps(session: Audited | None) -> Any:
    assert session is not None
    return session.exec(EVERY)


def bounded(session: S) -> Any:
    return session.exec(EVERY)


def made(session_factory: sessionmaker[Audited]) -> Any:
    with session_factory() as session:
        return session.exec(EVERY)


def called(make: Callable[[], Audited]) -> Any:
    with make() as session:
        return session.exec(EVERY)


def registered(registry: scoped_session[Audited]) -> Any:
    return registry().exec(EVERY)


def soft(session: Soft) -> Any:
    return session.exec(EVERY)


def queried(session: Session) -> Any:
    return session.query(Card).every()


def tenant(session: Session) -> Any:
    assert session.info == {"tenant": 7}
    return session.scalars(EVERY).all()


def unsent(session: Session) -> Any:
    return EVERY


async def awaited(session: AsyncSession) -> Any:
    return (await session.scalars(EVERY)).all()


async def async_audited(session: AsyncAudited) -> Any:
    return await session.exec(EVERY)


async def async_made(session_factory: async_sessionmaker[AsyncAudited]) -> Any:
    async with session_factory() as session:
        return await session.exec(EVERY)


async def async_registered(registry: async_scoped_session[AsyncSession]) -> Any:
    return EVERY


MEMBERS: dict[str, tuple[Any, Any, int]] = {
    "no maker": (plain, None, 4),
    "class of the annotation": (audited, None, 4),
    "annotation or None": (perhaps, None, 4),
    "bound of a type variable": (bounded, None, 4),
    "sessionmaker of a class": (made, None, 4),
    "callable that gives one": (called, None, 4),
    "scoped session of a class": (registered, None, 4),
    "class with a listener": (soft, None, 1),
    "class_": (audited, sessionmaker(class_=Audited), 4),
    "listener on the class": (plain, sessionmaker(class_=Soft), 1),
    "listener on the sessionmaker": (plain, _listened(Session), 1),
    "listener on the sessionmaker of a class": (audited, _listened(Audited), 1),
    "scoped session": (plain, scoped_session(sessionmaker(class_=Soft)), 1),
    "registry, from a maker": (registered, sessionmaker(class_=Soft), 1),
    "query_cls": (queried, sessionmaker(query_cls=Patient), 1),
    "sessionmaker with a class of its own": (tenant, Tenants(), 4),
    "binds": (plain, sessionmaker(binds={Card: create_engine("sqlite://")}), 4),
    "get_bind": (plain, sessionmaker(class_=Replicas), 4),
    "get_bind, with options": (plain, sessionmaker(class_=Replicas, info={"writes": True}), 4),
    "unsent statement": (unsent, sessionmaker(class_=Soft), 1),
    "async class of the annotation": (async_audited, None, 4),
    "async_sessionmaker of a class": (async_made, None, 4),
    "async class_": (async_audited, async_sessionmaker(class_=AsyncSoft), 1),
    "sync_session_class": (awaited, async_sessionmaker(sync_session_class=Soft), 1),
    "sync_session_class that is a maker": (
        awaited,
        async_sessionmaker(sync_session_class=_listened(Session)),
        1,
    ),
    "async get_bind": (awaited, async_sessionmaker(sync_session_class=Replicas), 4),
    "async call, plain maker": (awaited, sessionmaker(class_=Soft), 1),
    "plain call, async maker": (plain, async_sessionmaker(class_=AsyncSoft), 1),
    "async registry": (
        async_registered,
        async_scoped_session(async_sessionmaker(class_=AsyncSoft), scopefunc=lambda: 1),
        1,
    ),
}


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return a database of four cards, of which three are binned."""
    with sqlite3.connect(tmp_path / "cards.db") as database:
        database.execute("CREATE TABLE card (id INTEGER PRIMARY KEY, binned BOOLEAN)")
        database.executemany("INSERT INTO card VALUES (?, ?)", [(1, 0), (2, 1), (3, 1), (4, 1)])
    database.close()
    return f"sqlite:///{tmp_path}/cards.db"


@pytest.mark.parametrize(("function", "own", "right"), MEMBERS.values(), ids=MEMBERS)
def test_keeps_the_session_of_the_user(function: Any, own: Any, right: int, url: str) -> None:
    """Its class, its options and its listeners; only the database is another."""
    (call,) = find_calls(function, "app:it").values()
    with Source(url, own) as source, call.open(source) as opened:
        assert len(opened.invoke()) == right


def test_refuses_shards_in_one_database(url: str) -> None:
    """Each row would be read once for each shard."""
    with pytest.raises(QprofError, match="asks several databases"):
        Source(url, _sharded())


def test_runs_shards_of_the_user() -> None:
    """Without --database, they are asked as they are."""
    maker = _sharded()
    (call,) = find_calls(plain, "app:it").values()
    with Source(None, maker) as source:
        with source.guard.relaxed():
            Base.metadata.create_all(maker.kw["shards"]["a"])
        with call.open(source) as opened:
            assert opened.invoke() == []


def test_refuses_a_session_that_needs_arguments(url: str) -> None:
    """Only the user knows what to make it with."""

    class Tenant(Session):
        def __init__(self, tenant: int, **options: Any) -> None:
            super().__init__(**options)

    def call(session: Tenant) -> None: ...

    (found,) = find_calls(call, "app:it").values()
    with (
        Source(url) as source,
        pytest.raises(QprofError, match=r"takes a Tenant.*--sessions"),
        found.open(source),
    ):
        pass


class Holder:
    def __init__(self, session: Any) -> None:
        self.session = session


class Slots:
    __slots__ = ("__session",)

    def __init__(self, session: Any) -> None:
        self.__session = session


HOLDERS = {
    "attribute": Holder,
    "slot": Slots,
    "list": lambda session: [session],
    "dict": lambda session: {"session": session},
    "holder of a holder": lambda session: Holder(Slots(session)),
    "engine": lambda session: Holder(session.bind),
    "registry": lambda session: Holder(scoped_session(sessionmaker(session.bind))),
}


@pytest.mark.parametrize("hold", HOLDERS.values(), ids=HOLDERS)
@pytest.mark.parametrize("kind", [Session, AsyncSession])
def test_an_object_that_holds_a_session_can_be_returned(kind: Any, hold: Any) -> None:
    """A session is no part of the value, and is not looked into: inspect() would connect."""
    engine = (
        create_engine("sqlite://")
        if kind is Session
        else create_async_engine("sqlite+aiosqlite://")
    )
    session = kind(engine)

    def call() -> Any:
        return hold(session)

    (found,) = find_calls(call, "app:it").values()
    with Source(None, sessionmaker(create_engine("sqlite://"))) as source:
        seen = Runner(lambda: found.open(source)).discover()
    assert [note for note in seen.notes if "Name the calls that use it" in note]
