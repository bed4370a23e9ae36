"""What `qprof run` counts, against the project's own cursor."""

import sys

import pytest

from tests.targets.program.conftest import Shop

ASK = (2, 2)
"""Queries and rows of `ask` in processes.py."""


def test_a_suite_under_xdist_has_the_totals_of_one_process(shop: Shop) -> None:
    """One process and two workers: the same figures for each call, and those of the counter."""
    alone = shop.python("-m", "pytest", "-q")
    assert alone.totals == shop.counted()
    spread = shop.python("-m", "pytest", "-q", "-n", "2")
    assert spread.costs() == alone.costs()
    assert spread.totals == shop.counted()


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver", "pool"])
def test_multiprocessing_is_counted_once(shop: Shop, method: str) -> None:
    """Workers add what they sent, and nothing of what their parent had sent before them."""
    done = shop.python("processes.py", method)
    assert done.totals == shop.counted()
    assert done.calls["shop.repositories.Customers._one"].cost.queries == 3
    assert done.calls["shop.repositories.Customers.joined"].cost.queries == 1


def test_a_bare_fork_is_counted_once(shop: Shop) -> None:
    """A child of os.fork that leaves by os._exit loses nothing and repeats nothing."""
    done = shop.python("processes.py", "os.fork")
    assert done.totals == shop.counted()
    assert done.calls["shop.repositories.Customers.count"].cost.queries == 2


def test_a_subprocess_is_counted(shop: Shop) -> None:
    """A Python that the program starts is a part of the program."""
    done = shop.python("processes.py", "subprocess")
    assert done.totals == shop.counted()
    assert done.calls["shop.repositories.Customers.joined"].cost.queries == 2


def test_threads_are_counted_each_for_its_function(shop: Shop) -> None:
    """Two threads at the same time: all is counted, and in the right place."""
    done = shop.python("threads.py")
    assert done.totals == shop.counted()
    assert done.calls["shop.repositories.Customers._one"].cost.queries == 12
    assert done.calls["shop.repositories.Customers.count"].cost.queries == 20


def test_coroutines_are_counted_each_for_its_function(shop: Shop) -> None:
    """Two tasks at the same time, over greenlets: named by the coroutine that awaits."""
    done = shop.python("asynchronous.py")
    assert done.costs() == {
        "asynchronous.customers": (2, 60, 12 * 2 + 48 * 2),
        "asynchronous.orders": (3, 3, 3),
    }
    assert done.totals == shop.counted()


def test_core_and_driver_sql_are_counted(empty_shop: Shop) -> None:
    """Creating the schema and filling it is counted like everything else."""
    done = empty_shop.python("-c", "from shop.models import fill; fill()")
    assert done.totals == empty_shop.counted()


def test_memory_does_not_grow_with_queries(empty_shop: Shop) -> None:
    """110,000 different queries in 100,000 loops grow the process by under 20 bytes each."""
    done = empty_shop.python("many.py")
    assert int(done.out) < 20 * 110_000
    (call,) = done.calls.values()
    assert call.cost.queries == 121_000
    assert len(call.executions) == 2


def test_a_repeat_is_one_of_the_same_transaction(empty_shop: Shop) -> None:
    """The same parameters count as repeated within a transaction, not beyond it."""
    script = (
        "import sqlalchemy as sa\n"
        "with sa.create_engine('sqlite://').connect() as c:\n"
        "    for _ in range(2):\n"
        "        for n in (-1, -2, -1):\n"
        "            c.execute(sa.select(sa.literal(n))).all()\n"
        "        c.rollback()\n"
    )
    (call,) = empty_shop.python("-c", script).calls.values()
    assert [each.repeats for each in call.executions] == [2]
    assert call.executions[0].together.count == 3
    assert call.executions[0].together.different == 2


def test_values_in_the_text_stay_out_of_the_trace(empty_shop: Shop) -> None:
    """Literals in a statement's text are data: statements that differ by them are one line."""
    script = (
        "import sqlalchemy as sa\n"
        "with sa.create_engine('sqlite://').connect() as c:\n"
        "    for n in range(5):\n"
        "        c.execute(sa.text(f\"SELECT 'secret {n}', {n}\")).all()\n"
    )
    (call,) = empty_shop.python("-c", script).calls.values()
    assert [(each.sql, each.count) for each in call.executions] == [("SELECT ?", 5)]


def test_an_open_result_is_counted_at_the_end(empty_shop: Shop) -> None:
    """Rows of a result that the program never closes are counted when it exits."""
    script = (
        "import sqlalchemy as sa\n"
        "c = sa.create_engine('sqlite://').connect()\n"
        "r = c.exec_driver_sql('SELECT 1 UNION SELECT 2 UNION SELECT 3')\n"
        "print(r.fetchmany(2))\n"
    )
    assert empty_shop.python("-c", script).totals == (1, 2)


def test_the_python_of_another_environment_needs_no_qprof(shop: Shop) -> None:
    """The program's interpreter finds qprof by itself, without a path that other code would see."""
    done = shop.python("-c", "import sys, sqlalchemy; print(any('qprof' in p for p in sys.path))")
    assert done.out == b"False\n"
    done = shop.run(sys.executable, "-c", "from shop.repositories import *; Customers().count()")
    assert done.totals == (1, 1)
