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


@pytest.mark.parametrize("way", ["probe", "lazily", "hooked", "anew", "failing"])
def test_however_sqlalchemy_is_imported_it_is_seen(empty_shop: Shop, way: str) -> None:
    """A question whether it is there, a lazy import, a hook of the program's own: one statement."""
    done = empty_shop.python("importing.py", way)
    assert (done.code, done.out, done.totals) == (0, b"1\n", (1, 1))


def test_an_import_that_nobody_saw_is_told(empty_shop: Shop) -> None:
    """Where the program's own finder hides all imports, exit code 3 and a sentence."""
    done = empty_shop.python("importing.py", "hidden")
    assert (done.code, done.out) == (3, b"1\n")
    assert "in a way that qprof does not see" in done.err


def test_a_begin_of_the_programs_own_is_counted_and_pings_are_told(empty_shop: Shop) -> None:
    """The documented recipe for SQLite sends BEGIN; the pool's pings are told."""
    script = (
        "import sqlalchemy as sa\n"
        "e = sa.create_engine('sqlite://', pool_pre_ping=True, poolclass=sa.QueuePool)\n"
        "sa.event.listen(e, 'connect', lambda c, _: setattr(c, 'isolation_level', None))\n"
        "sa.event.listen(e, 'begin', lambda c: c.exec_driver_sql('BEGIN'))\n"
        "for _ in range(3):\n"
        "    with e.begin() as c: c.execute(sa.text('SELECT 1')).all()\n"
    )
    done = empty_shop.python("-c", script)
    sent = {each.sql: each.count for call in done.calls.values() for each in call.executions}
    assert sent == {"BEGIN": 3, "SELECT ?": 3}
    assert "pool_pre_ping is on" in done.err


def test_a_plain_join_is_counted_as_any_other(shop: Shop) -> None:
    """Its rows may be copies, and are looked into; that there is no loader path breaks nothing."""
    script = (
        "from shop.models import Customer, Order, Session, engine\n"
        "from sqlalchemy import select\n"
        "with Session(engine()) as s:\n"
        "    s.scalars(select(Order).join(Customer)).all()\n"
        "    s.scalars(select(Customer).join(Customer.orders)).all()\n"
    )
    done = shop.python("-c", script)
    assert done.code == 0
    assert done.totals == shop.counted()
    assert "itself" not in done.err


def test_no_method_of_a_parameter_is_called(empty_shop: Shop) -> None:
    """A class of the program's own may do anything: it is bound, and never asked by qprof."""
    script = (
        "import sqlalchemy as sa\n"
        "class Text(str):\n"
        "    def forbidden(self, *_): raise RuntimeError\n"
        "    __repr__ = __str__ = __hash__ = __eq__ = __len__ = forbidden\n"
        "with sa.create_engine('sqlite://').connect() as c:\n"
        "    for value in (Text('x'), Text('x'), 'x', 'x', 10 ** 18, -1, -2):\n"
        "        c.exec_driver_sql('SELECT ?', (value,)).all()\n"
    )
    done = empty_shop.python("-c", script)
    (call,) = done.calls.values()
    assert (done.code, done.totals) == (0, (7, 7)), done.err
    assert [each.repeats for each in call.executions] == [1]


def test_a_full_disk_loses_no_count(empty_shop: Shop) -> None:
    """What has no room for a line of its own is counted in one that was reserved; that is said."""
    script = (
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))\n"
        "import sqlalchemy as sa\n"
        "with sa.create_engine('sqlite://').connect() as c:\n"
        "    for n in range(500): c.execute(sa.text(f'select 1 as c{n}')).all()\n"
    )
    done = empty_shop.python("-c", script)
    assert (done.code, done.totals) == (0, (500, 500))
    assert "no room to keep these statements apart" in done.err


def test_nothing_can_be_written_is_told(empty_shop: Shop) -> None:
    """Not even a first line had room: exit code 3, in files, too, though stderr is silent."""
    script = (
        "import resource, os\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, resource.RLIM_INFINITY))\n"
        "import sqlalchemy as sa\n"
        "sa.create_engine('sqlite://').connect().scalar(sa.select(1)); print('on')\n"
    )
    done = empty_shop.python("-c", script)
    assert (done.code, done.out) == (3, b"on\n")
    assert "qprof itself failed inside of the program" in done.err


@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_rows_that_a_killed_child_had_not_closed_are_told(empty_shop: Shop, end: str) -> None:
    """Its query is counted; that rows of it may lack is a notice, which is in the trace, too."""
    script = (
        "import os, sqlalchemy as sa\n"
        "if not os.fork():\n"
        "    c = sa.create_engine('sqlite://').connect()\n"
        "    r = c.execute(sa.text('SELECT 1 UNION SELECT 2')); r.fetchone()\n"
        f"    {end}\n"
        "os.wait()\n"
    )
    done = empty_shop.python("-c", script)
    assert done.trace is not None
    assert (done.code, done.totals[0]) == (0, 1)
    assert [each[:36] for each in done.trace.notices] == ["Rows may lack: 1 result had not been"]
