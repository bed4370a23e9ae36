"""While an index is tried on a server, and after, nobody else notices."""

import secrets
from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.pool import NullPool

from qprof.measure.explain import Asked, scans
from qprof.targets.database import sync_engine
from tests.measure.explain.conftest import Server
from tests.measure.explain.trying import after_each, asked, tried

pytestmark = pytest.mark.server
Opened = Callable[..., Engine]
PATIENCE = {
    "postgresql": ("SET lock_timeout = '1s'", "SET lock_timeout = DEFAULT"),
    "mariadb": (
        "SET innodb_lock_wait_timeout = 1, lock_wait_timeout = 1",
        "SET innodb_lock_wait_timeout = DEFAULT, lock_wait_timeout = DEFAULT",
    ),
}
PLUS = ("+ 1", "- 1")
STEPS = {
    "postgresql": ("SET TRANSACTION", "CREATE TEMPORARY", "INSERT", "SAVEPOINT", "CREATE INDEX"),
    "mariadb": ("CREATE TEMPORARY", "INSERT", "SELECT reading", "DROP TEMPORARY", "CREATE INDEX"),
}


def test_writers_go_on_meanwhile(server: Server, opened: Opened) -> None:
    """Somebody who waits for no lock changes every row, after each step of the trial."""
    engine, seen = opened(), set()
    sent, (short, usual) = asked(engine), PATIENCE[server.kind]

    def somebody(statement: str) -> None:
        if statement.startswith(("CREATE", "INSERT", "SELECT reading")):
            server.ask(short, *(f"UPDATE reading SET day = day {n}" for n in PLUS))
            seen.add(statement[:12])

    after_each(engine, somebody)
    (found,) = scans(engine, sent, try_indexes=True).scans
    server.ask(usual)
    assert found.before is not None
    assert seen == {"CREATE TEMPO", "INSERT INTO ", "CREATE INDEX", "SELECT readi"}


@pytest.mark.parametrize("kind", ["interrupted", "disconnected"])
def test_a_trial_that_ends_halfway_leaves_nothing(
    kind: str, server: Server, opened: Opened
) -> None:
    """After any step; a lost connection is said, Ctrl-C ends the run."""
    before, engine = server.state(), opened()
    sent, steps = asked(engine), list(STEPS[server.kind])

    def stop(statement: str) -> None:
        if steps and statement.startswith(steps[0]):
            steps.pop(0)
            if kind == "interrupted":
                raise KeyboardInterrupt
            server.kill()

    after_each(engine, stop)
    for left in range(len(steps), 0, -1):
        assert len(steps) == left
        ends_early(engine, sent, interrupted=kind == "interrupted")
        server.is_as(before)
    (found,) = scans(engine, sent, try_indexes=True).scans
    assert found.before is not None


def ends_early(engine: Engine, sent: Sequence[Asked], *, interrupted: bool) -> None:
    if interrupted:
        with pytest.raises(KeyboardInterrupt):
            scans(engine, sent, try_indexes=True)
        return
    (found,) = scans(engine, sent, try_indexes=True).scans
    assert found.before is None
    assert "the server did not make or read a temporary copy" in str(found.reason)


def test_a_read_only_engine_stays_read_only(server: Server) -> None:
    engine = sync_engine(server.url)
    (found,) = tried(engine)
    assert found.before is not None
    with engine.connect() as connection, pytest.raises(Exception, match=r"(?i)read.only"):
        connection.execute(text("DELETE FROM reading"))
    engine.dispose()


GRANTS = {
    "postgresql": (
        "CREATE ROLE {} LOGIN PASSWORD 'reads'",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}",
        "GRANT TEMPORARY ON DATABASE {base} TO {}",
        "DROP OWNED BY {}",
        "DROP ROLE {}",
    ),
    "mariadb": (
        "CREATE USER {} IDENTIFIED BY 'reads'",
        "GRANT SELECT ON {base}.* TO {}",
        "GRANT CREATE TEMPORARY TABLES ON {base}.* TO {}",
        "DROP USER {}",
    ),
}


def test_it_takes_no_more_than_reading_and_temporary_tables(server: Server, opened: Opened) -> None:
    """The table is somebody else's; who may make no temporary table is told so."""
    name, base = f"qprof_{secrets.token_hex(4)}", server.url.database
    make, read, make_temporary, *drop = (
        each.format(name, base=base) for each in GRANTS[server.kind]
    )
    if server.kind == "postgresql":
        server.ask(f"REVOKE TEMPORARY ON DATABASE {base} FROM PUBLIC")
    server.ask(make, read)
    try:
        engine = opened(server.url.set(username=name, password="reads"), poolclass=NullPool)
        (refused,) = tried(engine)
        assert refused.before is None
        assert "denied" in str(refused.reason)
        server.ask(make_temporary)
        (found,) = tried(engine)
        assert found.before is not None
    finally:
        server.ask(*drop)
