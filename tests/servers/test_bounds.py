"""What qprof itself asks of a server never makes the product, and ends there, too."""

from __future__ import annotations

import os
import signal
from functools import partial
from threading import Timer
from time import perf_counter

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.orm import joinedload, selectinload

import qprof
from qprof.domain.trace import Cost
from qprof.forecast.predict.asking import asking
from qprof.forecast.predict.plans import foresee
from qprof.forecast.predict.tree import Stopped
from qprof.measure.bounds import Budget
from tests.forecast.predict.gardens import makes_product, sent, with_kinds
from tests.opening import on
from tests.servers.conftest import run

pytestmark = pytest.mark.server
NINE = with_kinds(9)
LONG = {
    "postgresql": "SELECT count(*) FROM generate_series(1, 100000) AS a, "
    "generate_series(1, 100000) AS b WHERE a + b > 3",
    "mariadb": "SELECT count(*) FROM seq_1_to_100000 AS a, seq_1_to_100000 AS b "
    "WHERE a.seq + b.seq > 3",
}
RUNNING = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' "
    "AND datname = current_database() AND pid <> pg_backend_pid()",
    "mariadb": "SELECT count(*) FROM information_schema.processlist WHERE command = 'Query' "
    "AND db = database() AND id <> connection_id()",
}
LIMIT = {
    "postgresql": ("SHOW statement_timeout", "SET statement_timeout = '200ms'", "200ms", "0"),
    "mariadb": (
        "SELECT @@max_statement_time",
        "SET max_statement_time = 0.2",
        0.2,
        0.0,
    ),
}
ANALYZE = {"postgresql": "ANALYZE", "mariadb": "ANALYZE TABLE garden, kind0, kind1, kind2, kind3"}


def test_a_product_past_64_bits_is_told_exactly(empty):
    """200 ** 9 rows; a server refuses what its integers cannot hold."""
    engine = create_engine(empty)
    NINE.fill(engine, 1, 200)
    with sent(engine) as statements:
        foresight = foresee(on(engine, NINE.load(selectinload)))
    assert foresight.of("joined").cost == Cost(1, 200**9, 200**9 * 20)
    assert foresight.of("selectin").cost.rows == 1801
    assert {each.exactness for each in foresight.plans} == {"exact"}
    assert foresight.spread == (200**9,) * 4
    assert not any(map(makes_product, statements))
    engine.dispose()


@pytest.mark.parametrize("command", ["predict", "compare"])
def test_forty_collections_keep_no_server_busy(empty, command):
    """Both end with what they know; no statement is long, or takes long."""
    classes, engine = with_kinds(40), create_engine(empty)
    classes.fill(engine, 2, 8)
    kind, seconds = empty.get_backend_name(), 5
    if kind == "postgresql":
        run(empty, f"ALTER DATABASE {empty.database} SET statement_timeout = '{seconds}s'")
    else:
        event.listen(engine, "connect", partial(_limit, seconds=seconds))
    engine.dispose()
    with sent(engine) as statements:
        plans = getattr(qprof, command)(classes.load(selectinload), engine).plans
    assert not any(map(makes_product, statements))
    assert max(map(len, statements)) < 50_000
    assert "it would fetch some 1e36 rows" in plans["joined"].reason
    assert {plans[each].rows for each in ("as-written", "selectin", "lazy")} == {642}
    engine.dispose()


def _limit(own, _, seconds):
    own.cursor().execute(f"SET max_statement_time = {seconds}")


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")
@pytest.mark.parametrize(("each", "rows"), [(2, 16), (100, None)])
def test_a_product_is_counted_only_where_the_server_expects_few_rows(empty, each, rows):
    """No aggregate tells a union of legacy queries; 100 ** 4 rows are not even begun."""
    classes, engine = with_kinds(4), create_engine(empty)
    classes.fill(engine, 1, each)
    run(empty, ANALYZE[empty.get_backend_name()])

    def call(session):
        both = session.query(classes.garden).union(session.query(classes.garden))
        return both.options(*map(joinedload, classes.paths)).all()

    with sent(engine) as statements:
        written = foresee(on(engine, call)).of("as-written")
    assert (written.cost and written.cost.rows) == rows
    assert written.stopped is (rows is None)
    assert rows or "; the database expects some 1e" in written.reason
    products = [sql for sql in statements if makes_product(sql) and "EXPLAIN" not in sql]
    assert bool(products) is (rows is not None)
    assert all(sql.endswith("LIMIT 1000001) AS qprof_part") for sql in products)
    engine.dispose()


@pytest.mark.parametrize("isolation", ["READ COMMITTED", "AUTOCOMMIT"])
def test_a_statement_ends_on_the_server(empty, isolation):
    """The connection serves the next one, and has no limit that it had not before."""
    kind, engine = empty.get_backend_name(), create_engine(empty, isolation_level=isolation)
    show, _, _, none = LIMIT[kind]
    with engine.connect() as connection:
        with pytest.raises(Stopped, match="within the 50 seconds"):
            _ask(connection, LONG[kind], Budget(seconds=2))
        assert connection.exec_driver_sql(show).scalar() == none
    assert run(empty, RUNNING[kind]) == [(0,)]
    engine.dispose()


def test_a_lower_limit_of_the_server_s_own_stays(empty):
    """And is told apart from qprof's."""
    kind, engine = empty.get_backend_name(), create_engine(empty)
    show, lower, own, _ = LIMIT[kind]
    with engine.connect() as connection:
        connection.exec_driver_sql(lower)
        started = perf_counter()
        with pytest.raises(Stopped, match="a time limit of the database's own"):
            _ask(connection, LONG[kind], Budget())
        assert perf_counter() - started < 10
        assert connection.exec_driver_sql(show).scalar() == own
    engine.dispose()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_ends_a_statement_on_the_server(empty, name):
    """PyMySQL hangs up, and the server would go on."""
    kind, engine = empty.get_backend_name(), create_engine(empty)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = Timer(0.5, os.kill, (os.getpid(), getattr(signal, name)))
    try:
        with engine.connect() as connection, pytest.raises(KeyboardInterrupt):
            _ask(connection, LONG[kind], Budget(), timer)
    finally:
        signal.signal(signal.SIGINT, before)
        engine.dispose()
    assert run(empty, RUNNING[kind]) == [(0,)]


def _ask(connection, sql, budget, timer=None):
    with asking(connection, budget):
        if timer is not None:
            timer.start()
        connection.exec_driver_sql(sql)
