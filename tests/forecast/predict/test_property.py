"""Random statements over random schemas: predictions equal executions, or say why not."""

import warnings
from collections import Counter
from collections.abc import Iterator
from functools import partial
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine

from qprof.domain.plans import PLANS, SEARCHED, Plan, movable, named_plan
from qprof.forecast.predict.root import Execution, answer
from qprof.forecast.predict.rows import together
from tests.forecast.predict.schemas import fill, loaded, statement, world
from tests.measure.experiments.oracle import counting, counting_engine
from tests.opening import discover, measure, on

SEEDS = 29
STATEMENTS = 7


def _figures(sent: Any) -> tuple[int, ...]:
    cost, known = together(sent)
    return (cost.queries, cost.rows, cost.cells) if known else (cost.queries, cost.rows)


def _checked(engine: Engine, made: Any, draw: Random) -> Iterator[tuple[str, Any]]:
    """Yield each plan with the reason that it is unknown, or None once it proved to be exact."""
    call = partial(loaded, made)
    found = discover(on(engine, call))
    (root,) = found.roots.values()
    plans = {name: named_plan(name, found.paths) for name in PLANS}
    mix = {each.name: draw.choice(SEARCHED) for each in movable(found.paths)}
    plans["mix"] = Plan("mix", mix)
    moved = {name: plan.strategies if plan.rewrites else {} for name, plan in plans.items()}
    with engine.connect() as connection:
        got = answer(Execution(made, {}, root), connection, moved, "joined")
    for name, plan in plans.items():
        sent = got.plans[name]
        if isinstance(sent, str):
            assert sent
            yield name, sent
            continue
        with counting(engine) as counted:
            measure(on(engine, call), plan, found)
        wanted = _figures(sent)
        assert wanted == counted.figures()[: len(wanted)], (name, str(made))
        yield name, None


@pytest.mark.parametrize("seed", range(SEEDS))
def test_predictions_equal_executions(seed: int) -> None:
    """Queries, rows and, where they are known, cells of each plan that is not flagged."""
    schema, engine = world(seed), counting_engine()
    fill(schema, engine)
    exact: Counter[str] = Counter()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Multiple rows returned with uselist=False")
        for number in range(STATEMENTS):
            outcomes = dict(_checked(engine, statement(schema, number), schema.draw))
            exact.update(name for name, reason in outcomes.items() if reason is None)
            assert set(outcomes) == {*PLANS, "mix"}
    engine.dispose()
    assert exact, "of six random statements, some plan is predictable"
