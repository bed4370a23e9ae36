"""Budgets against hand-written reports."""

from datetime import date
from typing import Any

import pytest

from qprof.domain.errors import QprofError
from qprof.judge.budgets import Verdict, built_in, over_budget, read_budgets
from tests.judge.budgets.reports import SITE, call, execution

TODAY = date(2030, 6, 15)
BUG, FIX = call(), call((4, 1280, 5900))
ON_PURPOSE = {"reason": "an exhibit", "by": "Ada", "expires": TODAY}


def judged(table: Any, *calls: Any, accepted: tuple[str, ...] = ()) -> Verdict:
    """Return what the budgets of `table`, over qprof's default, say."""
    budgets = read_budgets(table, "qprof.toml: budgets").over(built_in(1.5, 3.0))
    return over_budget(budgets, calls, accepted, TODAY)


def broken(table: Any, *calls: Any) -> list[tuple[str, float, str]]:
    """Return metric, limit and source of each breach that is not let pass."""
    found = judged(table, *calls).breaches
    return [(each.metric, each.limit, each.source) for each in found if not each.acknowledged]


def test_a_budget_of_queries_passes_the_bug() -> None:
    """The default budget, of rows and cells over those needed, does not; the fix passes both."""
    assert {each.source for each in judged({"default": {"queries": 5}}, BUG).breaches} == {
        "qprof's default"
    }
    assert [metric for metric, *_ in broken({}, BUG)] == [
        "rows-amplification",
        "cells-amplification",
    ]
    assert broken({"default": {"queries": 5}}, FIX) == []


def test_the_chunks_of_a_selectin_are_one_query() -> None:
    """With 601 parents each path is asked for twice, and the code is the same."""
    paths = [execution("selectin", 2, path=name, chunks=1) for name in ("a", "b", "c")]
    chunked = call((7, 1, 1), None, executions=(execution(), *paths))
    assert broken({"default": {"queries": 4}}, chunked) == []
    assert broken({"default": {"queries": 3}}, chunked) == [("queries", 3, "budget default")]


def test_a_selectin_in_a_loop_is_many_queries() -> None:
    """Each statement of the loop starts one of its own."""
    looped = call((20, 1, 1), None, executions=(execution(count=10), execution("selectin", 10)))
    assert broken({"default": {"queries": 19}}, looped) == [("queries", 19, "budget default")]


def test_a_breach_can_be_understood_alone() -> None:
    """Sentence, figures, place."""
    (rows, _) = judged({}, BUG).breaches
    assert rows.location == SITE
    assert rows.message == (
        "artists.search: rows 2.11×, limit 1.50× (qprof's default): 2,700 rows, 1,280 are enough."
    )


@pytest.mark.parametrize(
    ("patterns", "winner"),
    [
        (["default", "*"], "*"),
        (["*", "artists.*"], "artists.*"),
        (["artists.*", "artists.s*"], "artists.s*"),
        (["artists.search*", "artists.search"], "artists.search"),
        (["artists.search", "default"], "artists.search"),
    ],
)
def test_the_most_specific_budget_wins(patterns: list[str], winner: str) -> None:
    """Whatever stands first in the file."""
    for order in (patterns, patterns[::-1]):
        found = broken({each: {"rows": 10} for each in order}, BUG)
        assert ("rows", 10, f"budget {winner}") in found


def test_it_wins_metric_by_metric() -> None:
    """A budget of rows leaves the default's cells in force, and `inf` takes one out."""
    assert [each[0] for each in broken({"*.search": {"rows-amplification": 9}}, BUG)] == [
        "cells-amplification"
    ]
    lifted = {"default": {"rows-amplification": float("inf"), "cells-amplification": float("inf")}}
    assert broken(lifted, BUG) == []


def test_a_tie_goes_to_the_lower_limit() -> None:
    """Two patterns with as many literal characters."""
    assert ("rows", 7, "budget *search") in broken(
        {"artist*": {"rows": 9}, "*search": {"rows": 7}}, BUG
    )


def test_little_waste_breaks_no_ratio() -> None:
    """26 rows for 2 are ×13, and 24 rows are nothing; a slack of 0 asks for them anyway."""
    small = call((1, 26, 500), (2, 2, 20))
    assert broken({}, small) == []
    assert broken({"default": {"rows-amplification": {"limit": 2, "slack": 0}}}, small) == [
        ("rows-amplification", 2, "budget default")
    ]


def test_unknown_needs_are_told() -> None:
    """An amplification that cannot be judged is not a pass in silence."""
    found = judged({}, call(needed=None))
    assert found.breaches == ()
    assert "what it needs is unknown" in found.notices[0]


def test_a_warning_is_a_breach_of_that_level() -> None:
    """It is shown; the command line does not fail for it."""
    found = judged({"default": {"rows": {"limit": 1, "level": "warning"}}}, BUG).breaches
    assert [each.level for each in found if each.metric == "rows"] == ["warning"]


def test_an_acknowledged_limit_lets_pass_what_it_names() -> None:
    """Up to its own limit, and its reason is in the report."""
    lenient = {"artists.search": {"rows-amplification": {"limit": 2.2, **ON_PURPOSE}}}
    (found, _) = judged(lenient, BUG).breaches
    assert (found.limit, found.acknowledged) == (1.5, "an exhibit (Ada, until 2030-06-15)")
    worse = judged(lenient, call((1, 9000, 62100))).breaches
    assert (worse[0].limit, worse[0].acknowledged) == (2.2, None)


def test_an_expired_acknowledgement_fails() -> None:
    """The limit beneath it holds again, and the sentence says why."""
    ended = {**ON_PURPOSE, "expires": date(2030, 6, 14)}
    (found, _) = judged({"artists.*": {"rows-amplification": {"limit": 3, **ended}}}, BUG).breaches
    assert found.acknowledged is None
    assert "the exception of Ada for 3 expired on 2030-06-14" in found.message


@pytest.mark.parametrize("expires", [date(2020, 1, 1), date(2040, 1, 1)])
def test_an_acknowledgement_that_nothing_needs_is_told(expires: date) -> None:
    """Expired or not: the debt is paid."""
    table = {"artists.*": {"rows-amplification": {"limit": 3, **ON_PURPOSE, "expires": expires}}}
    found = judged(table, FIX)
    assert found.breaches == ()
    assert "remove it" in found.notices[0]


def test_the_baseline_eases_the_default_and_no_budget() -> None:
    """A debt that was there when qprof came is held by the ratchet; what was asked for is asked."""
    easy = judged({"default": {"rows": 10}}, BUG, accepted=("artists.search",)).breaches
    assert [each.source for each in easy if not each.acknowledged] == ["budget default"]


WRONG = {
    "metric": ({"default": {"querys": 5}}, "Did you mean 'queries'?"),
    "key": ({"default": {"rows": {"limt": 5}}}, "Did you mean 'limit'?"),
    "level": ({"default": {"rows": {"limit": 5, "level": "eror"}}}, "Did you mean 'error'?"),
    "value": ({"default": {"rows": "5"}}, "it has to be a number from zero on"),
    "negative": ({"default": {"rows": -1}}, "it has to be a number from zero on"),
    "truth": ({"default": {"rows": True}}, "it has to be a number from zero on"),
    "table": ({"default": 5}, "it has to be a table"),
    "no limit": ({"default": {"rows": {"level": "error"}}}, "has no limit"),
    "slack": ({"default": {"rows": {"limit": 5, "slack": 1}}}, "only an amplification has"),
    "half": ({"default": {"rows": {"limit": 5, "by": "Ada"}}}, "without reason and expires"),
    "blank": ({"default": {"rows": {"limit": 5, **ON_PURPOSE, "by": " "}}}, "by is ' '"),
    "day": ({"default": {"rows": {"limit": 5, **ON_PURPOSE, "expires": "soon"}}}, "a day such as"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_budget_is_refused(kind: str) -> None:
    """With its place and the nearest name."""
    table, said = WRONG[kind]
    with pytest.raises(QprofError, match=r"qprof\.toml: budgets\.default") as refused:
        judged(table)
    assert said in str(refused.value)
