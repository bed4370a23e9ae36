"""The same library, call and plan cost the same everywhere, by counters that are not qprof's."""

from __future__ import annotations

from functools import cache

import pytest
from psycopg import Cursor
from sqlalchemy import create_engine

from qprof.database import keep_read_only
from qprof.library.recipes import load_recipe
from qprof.library.seeding import seed
from qprof.runs.compare import compare
from qprof.runs.request import BUILT_IN, Request
from qprof.strategies.catalog import PLANS, named_plan
from qprof.strategies.replay import discover, measure
from qprof.target import load_target
from tests.opening import on
from tests.servers.conftest import new_database, shown

pytestmark = pytest.mark.server
CALLS = sorted(load_target(BUILT_IN))
PRODUCTS = ("artists.search", "tracks.get_all")


def concluded(url, calls=()):
    """Everything in a report but times, the environment and what follows from times."""
    report = compare(Request(calls, database=str(url)), [], 1, lambda _: None)
    return {
        "calls": {
            call.name: (call.queries, call.rows, call.cells, call.needed) for call in report.calls
        },
        "plans": {
            (each.call, plan.plan): (
                plan.status, plan.queries, plan.rows, plan.cells, plan.identical, plan.reason,
                [(finding.rule, finding.level) for finding in plan.findings],
            )
            for each in report.comparisons
            for plan in each.plans
        },
        "findings": [
            (each.rule, each.level, each.call, each.message, each.fix) for each in report.findings
        ],
    }  # fmt: skip


@pytest.fixture(scope="session")
def in_file(tmp_path_factory):
    """Say what a comparison on a library in a file concludes, once for each question."""

    @cache
    def of(recipe, calls=(), scale=1.0):
        url = f"sqlite:///{tmp_path_factory.mktemp(recipe) / 'library.db'}"
        seed(url, load_recipe(recipe), scale=scale)
        return concluded(url, calls)

    return of


def test_every_call_and_plan_costs_the_same_as_in_a_file(tiny, in_file):
    """Queries, rows, cells, needed, the same objects and the findings, for each built-in call."""
    expected = in_file("tiny")
    assert concluded(shown(tiny)) == expected
    assert len(expected["plans"]) == len(CALLS) * len(PLANS)


def test_the_products_of_the_default_recipe_cost_the_same(empty, in_file, seed_into):
    """Where rows really multiply, and chunks of 500 come in."""
    seed_into(empty, "chinook", scale=0.3)
    assert concluded(shown(empty), PRODUCTS) == in_file("chinook", PRODUCTS, 0.3)


class CommandTags(Cursor):
    """Adds up what PostgreSQL itself says at the end of each SELECT: the rows that it sent."""

    selects = rows = 0

    def execute(self, *args, **kwargs):
        done = super().execute(*args, **kwargs)
        word, _, count = (self.statusmessage or "").partition(" ")
        if word == "SELECT":
            CommandTags.selects += 1
            CommandTags.rows += int(count)
        return done


def by_command_tags(_engine):
    return CommandTags.selects, CommandTags.rows


def by_session_status(engine):
    """MariaDB's own counters of this connection; asking for them is no SELECT, and sends rows."""
    raw = engine.raw_connection()
    with raw.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS WHERE Variable_name IN ('Com_select', 'Rows_sent')")
        found = dict(cursor.fetchall())
    raw.close()
    return int(found["Com_select"]), int(found["Rows_sent"])


@pytest.fixture
def counted(tiny):
    """Make an engine of one connection, and say how to ask its server, and what asking adds."""
    if tiny.get_backend_name() == "postgresql":
        options, ask = {"connect_args": {"cursor_factory": CommandTags}}, by_command_tags
    else:
        options, ask = {}, by_session_status
    engine = keep_read_only(create_engine(tiny, pool_size=1, max_overflow=0, **options))
    with engine.connect():
        pass
    first, second = ask(engine), ask(engine)
    yield engine, lambda: ask(engine), second[1] - first[1]
    engine.dispose()


@pytest.mark.parametrize("call", CALLS)
def test_the_server_counts_the_same(tiny, counted, call):
    """SELECTs and rows under every plan, against the server's own figures."""
    engine, ask, overhead = counted
    target = load_target(BUILT_IN)[call]
    found = discover(on(engine, target))
    for name in PLANS:
        queries, rows = ask()
        run = measure(on(engine, target), named_plan(name, found.paths), found)
        more_queries, more_rows = ask()
        assert (
            sum(each.count for each in run.executions),
            sum(each.rows for each in run.executions),
        ) == (more_queries - queries, more_rows - rows - overhead), name


def test_mysql_is_another_name_for_the_same(in_file, seed_into):
    """MySQL's URL on MariaDB's server: the dialect differs, the figures do not."""
    with new_database("mariadb") as url:
        url = url.set(drivername="mysql+pymysql")
        seed_into(url)
        assert concluded(shown(url)) == in_file("tiny")
