"""The one line that can be understood alone."""

from dataclasses import replace

import pytest

from qprof.domain.report import Finding, amplification
from qprof.domain.trace import Call, Cost, Suspect
from qprof.judge.verdict.verdicts import call_verdict, comparison_verdict
from tests.judge.verdict.plans import call, plan

EXPLOSION = Finding(
    rule="QP101",
    name="cartesian-explosion",
    level="error",
    call="artists.search",
    paths=(),
    message="",
    fix="",
    evidence={"worst_root": "Artist 7", "worst_root_rows": 10340},
    location=None,
    fingerprint="",
)


def verdict(seen: Call, *findings: Finding) -> str:
    """Return the verdict of a call."""
    return call_verdict(seen, amplification(seen.cost, seen.needed), findings)


def test_a_damaged_call_names_the_rule_and_the_worst_root() -> None:
    """Figures, what would do, the finding, and who is to blame."""
    said = verdict(call(1, 15464, 9, Cost(6, 4031, 9)), EXPLOSION)
    assert "15,464 rows" in said
    assert "6 queries, 4,031 rows" in said
    assert "cartesian" in said
    assert "(Artist 7 alone brings 10,340 rows" in said


def test_a_clean_call_says_so() -> None:
    """Within 5 % of needed."""
    assert verdict(call(2, 10, 36, Cost(2, 10, 36))).endswith("no more than its objects need.")


def test_one_is_not_plural() -> None:
    """1 query, 1 row, 1 cell."""
    assert verdict(call(1, 1, 1, Cost(1, 1, 1))).startswith("1 query, 1 row, 1 cell")


def test_waste_without_a_rule_is_said() -> None:
    """Nothing was broken, and yet the balanced plan takes less."""
    wasteful = call(1, 19, 437, Cost(4, 32, 169))
    assert verdict(wasteful).endswith("169 cells, and no rule was broken.")
    assert verdict(wasteful, replace(EXPLOSION, level="note")).endswith("169 cells.")


def test_an_unknown_need_is_said() -> None:
    """The balanced plan could not run."""
    assert verdict(call(1, 1, 1, None)).endswith(
        "; no reference, because the call was not run under another plan."
    )


def test_a_call_that_sent_nothing_says_so() -> None:
    """No figures are given for what was not measured."""
    assert verdict(call(0, 0, 0, None)) == "no statement was sent, so nothing was measured."


def test_a_note_is_no_reason() -> None:
    """A latent shape does not make a verdict."""
    latent = Finding(**{**vars(EXPLOSION), "level": "note"})
    assert "cartesian" not in verdict(call(1, 5, 5, Cost(1, 5, 5)), latent)


def test_a_better_plan_is_named_with_its_gain() -> None:
    """How much faster, what it saves, and that the result is the same; no count again."""
    best = plan("selectin", 0.5, cells=40, times=(0.5,) * 3)
    written = plan("as-written", 2.0, times=(2.0,) * 3)
    said = comparison_verdict([written, best], best, [EXPLOSION])
    assert said == "use selectinload, 4.0× faster: 60 % fewer cells, same result."


@pytest.mark.parametrize(
    ("name", "strategies", "said"),
    [
        ("balanced", {"A.bs": "selectin"}, "selectinload"),
        (
            "balanced",
            {"A.bs": "selectin", "A.b": "joined"},
            "balanced (selectinload for collections, joinedload for the rest)",
        ),
        ("joined", {"A.bs": "joined", "A.parent": "selectin"}, "joined"),
        ("mix-1", {"A.bs": "selectin", "A.b": "joined"}, "mix-1 (A.bs=selectin, A.b=joined)"),
    ],
)
def test_a_plan_is_said_as_its_option(name: str, strategies: dict[str, str], said: str) -> None:
    """One option for every path is the thing to write; several are named after the plan."""
    best = plan(name, 0.5, cells=40, times=(0.5,) * 3, strategies=strategies)
    written = plan("as-written", 2.0, times=(2.0,) * 3)
    reason = comparison_verdict([written, best], best, [EXPLOSION])
    assert reason.startswith(f"use {said}, 4.0× faster")


def test_a_call_that_is_best_is_kept() -> None:
    """The next best is no faster, as far as the repeats tell."""
    written = plan("as-written", strategies={"Artist.tracks": "joined"})
    rival = plan("selectin", 3.0, queries=4, rows=12)
    said = comparison_verdict([written, rival], written, [])
    assert said == "keep it as written: the next best plan, selectin, is not faster."


@pytest.mark.parametrize(
    ("seconds", "times", "said"),
    [
        (3.0, (3.0,) * 5, "selectin takes 3.0× the time"),
        (1.5, (1.5,) * 5, "the next best plan, selectin, is not faster"),
        (1.05, (1.05,) * 5, "selectin is equally fast"),
        (
            0.5,
            (0.2, 2.0, 0.5),
            "no clear winner, since selectin looks 2.0× faster, but the repeats vary too much; "
            "try --repeat 20",
        ),
        (0.1, (0.1,) * 5, "selectin is 10.0× faster, but has QP101"),
    ],
)
def test_why_a_call_is_kept(seconds: float, times: tuple[float, ...], said: str) -> None:
    """By the next best plan: slower, equal, not told apart, or faster and worse."""
    written = plan("as-written", times=(1.0,) * 5)
    rival = plan("selectin", seconds, queries=2, times=times)
    if seconds == 0.1:
        rival = replace(rival, findings=(EXPLOSION,))
    assert comparison_verdict([written, rival], written, []) == f"keep it as written: {said}."


def test_a_plan_that_is_faster_and_costs_more_says_both() -> None:
    """Fewer of one count, more of another, and the same time."""
    written = plan("as-written", 1.0, queries=4, times=(1.0,) * 5)
    best = plan("joined", 1.0, queries=1, cells=2 * (written.cells or 0), times=(1.0,) * 5)
    said = comparison_verdict([written, best], best, [])
    assert said == "use joinedload, equally fast: 2.0× the cells, 75 % fewer queries, same result."


def test_joins_that_no_plan_moves_are_not_called_cheap() -> None:
    """What contains_eager reads stays as it is under every plan that was compared."""
    written = plan("as-written", strategies={"Song.genre": "joined"})
    rival = plan("selectin", 3.0, queries=2, rows=12)
    said = comparison_verdict([written, rival], written, [EXPLOSION], own_joins=True)
    assert said == "keep it as written: contains_eager has no strategy to exchange."


def test_a_call_that_its_plans_speak_against_is_not_kept() -> None:
    """With the plans, in what they differ, and the one to use."""
    plans = [plan("as-written", 0.1), plan("selectin", 2.0), plan("lazy", 3.0)]
    suspect = Suspect(("selectin", "lazy"), "it returns 5 objects, not 3")
    said = comparison_verdict(plans, plans[1], [EXPLOSION], suspect)
    assert said.startswith("do not trust it as written: selectin and lazy agree with each other")
    assert "it returns 5 objects, not 3. Use selectinload. As written: QP101" in said


def test_nothing_to_recommend_is_said() -> None:
    """None was proven."""
    assert comparison_verdict([plan("as-written")], None, []).startswith("no recommendation")


@pytest.mark.parametrize("seconds", [0.0, None])
def test_no_time_breaks_no_sentence(seconds: float | None) -> None:
    """A clock that did not advance gives no factor, and no division by zero."""
    best = plan("balanced", seconds)
    assert comparison_verdict([plan("as-written", seconds), best], best, [])
