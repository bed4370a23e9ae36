"""Every way to write a call, under every strategy: queries as counted by hand, and equal."""

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import InvalidRequestError

from tests.measure.experiments.forms import FORMS
from tests.measure.experiments.oracle import figures
from tests.measure.experiments.runs import differs, run

UNEQUAL = {("of_type", "lazy"), ("of_type", "immediate")}
"""A lazy load of people is not told that they may be managers, and leaves their columns out."""


@pytest.mark.parametrize("strategy", ["joined", "selectin", "subquery", "lazy", "immediate"])
@pytest.mark.parametrize("form", FORMS)
def test_a_moved_call_sends_the_queries_of_its_new_strategy(
    form: str, strategy: str, shop: Engine
) -> None:
    """Queries are those counted by hand; rows and cells are those of the counting cursor."""
    wanted = FORMS[form]
    expected = {
        "joined": wanted.joined,
        "selectin": wanted.apart,
        "subquery": wanted.apart,
        "lazy": wanted.lazy,
        "immediate": wanted.lazy,
    }
    assert figures(run(wanted.call, shop, strategy).executions)[0] == expected[strategy]


@pytest.mark.parametrize(
    "strategy", ["joined", "selectin", "subquery", "lazy", "immediate", "balanced"]
)
@pytest.mark.parametrize("form", FORMS)
def test_a_moved_call_gives_the_same_objects(form: str, strategy: str, shop: Engine) -> None:
    """The graph under each plan equals the one as written."""
    found = differs(FORMS[form].call, shop, strategy)
    expected = "Manager 12 has no budget loaded" if (form, strategy) in UNEQUAL else None
    assert found == expected


@pytest.mark.parametrize("form", FORMS)
def test_raise_forbids_what_the_call_reads_later(form: str, shop: Engine) -> None:
    """Under raise no path can be read, so the call or the reading of its objects fails."""
    with pytest.raises(InvalidRequestError, match="is not available due to lazy='raise'"):
        run(FORMS[form].call, shop, "raise")


@pytest.mark.parametrize("form", FORMS)
def test_balanced_never_joins_a_collection(form: str, shop: Engine) -> None:
    """What contains_eager reads aside, each to-many path has a statement of its own."""
    executions = run(FORMS[form].call, shop, "balanced").executions
    joined = [join for each in executions for join in each.joins if join.strategy == "joined"]
    assert not any(join.to_many for join in joined)
