"""One runner for every experiment: what is equal is run once, and what fails says why."""

from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.pool import StaticPool

from qprof.domain.limits import Limits
from qprof.domain.plans import AS_WRITTEN, Plan, named_plan
from qprof.measure.experiments.experiment import LimitReached, Observation
from qprof.measure.experiments.runner import Runner, Trial, time_trials
from qprof.measure.experiments.waiting import waited
from tests.measure.experiments.models import Author
from tests.opening import on


class Counted:
    """A call that knows how often it was run."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, session: Session) -> Any:
        self.runs += 1
        return session.scalars(select(Author).options(selectinload(Author.books))).all()


UNTIMED: tuple[tuple[Observation, ...], ...] = (
    (),
    ("objects",),
    ("outcome",),
    ("objects", "tally"),
)


@pytest.mark.parametrize("observe", UNTIMED)
def test_equal_experiments_are_run_once_whatever_they_are_asked_for(
    observe: tuple[Observation, ...], shop: Engine
) -> None:
    call = Counted()
    runner = Runner(on(shop, call))
    found = runner.discover()
    plan = Plan("moved", {"Author.books": "joined"})
    first = runner.run(found.experiment(plan, "one question", *observe))
    again = runner.attempt(found.experiment(Plan("x", plan.strategies), "another", *observe))
    assert call.runs == 2
    assert (first.executions, first.cost.queries) == (again.executions, 1)
    assert again.experiment.because == "another"


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


@pytest.mark.parametrize(
    ("limits", "sql"),
    [
        (Limits(statements=3), "SELECT 1"),
        (Limits(rows=3), "SELECT 1 UNION ALL SELECT 2"),
        (Limits(seconds=0.2), ENDLESS),
    ],
)
def test_a_database_in_memory_outlives_a_run_that_is_stopped(limits: Limits, sql: str) -> None:
    """SQLAlchemy would give up the connection, and with it all tables."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept (id INTEGER)"))

    def call(session: Session) -> None:
        while True:
            session.execute(text(sql)).all()

    with pytest.raises(LimitReached):
        Runner(on(engine, call), limits).discover()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM kept")).scalar() == 0
    engine.dispose()


@pytest.mark.parametrize("observe", [("time",), ("value",)])
def test_what_is_timed_or_alive_is_run_anew(observe: tuple[Observation, ...], shop: Engine) -> None:
    call = Counted()
    runner = Runner(on(shop, call))
    found = runner.discover()
    wanted = found.experiment(named_plan(AS_WRITTEN, found.paths), "again", *observe)
    for _ in range(3):
        runner.run(wanted)
    assert call.runs == 4


def test_another_plan_another_look_or_another_page_is_another_experiment(shop: Engine) -> None:
    call = Counted()
    runner = Runner(on(shop, call))
    found = runner.discover()
    joined, lazy = (Plan(each, {"Author.books": each}) for each in ("joined", "lazy"))
    for wanted in (
        found.experiment(joined, "", "objects"),
        found.experiment(lazy, "", "objects"),
        found.experiment(lazy, "", "objects", touched=True),
        found.experiment(lazy, "", "objects", "tally"),
        found.experiment(named_plan(AS_WRITTEN, found.paths), "", "objects"),
    ):
        runner.run(wanted)
    assert call.runs == 6


def test_what_cannot_run_says_why_and_is_not_tried_again(shop: Engine) -> None:
    runs = []

    def read(session: Session) -> list[int]:
        runs.append(session)
        found = session.scalars(select(Author).options(selectinload(Author.books))).all()
        return [len(each.books) for each in found]

    runner = Runner(on(shop, read))
    found = runner.discover()
    wanted = found.experiment(Plan("raise", {"Author.books": "raise"}), "", "outcome")
    for _ in range(2):
        assert "not available due to lazy='raise'" in (runner.attempt(wanted).reason or "")
    assert len(runs) == 2


def test_timed_trials_take_turns(shop: Engine) -> None:
    call = Counted()
    runner = Runner(on(shop, call))
    found = runner.discover()
    plan = named_plan(AS_WRITTEN, found.paths)
    trials = [Trial(found.experiment(plan, each, "time")) for each in ("one", "other")]
    time_trials(runner, trials, 3)
    assert call.runs == 7
    assert [len(each.seconds) for each in trials] == [3, 3]
    assert all(low <= each.median <= most for each in trials for low, most in [each.spread])


def test_a_busy_machine_is_no_part_of_a_time(shop: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system says that the thread waited is taken out, and is no clock of ours."""
    runner = Runner(on(shop, Counted()))
    trial = Trial(runner.discover().experiment(named_plan(AS_WRITTEN, ()), "", "time"))
    moments = iter([10.0, 17.0])
    monkeypatch.setattr("qprof.measure.experiments.runner.waited", lambda: next(moments))
    time_trials(runner, [trial], 1)
    assert trial.seconds == [0.0]
    assert waited() >= 0.0
