"""A real shop's data: every plan of every call, predicted and then executed."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from qprof.domain.plans import PLANS, named_plan
from qprof.forecast.predict.plans import foresee
from tests.apps.chinook import Shop
from tests.measure.experiments.oracle import counting, counting_engine
from tests.opening import discover, measure, on
from tests.runs.conftest import CHINOOK

pytestmark = pytest.mark.skipif(
    not CHINOOK.is_file(), reason="../shared/data/chinook.sqlite is not there"
)


@pytest.mark.parametrize(
    ("repository", "method"),
    [
        ("playlists", "with_tracks"),
        ("playlists", "with_sales"),
        ("artists", "catalogue"),
        ("artists", "apart"),
        ("artists", "names"),
    ],
)
def test_predictions_equal_executions(repository: str, method: str) -> None:
    """Queries, rows and cells; a plan that is unknown says why."""
    engine = counting_engine(CHINOOK)

    def call(session: Session) -> Any:
        return getattr(getattr(Shop(session), repository), method)()

    foresight, found = foresee(on(engine, call)), discover(on(engine, call))
    for name in PLANS:
        predicted = foresight.of(name)
        assert predicted.cost is not None, predicted.reason
        with counting(engine) as counted:
            measure(on(engine, call), named_plan(name, found.paths), found)
        cost = predicted.cost
        assert (cost.queries, cost.rows, cost.cells) == counted.figures(), name
    engine.dispose()
