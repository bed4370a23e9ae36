"""A run that takes more than its limits allow is stopped, and predicted where that can be."""

from __future__ import annotations

import sqlite3
import sys
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from qprof.domain.errors import MeasureError
from qprof.domain.limits import Limits
from qprof.domain.report import Report
from qprof.runs.bench import bench
from qprof.runs.bench_options import asked
from qprof.runs.check import check
from qprof.runs.compare import compare
from qprof.runs.predict import predict
from qprof.runs.profile import profile
from qprof.runs.request import Request
from tests.apps.greedy import GARDENS

CALLS = "tests.apps.greedy:CALLS"
EACH = 20
LIMITS = Limits(rows=1_000, statements=50, seconds=60)


@pytest.fixture(scope="module")
def greedy(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Fill one garden with 20 rows in each of three collections: 8,000 rows in their product."""
    path = tmp_path_factory.mktemp("greedy") / "greedy.db"
    engine = create_engine(f"sqlite:///{path}")
    GARDENS.fill(engine, 1, EACH)
    engine.dispose()
    return f"sqlite:///{path}"


def request(url: str, name: str, limits: Limits = LIMITS) -> Request:
    return Request([name], target=CALLS, database=url, limits=limits)


def profiled(url: str, name: str, limits: Limits = LIMITS) -> Report:
    return profile(request(url, name, limits), str)


def test_an_explosion_over_the_limit_is_judged_by_its_prediction(greedy: str) -> None:
    """The figures are those of a run without the limit, and so is the error."""
    whole = profiled(greedy, "at_once", Limits())
    report = profiled(greedy, "at_once")
    (call,) = report.calls
    assert (call.queries, call.rows, call.needed) == (1, EACH**3, whole.calls[0].needed)
    assert call.cells == whole.calls[0].cells
    assert call.exactness == "predicted"
    assert "predicted (exact)" in call.notes[0]
    (found,), (measured,) = report.findings, whole.findings
    assert (found.rule, found.level, found.evidence["rows"]) == ("QP101", "error", EACH**3)
    assert found.evidence["factor"] == measured.evidence["factor"]
    assert found.fingerprint == measured.fingerprint


def test_check_fails_such_a_call(
    greedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the budget that every call has."""
    monkeypatch.chdir(tmp_path)
    report = check(request(greedy, "at_once"), None, date(2030, 1, 1), str)
    assert {each.metric for each in report.breaches} >= {"rows-amplification"}


CORE = ["all_rows", "row_by_row", "streamed", "in_partitions", "of_the_driver", "hides_errors"]


@pytest.mark.parametrize("name", CORE)
def test_rows_are_no_more_than_the_limit(greedy: str, name: str) -> None:
    """However they are taken, and whatever the call makes of its end."""
    (call,) = profiled(greedy, name).calls
    assert call.exactness == "at least"
    assert LIMITS.rows < call.rows <= LIMITS.rows + 100
    assert call.needed is None
    assert "fetched more than 1,000 rows (--max-rows)" in call.notes[0]


@pytest.mark.parametrize("name", CORE)
def test_a_call_within_its_limits_is_measured(greedy: str, name: str) -> None:
    """The same calls, and every row of them."""
    (call,) = profiled(greedy, name, Limits()).calls
    assert (call.rows, call.exactness) == (EACH**3, "measured")


def test_statements_are_no_more_than_the_limit(greedy: str) -> None:
    """A loop that asks on and on ends."""
    (call,) = profiled(greedy, "asks_on_and_on").calls
    assert (call.queries, call.exactness) == (50, "at least")
    assert "sent more than 50 statements" in call.notes[0]


@pytest.mark.parametrize("name", ["thinks_on_and_on", "waits_on_and_on"])
def test_time_is_no_more_than_the_limit(greedy: str, name: str) -> None:
    """In the call's own code, and in one statement of the database's."""
    (call,) = profiled(greedy, name, Limits(seconds=1)).calls
    assert "took more than 1 s (--timeout)" in call.notes[0]


def test_a_plan_that_is_stopped_says_so(greedy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing predicted it, and so nothing kept it from being run."""
    monkeypatch.setattr(sys.modules[compare.__module__], "_too_large", lambda *_: {})
    report = compare(request(greedy, "apart"), (), 1, str, LIMITS.rows)
    plans = {each.plan: each for each in report.comparisons[0].plans}
    assert plans["joined"].status == "not-applicable"
    assert "more than 1,000 rows" in str(plans["joined"].reason)
    assert plans["as-written"].rows == 3 * EACH + 1


def test_a_product_is_judged_by_bench_too(greedy: str, tmp_path: Path) -> None:
    """At each size; nothing is told of how it grows."""
    two = f"sqlite:///{tmp_path / 'two.db'}"
    engine = create_engine(two)
    GARDENS.fill(engine, 1, 2 * EACH)
    engine.dispose()
    sizes = asked(
        target=CALLS, recipe=None, sizes=None, axes=(), plans=(), to=None, check=False, repeats=1,
        seed=1, at=(f"1={greedy}", f"2={two}"),
    )  # fmt: skip
    wanted = Request(["at_once"], target=CALLS, limits=LIMITS)
    report = bench(wanted, sizes, str, lambda *_: None)
    assert [(each.rule, each.level) for each in report.findings] == [("QP101", "error")]
    assert [(each.rows, each.exactness) for each in report.calls] == [
        ((2 * EACH) ** 3, "predicted")
    ]
    assert [each.reason[:40] for each in report.unmeasured] == [
        "at_once at size 1, The call was stopped:"[:40],
        "at_once at size 2, The call was stopped:"[:40],
    ]
    assert report.growths == ()


def test_predict_is_limited_too(greedy: str) -> None:
    """In what it runs: a Core product is, and an endless loop."""
    for name, reason in (("all_rows", "1,000 rows"), ("asks_on_and_on", "50 statements")):
        with pytest.raises(MeasureError, match=rf"{name}: .* more than {reason}"):
            predict(request(greedy, name), str)
    assert predict(request(greedy, "at_once"), str).predictions[0].plans[0].rows == EACH**3


def test_a_library_that_is_stopped_is_not_changed(greedy: str) -> None:
    """The file can be read, and nobody holds a lock."""
    profiled(greedy, "at_once")
    with sqlite3.connect(Path(greedy.removeprefix("sqlite:///"))) as connection:
        assert connection.execute("SELECT count(*) FROM kind0").fetchone() == (EACH,)
        connection.execute("CREATE TABLE scratch (id integer)")
        connection.rollback()
