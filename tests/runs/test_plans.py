"""All plans of all calls: equal objects, and the counts of an independent cursor."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from qprof.domain.report import Comparison, Report
from qprof.runs.compare import compare as run_compare
from qprof.runs.request import BUILT_IN, Request
from qprof.seeding.library.repositories import Repositories
from qprof.targets.code import load_target
from tests.measure.experiments.oracle import counting, counting_engine
from tests.runs.reports import compared, plan_of

Seeded = Callable[..., str]
CALLS = sorted(load_target(BUILT_IN))


@pytest.fixture(scope="module", params=["tiny", "chinook"])
def report(request: pytest.FixtureRequest, seeded: Seeded) -> Report:
    """Every built-in call under every plan."""
    scale = 0.1 if request.param == "chinook" else 1.0
    return compared(seeded(request.param, scale))


def _of(report: Report, call: str) -> Comparison:
    (found,) = [each for each in report.comparisons if each.call == call]
    return found


@pytest.mark.parametrize("call", CALLS)
def test_all_plans_give_the_same_objects(call: str, report: Report) -> None:
    """Measured and proven, none left out."""
    plans = _of(report, call).plans
    assert [each.status for each in plans] == ["measured"] * 6
    assert [each.identical for each in plans[1:]] == [True] * 5


@pytest.mark.parametrize("call", [each for each in CALLS if each != "genres.shares"])
def test_balanced_measures_what_is_needed(call: str, report: Report) -> None:
    """By definition; only repeated counts are needed once."""
    plan = plan_of(_of(report, call), "balanced")
    (needed,) = [each.needed for each in report.calls if each.name == call]
    assert needed is not None
    assert (plan.queries, plan.rows, plan.cells) == (needed.queries, needed.rows, needed.cells)


@contextmanager
def _counted(url: str) -> Iterator[Engine]:
    engine = counting_engine(Path(url.removeprefix("sqlite:///")))
    yield engine
    engine.dispose()


@pytest.mark.filterwarnings("ignore:SELECT statement has a cartesian product")
@pytest.mark.parametrize("call", CALLS)
def test_a_call_s_counts_are_those_of_a_counting_cursor(
    call: str, report: Report, seeded: Seeded
) -> None:
    """The call alone, on the same file, without qprof."""
    url = report.environment.database
    with _counted(url) as engine, counting(engine) as counted, Session(engine) as session:
        _by_hand(call, session)
    (found,) = [each for each in report.calls if each.name == call]
    assert counted.figures() == (found.queries, found.rows, found.cells)


def _by_hand(call: str, session: Session) -> None:
    repository, method = call.split(".")
    getattr(getattr(Repositories(session), repository), method)()


def test_a_mix_is_one_more_row(seeded: Seeded) -> None:
    """Its strategies are those that were named, the others as written."""
    mix = "Artist.tracks=selectin,Artist.albums=subquery"
    (comparison,) = compared(seeded("audit"), "artists.search", plans=(mix,)).comparisons
    plan = comparison.plans[-1]
    assert (plan.plan, plan.identical, plan.queries) == (mix, True, 3)


def test_a_raising_mix_says_why_it_cannot_run(seeded: Seeded) -> None:
    """Not applicable, with SQLAlchemy's reason, and never recommended."""
    mix = "Artist.albums=raise"
    (comparison,) = compared(seeded("audit"), "artists.search", plans=(mix,)).comparisons
    plan = comparison.plans[-1]
    assert (plan.status, plan.identical) == ("not-applicable", None)
    assert "lazy='raise'" in (plan.reason or "")


def test_a_named_plan_can_be_named_again(seeded: Seeded) -> None:
    """It runs anyway; naming it is no error and no second row."""
    report = run_compare(
        Request(calls=["artists.search"], database=seeded("tiny")), ["joined"], 1, lambda _: None
    )
    assert len(report.comparisons[0].plans) == 6
