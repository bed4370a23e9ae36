"""A relationship that leads on and on, read level by level."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise

import pytest
from sqlalchemy import Engine, ForeignKey, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from qprof.domain.plans import AS_WRITTEN, named_plan
from qprof.measure.experiments.experiment import Experiment
from qprof.measure.experiments.questions import examine
from qprof.measure.experiments.runner import Runner
from qprof.measure.orm.roots import LEVELS
from tests.measure.experiments.oracle import counting, counting_engine
from tests.opening import on

DEPTH = 500


class Base(DeclarativeBase):
    """The metadata of this table alone."""


class Box(Base):
    """Holds one smaller box."""

    __tablename__ = "box"
    id: Mapped[int] = mapped_column(primary_key=True)
    outer_id: Mapped[int | None] = mapped_column(ForeignKey("box.id"), index=True)
    inner: Mapped[list[Box]] = relationship()


@pytest.fixture(scope="module")
def boxes(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    engine = counting_engine(tmp_path_factory.mktemp("boxes") / "boxes.db")
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(
            insert(Box),
            [{"id": each, "outer_id": each - 1 or None} for each in range(1, DEPTH + 2)],
        )
    return engine


def opens(depth: int):
    """Return a call that opens so many boxes, one in the other."""

    def call(session: Session) -> Box:
        first = box = session.get_one(Box, 1)
        for _ in range(depth):
            box = box.inner[0]
        return first

    return call


def examined(boxes: Engine, depth: int):
    return examine("call", {}, on(boxes, opens(depth))).call


def test_each_level_is_counted(boxes: Engine) -> None:
    """One load for each box, also below the levels that plans follow."""
    with counting(boxes) as counted, Session(boxes) as session:
        opens(30)(session)
        figures = counted.figures()
    cost = examined(boxes, 30).cost
    assert (cost.queries, cost.rows, cost.cells) == figures


def test_plans_follow_some_levels_and_say_so(boxes: Engine) -> None:
    """Each is a path; of those below, a note tells."""
    call = examined(boxes, 30)
    assert [path.name.count(".") for path in call.paths] == list(range(1, LEVELS + 1))
    assert [each for each in call.notes if "Box.inner goes more than 10 levels deep" in each]
    assert not [each for each in examined(boxes, LEVELS).notes if "levels deep" in each]


def functions_of(work: Callable[[], object]) -> int:
    """Return how many functions of Python are called for `work`."""
    count = 0

    def see(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(see)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def test_the_work_grows_with_the_depth_alone(boxes: Engine) -> None:
    """Twice as deep is twice the work, as it is for the call itself: not eight times."""
    calls = [functions_of(partial(examined, boxes, depth)) for depth in (40, 80, 160)]
    assert all(more / less < 2.5 for less, more in pairwise(calls))


def test_a_chain_of_500_costs_three_times_the_call_at_most(boxes: Engine) -> None:
    """In a run that is measured; in Python's own functions, since a time would not be stable."""

    def bare() -> None:
        with Session(boxes) as session:
            opens(DEPTH)(session)

    runner = Runner(on(boxes, opens(DEPTH)))
    written = Experiment("a test asks", named_plan(AS_WRITTEN, ()), {}, frozenset({"objects"}))
    bare()
    with counting(boxes) as counted:
        result = runner.run(written)
        assert result.cost.queries == counted.figures()[0] == DEPTH + 1
    again = replace(written, observe=frozenset({"time", "objects"}))
    assert functions_of(lambda: runner.run(again)) <= 3 * functions_of(bare)
