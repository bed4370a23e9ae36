"""What qprof itself asks of a database: it never makes the product, and it ends."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from threading import Timer
from time import perf_counter
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Session, joinedload, selectinload

from qprof.domain.trace import Cost
from qprof.forecast.predict.asking import asking
from qprof.forecast.predict.count_rows import counted_rows
from qprof.forecast.predict.plans import foresee
from qprof.forecast.predict.tree import Stopped, Unpredictable
from qprof.measure import bounds
from qprof.measure.bounds import Budget
from tests.forecast.predict.gardens import makes_product, sent, with_kinds
from tests.measure.experiments.oracle import counting, counting_engine
from tests.opening import on

NINE, WIDE = with_kinds(9), with_kinds(70)
ENDLESS = "WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT count(*) FROM t"


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = counting_engine()
    yield made
    made.dispose()


@pytest.mark.parametrize(("gardens", "each"), [(1, 200), (2, 120), (3, 0)])
@pytest.mark.parametrize("strategy", [selectinload, joinedload])
def test_a_product_past_64_bits_is_told_exactly(
    strategy: Any, gardens: int, each: int, engine: Engine
) -> None:
    """In one garden, or only in the sum over two; the other plans beside it."""
    NINE.fill(engine, gardens, each)
    with counting(engine) as counted, sent(engine) as statements:
        foresight = foresee(on(engine, NINE.load(strategy)))
    most = max(1, each) ** 9
    apart = gardens + 9 * gardens * each
    joined, selectin = foresight.of("joined").cost, foresight.of("selectin").cost
    assert joined == Cost(1, gardens * most, gardens * most * 20)
    assert selectin is not None
    assert (selectin.queries, selectin.rows) == (10, apart)
    assert {each.exactness for each in foresight.plans} == {"exact"}
    assert foresight.spread == (most,) * 4
    assert [(root.identity, root.rows) for root in foresight.worst] == [
        ((key,), most) for key in range(1, gardens + 1)
    ]
    assert not any(map(makes_product, statements))
    assert counted.rows < 2 * apart + 100 * gardens


@pytest.mark.parametrize(
    "below",
    [
        lambda town: joinedload(town.gardens),
        lambda town: selectinload(town.gardens),
    ],
)
def test_a_product_past_64_bits_may_be_below_a_path(below: Any, engine: Engine) -> None:
    """The town's gardens are joined or apart; the collections below are joined to them."""
    NINE.fill(engine, 2, 200)
    options = [below(NINE.town).joinedload(path) for path in NINE.paths]
    statement = select(NINE.town).options(*options)

    def call(session: Session) -> Any:
        return session.scalars(statement).unique().all()

    with sent(engine) as statements:
        written = foresee(on(engine, call)).of("as-written")
    assert written.cost is not None
    assert (written.exactness, written.cost.rows % 200**9) == ("exact", written.cost.queries - 1)
    assert written.cost.rows // 200**9 == 2
    assert not any(map(makes_product, statements))


def test_more_collections_than_a_select_can_join_are_told(engine: Engine) -> None:
    """SQLite joins 64 tables; each of 70 collections has two rows."""
    WIDE.fill(engine, 1, 2)
    foresight = foresee(on(engine, WIDE.load(selectinload)))
    rows = {each.plan: each.cost and each.cost.rows for each in foresight.plans}
    assert rows.pop("joined") == 2**70
    assert set(rows.values()) == {141}


def test_what_nobody_can_read_is_unknown_with_its_size(engine: Engine) -> None:
    """20 ** 70 is a number of 92 digits; the other plans stay exact."""
    WIDE.fill(engine, 1, 20)
    foresight = foresee(on(engine, WIDE.load(selectinload)))
    joined = foresight.of("joined")
    assert (joined.cost, joined.reason) == (None, "it would fetch some 1e91 rows")
    assert joined.stopped
    assert [each.plan for each in foresight.plans if each.exactness != "exact"] == ["joined"]
    assert (foresight.spread, foresight.worst) == (None, ())


def test_numbers_to_multiply_are_fetched_up_to_a_limit(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here there are 6 for each path, and 6 roots."""
    monkeypatch.setattr(bounds.Budget, "__init__", _short)
    NINE.fill(engine, 6, 200)
    foresight = foresee(on(engine, NINE.load(selectinload)))
    assert foresight.of("joined").stopped
    assert foresight.of("selectin").exactness == "exact"


def _short(budget: Budget) -> None:
    budget.seconds, budget.rows = 50, 20


UNION = [(5, 2, "counted"), (5, 20, "unknown")]


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")
@pytest.mark.parametrize(("kinds", "each", "exactness"), UNION)
def test_a_count_ends_at_a_limit(kinds: int, each: int, exactness: str, engine: Engine) -> None:
    """No aggregate tells a union of legacy queries: 2 ** 5 rows are counted, 20 ** 5 are not."""
    classes = with_kinds(kinds)
    classes.fill(engine, 1, each)

    def call(session: Session) -> Any:
        both = session.query(classes.garden).union(session.query(classes.garden))
        return both.options(*map(joinedload, classes.paths)).all()

    with sent(engine) as statements:
        written = foresee(on(engine, call)).of("as-written")
    assert written.exactness == exactness
    assert (written.cost and written.cost.rows) == (each**kinds if each == 2 else None)
    assert written.stopped is (each != 2)
    products = [sql for sql in statements if makes_product(sql)]
    assert products
    assert all(sql.endswith("LIMIT 1000001) AS qprof_part") for sql in products)


def test_nothing_is_counted_where_nothing_would_end_it(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "_BOUNDED", {})
    NINE.fill(engine, 1, 1)
    with engine.connect() as connection, pytest.raises(Unpredictable, match="no time limit of sql"):
        counted_rows(connection, select(NINE.garden), {}, {}, Budget())


def test_a_statement_ends_after_half_of_what_is_left(engine: Engine) -> None:
    """And the connection serves the next one."""
    budget = Budget(seconds=1)
    started = perf_counter()
    with engine.connect() as connection:
        with pytest.raises(Stopped, match="within the 50 seconds"), asking(connection, budget):
            connection.exec_driver_sql(ENDLESS)
        assert 0.3 < perf_counter() - started < 10
        assert connection.exec_driver_sql(f"{ENDLESS} LIMIT 1".replace("t)", "t LIMIT 9)")).scalar()
    assert budget.seconds < 0.6


def test_nothing_is_asked_where_no_time_is_left(engine: Engine) -> None:
    with engine.connect() as connection, sent(engine) as statements:
        with pytest.raises(Stopped), asking(connection, Budget(seconds=0.1)):
            pytest.fail("it was asked")
        assert statements == []


def _ask_endlessly(connection: Connection, timer: Timer) -> None:
    with asking(connection):
        timer.start()
        connection.exec_driver_sql(ENDLESS)


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGTERM to catch")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_ends_a_statement(name: str, engine: Engine) -> None:
    """SQLite runs in this process: without an end of its statement no signal is handled."""
    number = getattr(signal, name)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = Timer(0.3, os.kill, (os.getpid(), number))
    started = perf_counter()
    try:
        with engine.connect() as connection, pytest.raises(KeyboardInterrupt):
            _ask_endlessly(connection, timer)
    finally:
        signal.signal(signal.SIGINT, before)
    assert perf_counter() - started < 10
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_an_async_driver_s_statement_ends_too(tmp_path: Any) -> None:
    """Its connection lives in a thread of its own."""

    def ask(connection: Any) -> None:
        with pytest.raises(Stopped), asking(connection, Budget(seconds=1)):
            connection.exec_driver_sql(ENDLESS)

    async def run() -> None:
        engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}")
        async with engine.connect() as connection:
            await connection.run_sync(ask)
        await engine.dispose()

    asyncio.run(run())
