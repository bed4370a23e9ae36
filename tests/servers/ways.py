"""Ways to write. Each leaves its own name in a row, so that a row which stays tells by which way.

What refuses a call's writes is different for each way: a session, an engine, a raw connection, a
thread, a text that the database takes for no write. `WAYS` holds them by name.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import create_engine, delete, event, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    scoped_session,
    sessionmaker,
)
from sqlalchemy.types import String


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(200))


URL = os.environ["QPROF_TEST_WAYS"]
ASYNC_URL = os.environ["QPROF_TEST_WAYS_ASYNC"]
engine = create_engine(URL)
async_engine = create_async_engine(ASYNC_URL)
NAME = engine.dialect.name
Own = sessionmaker(engine)
AsyncOwn = async_sessionmaker(async_engine)
WAYS: dict[str, Callable[..., Any]] = {}
PROCEDURES = {
    "postgresql": (
        "CREATE FUNCTION scribble(name text) RETURNS bigint LANGUAGE sql AS "
        "'INSERT INTO notes (text) VALUES (name) RETURNING id'",
        "CREATE PROCEDURE scribbling(name text) LANGUAGE plpgsql AS "
        "'BEGIN INSERT INTO notes (text) VALUES (name); COMMIT; END'",
        "CREATE SEQUENCE numbers",
    ),
    "mariadb": (
        "CREATE PROCEDURE scribbling(name varchar(200)) BEGIN START TRANSACTION; "
        "INSERT INTO notes (text) VALUES (name); COMMIT; END",
        "CREATE SEQUENCE numbers",
    ),
    "sqlite": (),
}
"""What a database is given before, beside its table."""


def way(function: Callable[..., Any]) -> Callable[..., Any]:
    WAYS[function.__name__] = function
    return function


def only(*names: str) -> Callable[..., Any]:
    return way if NAME in names else lambda function: function


def written(name: str) -> str:
    return f"INSERT INTO notes (text) VALUES ('{name}')"


# Sessions


@way
def adds_and_commits(session: Session) -> None:
    session.add(Note(text="adds_and_commits"))
    session.commit()


@way
def adds_and_flushes(session: Session) -> None:
    session.add(Note(text="adds_and_flushes"))
    session.flush()


@way
def autoflushes(session: Session) -> list[Note]:
    session.add(Note(text="autoflushes"))
    return list(session.scalars(select(Note)))


@way
def begins_a_block(session: Session) -> None:
    with session.begin():
        session.add(Note(text="begins_a_block"))


@way
def begins_a_savepoint(session: Session) -> None:
    session.scalars(select(Note)).all()
    with session.begin_nested():
        session.add(Note(text="begins_a_savepoint"))
    session.commit()


@way
def reads_and_commits_first(session: Session) -> None:
    session.scalars(select(Note)).all()
    session.commit()
    session.add(Note(text="reads_and_commits_first"))
    session.commit()


@way
def rolls_back_first(session: Session) -> None:
    session.scalars(select(Note)).all()
    session.rollback()
    session.add(Note(text="rolls_back_first"))
    session.commit()


@way
def closes_first(session: Session) -> None:
    session.scalars(select(Note)).all()
    session.close()
    session.add(Note(text="closes_first"))
    session.commit()


@way
def invalidates_first(session: Session) -> None:
    session.scalars(select(Note)).all()
    session.invalidate()
    session.add(Note(text="invalidates_first"))
    session.commit()


@way
def saves_in_bulk(session: Session) -> None:
    session.bulk_save_objects([Note(text="saves_in_bulk"), Note(text="saves_in_bulk")])
    session.commit()


@way
def inserts_mappings(session: Session) -> None:
    session.bulk_insert_mappings(Note, [{"text": "inserts_mappings"}])
    session.commit()


@way
def inserts_many(session: Session) -> None:
    session.execute(insert(Note), [{"text": "inserts_many"}, {"text": "inserts_many"}])
    session.commit()


@way
def merges(session: Session) -> None:
    session.merge(Note(id=1, text="merges"))
    session.commit()


@way
def changes(session: Session) -> None:
    session.get_one(Note, 1).text = "changes"
    session.commit()


@way
def deletes(session: Session) -> None:
    session.delete(session.get_one(Note, 1))
    session.commit()


@way
def updates_by_statement(session: Session) -> None:
    session.execute(update(Note).values(text="updates_by_statement"))
    session.commit()


@way
def deletes_by_statement(session: Session) -> None:
    session.execute(delete(Note))
    session.commit()


@way
def writes_before_a_commit(session: Session) -> list[Note]:
    """Have a listener write, when the call commits what it has read."""

    @event.listens_for(session, "before_commit")
    def write(session: Session) -> None:
        session.execute(text(written("writes_before_a_commit")))

    found = list(session.scalars(select(Note)))
    session.commit()
    return found


@way
def writes_after_a_commit(session: Session) -> list[Note]:
    """Have a listener write in a transaction of its own, as an outbox does."""

    @event.listens_for(session, "after_commit")
    def write(session: Session) -> None:
        with session.get_bind().begin() as connection:
            connection.execute(text(written("writes_after_a_commit")))

    found = list(session.scalars(select(Note)))
    session.commit()
    return found


@way
def prepares_in_two_phases(session: Session) -> None:
    with Session(session.get_bind(), twophase=NAME != "sqlite") as own:
        own.add(Note(text="prepares_in_two_phases"))
        own.commit()


@way
def swallows_the_refusal(session: Session) -> list[Note]:
    try:
        session.execute(text(written("swallows_the_refusal")))
        session.commit()
    except Exception:
        session.rollback()
    return list(session.scalars(select(Note)))


@way
def gives_one_by_one(session: Session) -> Iterator[Note]:
    yield from session.scalars(select(Note))
    session.add(Note(text="gives_one_by_one"))
    session.commit()


@way
def writes_at_its_end(session: Session) -> Iterator[Note]:
    """Commit where the caller gives up, as a cursor over pages notes how far it came."""
    try:
        yield from session.scalars(select(Note))
    finally:
        session.add(Note(text="writes_at_its_end"))
        session.commit()


@way
def writes_after_a_flush(session: Session) -> None:
    """Have a listener write beside what is flushed, as an audit log does."""

    @event.listens_for(session, "after_flush")
    def write(session: Session, *_: Any) -> None:
        session.execute(text(written("writes_after_a_flush")))

    session.add(Note(text="flushed"))
    session.commit()


@way
def updates_mappings(session: Session) -> None:
    session.bulk_update_mappings(Note, [{"id": 1, "text": "updates_mappings"}])
    session.commit()


@way
def asks_for_what_it_inserts(session: Session) -> list[Note]:
    made = insert(Note).returning(Note)
    return list(session.scalars(made, [{"text": "asks"}, {"text": "asks, too"}]))


@way
def removes_its_session(session: Session) -> None:
    """Do what an extension of Flask does when a request ends."""
    scoped = scoped_session(Own)
    scoped.add(Note(text="removes_its_session"))
    scoped.commit()
    scoped.remove()


@only("sqlite", "postgresql")
def writes_between_batches(session: Session) -> None:
    for note in session.scalars(select(Note).execution_options(yield_per=1)):
        session.execute(update(Note).where(Note.id == note.id).values(text="between"))
    session.commit()


@way
def runs_a_loop_of_its_own(session: Session) -> None:
    async def work() -> None:
        own = create_async_engine(ASYNC_URL)
        try:
            async with AsyncSession(own) as session:
                session.add(Note(text="runs_a_loop_of_its_own"))
                await session.commit()
        finally:
            await own.dispose()

    thread = threading.Thread(target=lambda: KEPT.append(_outcome(lambda: asyncio.run(work()))))
    thread.start()
    thread.join()
    if isinstance(KEPT[-1], Exception):
        raise KEPT[-1]


def _outcome(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Exception as error:
        return error


# Connections and engines


@way
def sends_many_for_the_driver(session: Session) -> None:
    mark = "?" if NAME == "sqlite" else "%s"
    values = [("driver",), ("driver",)]
    session.connection().exec_driver_sql(f"INSERT INTO notes (text) VALUES ({mark})", values)
    session.commit()


@way
def nests_on_a_connection(session: Session) -> None:
    with engine.connect() as own, own.begin(), own.begin_nested():
        own.execute(text(written("nests_on_a_connection")))


@way
def writes_when_a_connection_is_taken(session: Session) -> None:
    """As a tenant's listener notes who was here."""
    own = create_engine(URL)

    @event.listens_for(own, "checkout")
    def write(driver: Any, *_: Any) -> None:
        driver.cursor().execute(written("writes_when_a_connection_is_taken"))
        driver.commit()

    with own.connect() as connection:
        connection.execute(text("SELECT 1"))


@way
def writes_when_a_connection_comes_back(session: Session) -> None:
    """Keep what is refused: a pool drops the errors of such a listener."""
    own, errors = create_engine(URL), []

    @event.listens_for(own, "checkin")
    def write(driver: Any, *_: Any) -> None:
        try:
            driver.cursor().execute(written("writes_when_a_connection_comes_back"))
            driver.commit()
        except Exception as error:
            errors.append(error)

    with own.connect() as connection:
        connection.execute(text("SELECT 1"))
    own.dispose()
    if errors:
        raise errors[0]


@way
def writes_when_a_transaction_begins(session: Session) -> None:
    own = create_engine(URL)

    @event.listens_for(own, "begin")
    def write(connection: Any) -> None:
        connection.exec_driver_sql(written("writes_when_a_transaction_begins"))

    with own.begin() as connection:
        connection.execute(text("SELECT 1"))


@way
def executes_on_its_connection(session: Session) -> None:
    session.connection().execute(text(written("executes_on_its_connection")))
    session.commit()


@way
def begins_on_the_engine(session: Session) -> None:
    with session.get_bind().begin() as connection:
        connection.exec_driver_sql(written("begins_on_the_engine"))


@way
def turns_autocommit_on(session: Session) -> None:
    options = {"isolation_level": "AUTOCOMMIT"}
    session.connection(execution_options=options).execute(text(written("turns_autocommit_on")))


@way
def makes_an_autocommit_engine(session: Session) -> None:
    own = session.get_bind().execution_options(isolation_level="AUTOCOMMIT")
    with own.connect() as connection:
        connection.execute(text(written("makes_an_autocommit_engine")))


@way
def turns_transactions_off_later(session: Session) -> None:
    with session.get_bind().connect() as connection:
        connection.execute(text("SELECT 1")).all()
        connection.commit()
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text(written("turns_transactions_off_later")))


@way
def asks_for_serializable(session: Session) -> None:
    with session.get_bind().connect() as connection:
        connection.execution_options(isolation_level="SERIALIZABLE")
        connection.execute(text(written("asks_for_serializable")))
        connection.commit()


@way
def detaches(session: Session) -> None:
    with session.get_bind().connect() as connection:
        connection.detach()
        connection.execute(text(written("detaches")))
        connection.commit()


@way
def makes_an_engine(session: Session) -> None:
    own = create_engine(URL)
    with own.begin() as connection:
        connection.execute(text(written("makes_an_engine")))


@way
def disposes_first(session: Session) -> None:
    session.get_bind().dispose()
    with session.get_bind().begin() as connection:
        connection.execute(text(written("disposes_first")))


@way
def creates_tables(session: Session) -> None:
    class Other(Base):
        __tablename__ = f"others_{len(Base.metadata.tables)}"
        id: Mapped[int] = mapped_column(primary_key=True)

    Base.metadata.create_all(session.get_bind())


@way
def works_in_a_thread(session: Session) -> list[Note]:
    errors: list[Exception] = []

    def work() -> None:
        try:
            with session.get_bind().begin() as connection:
                connection.execute(text(written("works_in_a_thread")))
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return list(session.scalars(select(Note)))


# Raw connections


KEPT: list[Any] = []
"""A connection that is collected goes back to its pool, and is another call's then."""


def raw(session: Session) -> Any:
    own = session.get_bind().raw_connection()
    KEPT[:] = [own]
    return own


@way
def outlives_its_checkout(session: Session) -> None:
    """Go on with the driver's own connection, which the pool has back already."""
    own = session.get_bind().raw_connection()
    driver = own.driver_connection
    own.close()
    driver.cursor().execute(written("outlives_its_checkout"))
    driver.commit()


@way
def goes_past_the_engine(session: Session) -> None:
    own = raw(session)
    own.cursor().execute(written("goes_past_the_engine"))
    own.commit()


@way
def goes_past_with_many(session: Session) -> None:
    own = raw(session)
    mark = "?" if NAME == "sqlite" else "%s"
    own.cursor().executemany(f"INSERT INTO notes (text) VALUES ({mark})", [("many",), ("many",)])
    own.commit()


@way
def commits_past_the_engine(session: Session) -> None:
    own = raw(session)
    cursor = own.cursor()
    cursor.execute("SELECT 1")
    cursor.fetchall()
    own.commit()
    cursor.execute(written("commits_past_the_engine"))
    own.commit()


@way
def commits_by_a_text(session: Session) -> None:
    own = raw(session)
    cursor = own.cursor()
    cursor.execute("BEGIN")
    cursor.execute("COMMIT")
    cursor.execute(written("commits_by_a_text"))
    own.commit()


@way
def sets_the_driver_s_autocommit(session: Session) -> None:
    own = raw(session).driver_connection
    if NAME == "sqlite":
        own.isolation_level = None
    elif NAME == "postgresql":
        own.autocommit = True
    else:
        own.autocommit(True)
    own.cursor().execute(written("sets_the_driver_s_autocommit"))


@way
def sets_autocommit_later(session: Session) -> None:
    """As a job does, that reads in a transaction and notes its progress outside of it."""
    own = raw(session).driver_connection
    own.cursor().execute("SELECT 1")
    own.rollback()
    if NAME == "postgresql":
        own.autocommit = True
    elif NAME == "mariadb":
        own.autocommit(True)
    own.cursor().execute("SELECT 1")
    own.cursor().execute(written("sets_autocommit_later"))
    own.commit()


@only("mariadb")
def pings_to_reconnect(session: Session) -> None:
    """Do what ping(reconnect=True) does, which warns."""
    own = raw(session).driver_connection
    own._force_close()
    own.connect()
    own.cursor().execute(written("pings_to_reconnect"))
    own.commit()


@only("postgresql")
def copies_in(session: Session) -> None:
    own = raw(session).driver_connection
    if hasattr(own.cursor(), "copy"):
        with own.cursor().copy("COPY notes (text) FROM STDIN") as copy:
            copy.write_row(["copies_in"])
    else:
        own.cursor().execute("COPY notes (text) FROM PROGRAM 'echo copies_in'")
    own.commit()


@only("sqlite")
def runs_a_script(session: Session) -> None:
    raw(session).driver_connection.executescript(f"BEGIN; {written('script')}; COMMIT;")


@only("postgresql")
def begins_past_the_engine(session: Session) -> None:
    own = raw(session).driver_connection
    if hasattr(own, "transaction"):
        with own.transaction():
            own.execute(written("begins_past_the_engine"))
    else:
        with own:
            own.cursor().execute(written("begins_past_the_engine"))


@only("postgresql")
def sends_a_pipeline(session: Session) -> None:
    own = raw(session).driver_connection
    if hasattr(own, "pipeline"):
        with own.pipeline():
            own.execute(written("sends_a_pipeline"))
    else:
        own.cursor().execute(written("sends_a_pipeline"))
    own.commit()


# Async


@way
async def streams_and_writes_async(session: AsyncSession) -> None:
    async for note in await session.stream_scalars(select(Note)):
        note.text = "streams_and_writes_async"
    await session.commit()


@way
async def executes_async_for_the_driver(session: AsyncSession) -> None:
    async with async_engine.begin() as connection:
        await connection.exec_driver_sql(written("executes_async_for_the_driver"))


@way
async def adds_async(session: AsyncSession) -> None:
    session.add(Note(text="adds_async"))
    await session.commit()


@way
async def begins_async(session: AsyncSession) -> None:
    async with AsyncOwn.begin() as own:
        own.add(Note(text="begins_async"))


@way
async def runs_sync(session: AsyncSession) -> None:
    def work(own: Session) -> None:
        own.add(Note(text="runs_sync"))
        own.commit()

    await session.run_sync(work)


@way
async def turns_autocommit_on_async(session: AsyncSession) -> None:
    options = {"isolation_level": "AUTOCOMMIT"}
    connection = await session.connection(execution_options=options)
    await connection.execute(text("SELECT 1"))
    await connection.execute(text(written("turns_autocommit_on_async")))


@way
async def goes_past_the_adapter(session: AsyncSession) -> None:
    """Use the driver's own connection, which knows nothing of the adapter's transaction."""
    own: Any = (await (await session.connection()).get_raw_connection()).driver_connection
    name = written("goes_past_the_adapter")
    if NAME == "mariadb":
        await own.autocommit(True)
        cursor = await own.cursor()
        await cursor.execute(name)
    else:
        await own.execute(name)
        await own.commit() if hasattr(own, "commit") else None


@way
async def writes_in_a_task(session: AsyncSession) -> None:
    async def work() -> None:
        async with AsyncOwn() as own:
            own.add(Note(text="writes_in_a_task"))
            await own.commit()

    await asyncio.create_task(work())


@only("postgresql")
async def begins_past_the_adapter(session: AsyncSession) -> None:
    own: Any = (await (await session.connection()).get_raw_connection()).driver_connection
    async with own.transaction():
        await own.execute(written("begins_past_the_adapter"))


@only("postgresql")
async def copies_past_the_adapter(session: AsyncSession) -> None:
    own: Any = (await (await session.connection()).get_raw_connection()).driver_connection
    await own.copy_records_to_table("notes", records=[("copies",)], columns=["text"])


# Texts

TEXTS: dict[str, dict[str, tuple[str, ...]]] = {
    "inserts_by_select": {"": ("INSERT INTO notes (text) SELECT text FROM notes",)},
    "creates_a_table": {"": ("CREATE TABLE made (id integer)",)},
    "creates_a_table_of_rows": {"": ("CREATE TABLE copied AS SELECT * FROM notes",)},
    "creates_a_view": {"": ("CREATE VIEW seen AS SELECT * FROM notes",)},
    "creates_an_index": {"": ("CREATE INDEX by_text ON notes (text)",)},
    "adds_a_column": {"": ("ALTER TABLE notes ADD COLUMN more integer",)},
    "drops": {"": ("DROP TABLE notes",)},
    "truncates": {"": ("TRUNCATE TABLE notes",), "sqlite": ("DELETE FROM notes",)},
    "upserts": {
        "postgresql": (
            "INSERT INTO notes (id, text) VALUES (1, 'upserts') "
            "ON CONFLICT (id) DO UPDATE SET text = 'upserts'",
        ),
        "mariadb": ("REPLACE INTO notes (id, text) VALUES (1, 'upserts')",),
        "sqlite": ("REPLACE INTO notes (id, text) VALUES (1, 'upserts')",),
    },
    "writes_in_a_cte": {
        "postgresql": (
            "WITH new AS (INSERT INTO notes (text) VALUES ('cte') RETURNING id) SELECT * FROM new",
        ),
    },
    "selects_into": {"postgresql": ("SELECT * INTO copied FROM notes",)},
    "makes_transactions_write": {
        "postgresql": ("SET TRANSACTION READ WRITE", written("makes_transactions_write")),
        "mariadb": ("SET TRANSACTION READ WRITE", written("makes_transactions_write")),
        "sqlite": ("PRAGMA query_only = 0", written("makes_transactions_write")),
    },
    "makes_its_session_write": {
        "postgresql": (
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
            written("makes_its_session_write"),
        ),
        "mariadb": ("SET SESSION TRANSACTION READ WRITE", written("makes_its_session_write")),
        "sqlite": ("PRAGMA query_only(off)", written("makes_its_session_write")),
    },
    "sets_its_flag": {
        "postgresql": (
            "SELECT set_config('transaction_read_only', 'off', true)",
            written("sets_its_flag"),
        ),
        "mariadb": ("SET tx_read_only = 0", written("sets_its_flag")),
    },
    "starts_to_write": {
        "postgresql": ("COMMIT", "START TRANSACTION READ WRITE", written("starts_to_write")),
        "mariadb": ("COMMIT", "START TRANSACTION READ WRITE", written("starts_to_write")),
    },
    "commits_and_writes": {"": ("COMMIT", written("commits_and_writes"), "COMMIT")},
    "sends_several": {
        "postgresql": (f"COMMIT; {written('sends_several')}",),
    },
    "takes_a_number": {
        "postgresql": ("SELECT nextval('numbers')",),
        "mariadb": ("SELECT NEXTVAL(numbers)",),
    },
    "sets_a_number": {
        "postgresql": ("SELECT setval('numbers', 50)",),
        "mariadb": ("SELECT SETVAL(numbers, 50)",),
    },
    "calls_a_function": {"postgresql": ("SELECT scribble('calls_a_function')",)},
    "calls_a_procedure": {
        "postgresql": ("CALL scribbling('calls_a_procedure')",),
        "mariadb": ("CALL scribbling('calls_a_procedure')",),
    },
    "does_a_block": {
        "postgresql": ("DO $$ BEGIN INSERT INTO notes (text) VALUES ('block'); END $$",),
    },
    "notifies": {"postgresql": ("NOTIFY notes, 'notifies'",)},
    "notifies_by_a_function": {"postgresql": ("SELECT pg_notify('notes', 'function')",)},
    "notifies_by_a_quoted_function": {
        "postgresql": ("SELECT pg_catalog.\"pg_notify\"('notes', 'quoted')",),
    },
    "clusters": {"postgresql": ("CLUSTER notes USING notes_pkey",)},
    "makes_a_large_object": {"postgresql": ("SELECT lo_from_bytea(0, 'large')",)},
    "creates_a_large_object": {"postgresql": ("SELECT lo_create(0)",)},
    "copies_to_a_program": {"postgresql": ("COPY notes TO PROGRAM 'cat > /dev/null'",)},
    "comments": {"postgresql": ("COMMENT ON TABLE notes IS 'comments'",)},
    "grants": {
        "postgresql": ("GRANT SELECT ON notes TO PUBLIC",),
        "mariadb": ("GRANT SELECT ON notes TO PUBLIC",),
    },
    "sets_for_all": {
        "postgresql": ("ALTER DATABASE {database} SET work_mem = '5MB'",),
        "mariadb": ("SET GLOBAL max_error_count = 65",),
    },
    "analyzes": {
        "postgresql": ("ANALYZE notes",),
        "mariadb": ("ANALYZE TABLE notes PERSISTENT FOR ALL",),
        "sqlite": ("ANALYZE",),
    },
    "locks_the_table": {
        "mariadb": ("LOCK TABLES notes WRITE", written("locks_the_table"), "UNLOCK TABLES"),
        "postgresql": ("LOCK TABLE notes IN EXCLUSIVE MODE", written("locks_the_table")),
    },
    "explains_and_writes": {
        "postgresql": (f"EXPLAIN ANALYZE {written('explains')}",),
        "mariadb": (f"ANALYZE {written('explains')}",),
    },
    "merges_rows": {
        "postgresql": (
            "MERGE INTO notes USING (SELECT 1 AS id) AS new ON notes.id = new.id "
            "WHEN MATCHED THEN UPDATE SET text = 'merges_rows'",
        ),
    },
    "prepares_and_executes": {
        "postgresql": (
            "DEALLOCATE ALL",
            f"PREPARE own AS {written('prepared')}",
            "EXECUTE own",
        ),
        "mariadb": ("PREPARE own FROM 'DELETE FROM notes'", "EXECUTE own"),
    },
    "executes_at_once": {"mariadb": ("EXECUTE IMMEDIATE 'DELETE FROM notes'",)},
    "holds_a_cursor": {
        "postgresql": (
            "DECLARE own CURSOR WITH HOLD FOR SELECT scribble('holds_a_cursor')",
            "FETCH ALL FROM own",
        ),
    },
    "rebuilds": {
        "postgresql": ("REINDEX TABLE notes",),
        "mariadb": ("OPTIMIZE TABLE notes",),
        "sqlite": ("CREATE INDEX own ON notes (text)", "REINDEX own"),
    },
    "renames": {
        "postgresql": ("ALTER TABLE notes RENAME TO other",),
        "mariadb": ("RENAME TABLE notes TO other",),
        "sqlite": ("ALTER TABLE notes RENAME TO other",),
    },
    "takes_the_next_value": {"mariadb": ("SELECT NEXT VALUE FOR numbers",)},
    "takes_a_number_within": {
        "postgresql": ("SELECT * FROM (SELECT NEXTVAL ('numbers') AS n) AS own",),
        "mariadb": ("SELECT * FROM (SELECT `nextval`(numbers) AS n) AS own",),
    },
    "writes_in_a_compound": {
        "mariadb": (f"BEGIN NOT ATOMIC {written('compound')}; COMMIT; END",),
    },
    "writes_under_a_setting": {
        "mariadb": (f"SET STATEMENT max_statement_time = 9 FOR {written('setting')}",),
    },
    "hides_in_a_comment": {
        "mariadb": (f"/*!50000 {written('comment')} */",),
        "sqlite": (f"/* SELECT */ {written('comment')}",),
        "postgresql": (f"/* SELECT /* nested */ */ {written('comment')}",),
    },
    "sets_for_all_in_a_comment": {"mariadb": ("/*!50000 SET GLOBAL max_error_count = 68 */",)},
    "sets_for_all_in_its_comment": {"mariadb": ("/*M! SET GLOBAL max_error_count = 69 */",)},
    "commits_in_a_comment": {"mariadb": ("/*M! COMMIT */", written("comment"), "COMMIT")},
    "begins_a_global_transaction": {
        "mariadb": ("XA START 'own'", written("global"), "XA END 'own'", "XA PREPARE 'own'"),
    },
    "sets_a_global_variable": {"mariadb": ("SET @@global.max_error_count = 66",)},
    "sets_two_variables": {"mariadb": ("SET @own = 1, GLOBAL max_error_count = 67",)},
    "writes_to_a_file": {"mariadb": ("SELECT text FROM notes INTO OUTFILE '/tmp/own-notes'",)},
    "loads_a_file": {"mariadb": ("LOAD DATA INFILE '/tmp/own-notes' INTO TABLE notes (text)",)},
    "replaces_the_table": {"mariadb": ("CREATE OR REPLACE TABLE notes (id integer)",)},
    "forgets_statistics": {"postgresql": ("SELECT pg_stat_reset()",)},
    "signals_another": {
        "postgresql": ("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid < 0",),
    },
    "releases_a_savepoint": {
        "": ("SAVEPOINT own", written("releases_a_savepoint"), "RELEASE SAVEPOINT own"),
    },
    "writes_below_a_with": {
        "sqlite": ("WITH own AS (SELECT 1) INSERT INTO notes (text) SELECT 'with' FROM own",),
        "postgresql": ("WITH own AS (SELECT 1) INSERT INTO notes (text) SELECT 'with' FROM own",),
        "mariadb": ("INSERT INTO notes (text) WITH own AS (SELECT 1) SELECT 'with' FROM own",),
    },
    "spells_a_pragma_otherwise": {
        "sqlite": ("pragma  main . query_only = OFF", written("spells_a_pragma_otherwise")),
    },
    "quotes_a_pragma": {
        "sqlite": ('PRAGMA"main"."query_only" = 0', written("quotes_a_pragma")),
    },
    "brackets_a_pragma": {
        "sqlite": ("PRAGMA [query_only](0)", written("brackets_a_pragma")),
    },
    "comments_before_a_pragma": {
        "sqlite": ("/* x */ PRAGMA /* y */ query_only = 0", written("comments_before_a_pragma")),
    },
    "names_the_application": {"sqlite": ("PRAGMA application_id = 7",)},
    "empties_the_log": {"sqlite": ("PRAGMA main.wal_checkpoint(TRUNCATE)",)},
    "changes_the_file": {"sqlite": ("PRAGMA journal_mode = WAL",)},
    "marks_the_file": {"sqlite": ("PRAGMA user_version = 7",)},
    "vacuums": {"sqlite": ("VACUUM",)},
    "vacuums_into": {"sqlite": ("VACUUM INTO '{file}'",)},
    "attaches": {"sqlite": ("ATTACH '{file}' AS other", "CREATE TABLE other.made (id integer)")},
}


def _by_text(name: str, statements: tuple[str, ...]) -> Callable[..., Any]:
    def send(session: Session) -> None:
        url = engine.url
        for each in statements:
            session.execute(text(each.format(database=url.database, file=f"{url.database}.new")))
        session.commit()

    send.__name__ = name
    return send


for _name, _texts in TEXTS.items():
    _statements = _texts.get(NAME, _texts.get("", ()))
    if _statements:
        WAYS[_name] = _by_text(_name, _statements)


def reads(session: Session) -> list[Note]:
    return list(session.scalars(select(Note)))


async def reads_async(session: AsyncSession) -> list[Note]:
    return list(await session.scalars(select(Note)))


READS = {"reads": reads, "reads_async": reads_async}
ALL = {**WAYS, **READS}
