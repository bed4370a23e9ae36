"""Random statements over random schemas: predictions equal executions, or say why not.

QPROF_WORLDS is the number of schemas, each with a statement of every form: 120 of them make more
than 2,000 statements.
"""

import os
from collections import Counter
from collections.abc import Iterator
from functools import partial
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import InvalidRequestError

from qprof.domain.plans import PLANS, SEARCHED, Plan, movable, named_plan
from qprof.forecast.predict.plans import Predicted, foresee
from tests.forecast.predict.schemas import FORMS, fill, loaded, statement, world
from tests.measure.experiments.oracle import counting, counting_engine
from tests.opening import discover, measure, on

WORLDS = int(os.environ.get("QPROF_WORLDS", "2"))
PAST = (8, 15, 19, 62, 68, 78, 79, 323, 401, 422, 451)
"""Schemas of which a statement was once predicted wrongly."""
REFUSED = ("Can't use yield_per with eager loaders", "no attribute '_sa_appender'")
"""What SQLAlchemy cannot run: the second is its error for some objects under populate_existing."""


def _figures(predicted: Predicted) -> tuple[int, ...]:
    cost = predicted.cost
    assert cost is not None
    known = (cost.queries, cost.rows, cost.cells)
    return known if predicted.cells_known else known[:2]


def _checked(engine: Engine, made: Any, draw: Random) -> Iterator[tuple[str, str]]:
    """Yield each plan and how exact its prediction is, once it proved to be true."""
    opening = on(engine, partial(loaded, made))
    try:
        found = discover(opening)
    except (InvalidRequestError, AttributeError) as error:
        if not any(each in str(error) for each in REFUSED):
            raise
        return
    mix = {each.name: draw.choice(SEARCHED) for each in movable(found.paths)}
    plans = [*(named_plan(name, found.paths) for name in PLANS), Plan("mix", mix)]
    foresight = foresee(opening, plans[-1:])
    for plan in plans:
        predicted = foresight.of(plan.name)
        if predicted.cost is None:
            assert predicted.reason
        else:
            with counting(engine) as counted:
                measure(opening, plan, found)
            wanted = _figures(predicted)
            assert wanted == counted.figures()[: len(wanted)], (plan.name, str(made))
        yield plan.name, predicted.exactness


@pytest.mark.parametrize("seed", sorted({*range(WORLDS), *PAST}))
@pytest.mark.filterwarnings("ignore:Multiple rows returned with uselist=False")
def test_predictions_equal_executions(seed: int) -> None:
    """Queries, rows and, where they are known, cells of each plan that is not flagged."""
    schema, engine = world(seed), counting_engine()
    fill(schema, engine)
    exact: Counter[str] = Counter()
    for number in range(len(FORMS)):
        outcomes = dict(_checked(engine, statement(schema, number), schema.draw))
        exact.update(name for name, exactness in outcomes.items() if exactness == "exact")
        assert set(outcomes) in ({*PLANS, "mix"}, set())
    engine.dispose()
    assert exact, "of so many random statements, some plan is predictable"
