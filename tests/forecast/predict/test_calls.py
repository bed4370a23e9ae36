"""Calls of every form: what is predicted without running the product equals what is measured."""

import pytest
from sqlalchemy import Engine

from qprof.domain.plans import PLANS, named_plan
from qprof.forecast.predict.plans import Predicted, foresee
from tests.measure.conftest import shop as shop
from tests.measure.experiments.forms import FORMS
from tests.measure.experiments.oracle import counting
from tests.opening import discover, measure, on

UNKNOWN: dict[str, set[str]] = {
    "subquery_below_selectin": set(PLANS),
    "subquery_below_immediate": set(PLANS),
    "defaultload_chain": {"as-written", "lazy"},
}


@pytest.mark.parametrize("form", FORMS)
def test_a_call_s_predictions_equal_its_measurements(form: str, shop: Engine) -> None:
    """Each plan that is not flagged, counted by a cursor."""
    opening = on(shop, FORMS[form].call)
    foresight = foresee(opening)
    found = discover(opening)
    assert {each.name: each for each in foresight.paths} == {
        each.name: each for each in found.paths
    }
    flagged = set()
    for name in PLANS:
        predicted = foresight.of(name)
        if predicted.cost is None:
            flagged.add(name)
            continue
        with counting(shop) as counted:
            measure(opening, named_plan(name, found.paths), found)
        assert _figures(predicted) == counted.figures()[: len(_figures(predicted))], name
    assert flagged == UNKNOWN.get(form, set()), [each.reason for each in foresight.plans]


def _figures(predicted: Predicted) -> tuple[int, ...]:
    cost = predicted.cost
    assert cost is not None
    known = (cost.queries, cost.rows, cost.cells)
    return known if predicted.cells_known else known[:2]
