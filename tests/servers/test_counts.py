"""The same library, call and plan cost the same everywhere, by counters that are not qprof's."""

from __future__ import annotations

import re
from functools import cache, partial

import pytest

from qprof.domain.plans import PLANS, named_plan
from qprof.runs.compare import compare
from qprof.runs.request import BUILT_IN, Request
from qprof.seeding.library.recipes import load_recipe
from qprof.seeding.library.seeding import seed
from qprof.targets.code import load_target
from tests.opening import discover, measure, on
from tests.servers.conftest import new_database, shown
from tests.servers.counters import counting

pytestmark = pytest.mark.server
CALLS = sorted(load_target(BUILT_IN))
PRODUCTS = ("artists.search", "tracks.get_all")

_OWN = re.compile(r"It loads [^.]*\.")
"""What QP403 says of a table's size, which a server estimates and a file counts."""


def concluded(url, calls=()):
    """Everything in a report but times, the environment and what follows from times."""
    report = compare(Request(calls, database=str(url)), [], 1, lambda _: None)
    return {
        "calls": {
            call.name: (call.queries, call.rows, call.cells, call.needed) for call in report.calls
        },
        "plans": {
            (each.call, plan.plan): (
                plan.status, plan.queries, plan.rows, plan.cells, plan.identical,
                # Of the same objects it says what times tell.
                None if plan.identical else plan.reason,
                [(finding.rule, finding.level) for finding in plan.findings],
            )
            for each in report.comparisons
            for plan in each.plans
        },
        "findings": [
            (each.rule, each.level, each.call, _OWN.sub("", each.message), each.fix)
            for each in report.findings
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


def _measured(into, *what):
    into.extend(measure(*what).executions)


@pytest.mark.parametrize("call", CALLS)
def test_the_server_counts_the_same(tiny, call):
    """SELECTs and rows under every plan, against the server's own figures."""
    target = load_target(BUILT_IN)[call]
    with counting(tiny) as (engine, sent_by):
        found = discover(on(engine, target))
        for name in PLANS:
            plan, run = named_plan(name, found.paths), []
            sent = sent_by(partial(_measured, run, on(engine, target), plan, found))
            own = (sum(each.count for each in run), sum(each.rows for each in run))
            assert own == sent, name


def test_mysql_is_another_name_for_the_same(in_file, seed_into):
    """MySQL's URL on MariaDB's server: the dialect differs, the figures do not."""
    with new_database("mariadb") as url:
        url = url.set(drivername="mysql+pymysql")
        seed_into(url)
        assert concluded(shown(url)) == in_file("tiny")
