"""The ratchet and its file, on hand-written reports."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from qprof.domain.errors import QprofError
from qprof.judge.budgets import (
    Acknowledgement,
    Baseline,
    baseline_text,
    pruned,
    read_baseline,
    updated,
    worse,
    written,
)
from qprof.judge.budgets.baseline import Raised
from tests.judge.budgets.reports import SITE, call, run

TODAY = date(2030, 6, 15)
BUG, FIX, WORSE = call(), call((4, 1280, 5900)), call((1, 13500, 418500), (5, 1580, 6500))
OTHER = call((1, 20, 20), (1, 20, 20), "artists.names")
BASE = written(run(BUG, OTHER)).baseline
ALLOWED = Acknowledgement("the page needs it", "Ada", TODAY)


def broken(baseline: Baseline, *calls: Any, today: date = TODAY, **given: Any) -> list[str]:
    """Return the metrics that are worse and not let pass."""
    found = worse(baseline, run(*calls, **given), today).breaches
    return [each.metric for each in found if not each.acknowledged]


def test_the_same_run_passes() -> None:
    """Without a word."""
    assert worse(BASE, run(BUG, OTHER), TODAY).breaches == ()
    assert worse(BASE, run(BUG, OTHER), TODAY).notices == ()


def test_all_that_rises_is_named_at_once() -> None:
    """With one command that accepts it."""
    dearer = call((1, 30, 30), (1, 30, 30), "artists.names")
    with pytest.raises(QprofError) as told:
        updated(BASE, run(WORSE, dearer), None, TODAY)
    assert str(told.value).startswith(
        "artists.search: rows would rise from 2,700 to 13,500, cells would rise from 62,100 to "
        "418,500; artists.names: rows would rise from 20 to 30, cells would rise from 20 to 30. "
        "To accept this: qprof baseline update artists.search artists.names --reason "
    )


def test_worse_fails_at_its_line() -> None:
    """With what was allowed, and what is there now."""
    (rows, cells) = worse(BASE, run(WORSE, OTHER), TODAY).breaches
    assert (rows.metric, rows.limit, rows.measured, rows.location) == ("rows", 2700, 13500, SITE)
    assert rows.message == "artists.search: 13,500 rows, and the baseline allows 2,700."
    assert cells.metric == "cells"


def test_the_fix_passes_though_it_sends_more_queries() -> None:
    """4 for 1, which the same objects needed before; and what can be pruned is told."""
    found = worse(BASE, run(FIX, OTHER), TODAY)
    assert found.breaches == ()
    (notice,) = found.notices
    assert "rows 1,280, baseline 2,700; cells 5,900, baseline 62,100" in notice


def test_a_call_that_finds_nothing_any_more_fails() -> None:
    """An empty database is no improvement, and nothing is to be pruned for it."""
    found = worse(BASE, run(call((1, 0, 0), (1, 0, 0)), OTHER), TODAY)
    (rows,) = found.breaches
    assert rows.message.startswith(
        "artists.search: no rows came, and the baseline has 2,700. Fill the database"
    )
    assert found.notices == ()
    nothing = written(run(call((1, 0, 0), (1, 0, 0)))).baseline
    assert worse(nothing, run(call((1, 0, 0), (1, 0, 0))), TODAY).breaches == ()


def test_a_call_over_its_limit_has_not_improved() -> None:
    """It may send fewer queries for its many rows: no word of that."""
    fixed = written(run(FIX)).baseline
    found = worse(fixed, run(BUG), TODAY)
    assert {each.metric for each in found.breaches} == {"rows", "cells"}
    assert found.notices == ()


def test_loading_more_is_worse_even_if_all_of_it_is_needed() -> None:
    """The allowance is what was needed when the entry was made, not what is needed now."""
    assert broken(BASE, call((6, 9000, 90000), (6, 9000, 90000)), OTHER) == [
        "queries",
        "rows",
        "cells",
    ]


def test_a_call_without_an_entry_and_an_entry_without_a_call_fail() -> None:
    """One sentence each, with the command that mends it."""
    new, gone = worse(BASE, run(call(name="artists.find"), OTHER), TODAY).breaches
    assert (new.metric, new.measured, new.location) == ("metrics without an entry", 3, SITE)
    assert "qprof baseline update artists.find" in new.message
    assert (gone.call, gone.metric, gone.measured) == (
        "artists.search",
        "entries without a call",
        3,
    )
    assert "qprof baseline prune" in gone.message


@pytest.mark.parametrize(
    "given", [{"whole": False}, {"known": ("artists.search", "artists.names")}]
)
def test_what_was_not_run_is_kept(given: dict[str, Any]) -> None:
    """Not asked for, or left out for want of an argument."""
    assert broken(BASE, OTHER, **given) == []
    assert pruned(BASE, run(OTHER, **given)).baseline == BASE
    assert updated(BASE, run(OTHER, **given), None, TODAY).baseline == BASE


def test_prune_only_lowers_and_removes() -> None:
    """The queries stay at 1, and what is new or worse stays out."""
    change = pruned(BASE, run(FIX, call(name="artists.new")))
    assert {each.metric: each.measured for each in change.baseline.entries} == {
        "queries": 1,
        "rows": 1280,
        "cells": 5900,
    }
    assert len(change.said) == 3
    assert broken(change.baseline, FIX) == []
    assert broken(change.baseline, BUG) == ["rows", "cells"]
    assert pruned(BASE, run(WORSE, OTHER)).baseline == BASE


def test_update_raises_nothing_unanswered() -> None:
    """The sentence has the command to type."""
    with pytest.raises(QprofError, match="rows would rise from 2,700 to 13,500") as refused:
        updated(BASE, run(WORSE, OTHER), None, TODAY)
    assert "--reason" in str(refused.value)


def test_a_raised_entry_holds_until_its_day_and_not_longer() -> None:
    """Then the limit is what it was before."""
    raised = updated(BASE, run(WORSE, OTHER), ALLOWED, TODAY).baseline
    assert broken(raised, WORSE, OTHER) == []
    told = [each for each in worse(raised, run(WORSE, OTHER), TODAY).breaches if each.acknowledged]
    assert [(each.metric, each.limit) for each in told] == [("rows", 2700), ("cells", 62100)]
    after = worse(raised, run(WORSE, OTHER), TODAY + timedelta(days=1)).breaches
    assert [each.limit for each in after if not each.acknowledged] == [2700, 62100]
    assert "the exception of Ada for 13,500 expired on 2030-06-15" in after[0].message
    assert broken(raised, BUG, OTHER, today=TODAY + timedelta(days=1)) == []


def test_a_debt_that_is_paid_is_forgotten() -> None:
    """Pruning takes the acknowledgement out, too."""
    raised = updated(BASE, run(WORSE, OTHER), ALLOWED, TODAY).baseline
    assert {each.raised for each in pruned(raised, run(BUG, OTHER)).baseline.entries} == {None}


def test_raising_twice_keeps_the_first_limit() -> None:
    """A renewed acknowledgement makes no debt smaller."""
    later = Acknowledgement("still", "Ada", TODAY + timedelta(days=9))
    once = updated(BASE, run(WORSE, OTHER), ALLOWED, TODAY).baseline
    again = updated(once, run(call((1, 20000, 500000)), OTHER), later, TODAY).baseline
    assert again.of("artists.search")["rows"].raised == Raised(2700, later)


def test_an_expired_entry_is_renewed_by_an_acknowledgement_alone() -> None:
    """Nothing else has changed."""
    later = Acknowledgement("still", "Ada", TODAY + timedelta(days=9))
    once = updated(BASE, run(WORSE, OTHER), ALLOWED, TODAY).baseline
    tomorrow = TODAY + timedelta(days=1)
    with pytest.raises(QprofError, match="would rise from 2,700"):
        updated(once, run(WORSE, OTHER), None, tomorrow)
    renewed = updated(once, run(WORSE, OTHER), later, tomorrow)
    assert broken(renewed.baseline, WORSE, OTHER, today=tomorrow) == []
    assert renewed.said[0] == (
        "artists.search: rows 13,500, still (Ada, until 2030-06-24); before, the page needs it "
        "(Ada, until 2030-06-15)."
    )


def test_other_arguments_are_another_question() -> None:
    """Refused by check, and measured anew by update."""
    asked = call((1, 9000, 99000), arguments={"query": "A"})
    with pytest.raises(QprofError, match="with no arguments, and this run has it with query='A'"):
        worse(BASE, run(asked, OTHER), TODAY)
    assert updated(BASE, run(asked, OTHER), None, TODAY).baseline.of("artists.search")[
        "rows"
    ].arguments == {"query": "A"}


def test_the_file_is_sorted_and_survives(tmp_path: Path) -> None:
    """One line for each call and metric, whatever order the calls ran in."""
    raised = updated(BASE, run(WORSE, OTHER), ALLOWED, TODAY).baseline
    text = baseline_text(raised)
    assert text == baseline_text(Baseline(raised.key, raised.entries[::-1]))
    assert len(text.splitlines()) == 6 + 4
    (tmp_path / "b.json").write_text(text)
    assert baseline_text(read_baseline(tmp_path / "b.json")) == text


def test_two_branches_that_change_different_calls_merge() -> None:
    """No line of the one is a line of the other: the file has what both changed."""
    old = baseline_text(BASE).splitlines()
    one = baseline_text(pruned(BASE, run(FIX, OTHER)).baseline).splitlines()
    other = baseline_text(pruned(BASE, run(BUG, call((1, 9, 9), name=OTHER.name))).baseline)
    changed = [
        {n for n, line in enumerate(old) if line != new[n]} for new in (one, other.splitlines())
    ]
    assert changed[0]
    assert changed[1]
    assert not changed[0] & changed[1]


TEXT = baseline_text(BASE)
BROKEN = {
    "cut off": (TEXT[: len(TEXT) // 2], "is not JSON, or was cut off"),
    "empty": ("", "is not JSON, or was cut off"),
    "conflict": (
        TEXT.replace("\n  {", "\n<<<<<<< HEAD\n  {", 1),
        "merge conflict in line 4",
    ),
    "schema": (TEXT.replace("baseline/1", "baseline/9"), "has schema 'qprof.baseline/9'"),
    "list": ("[]", "has schema None"),
    "metric": (TEXT.replace('"rows"', '"rowz"', 1), "'rowz' is no metric"),
    "figure": (TEXT.replace("2700", '"2700"'), "'2700' is no int"),
    "no key": (json.dumps({"schema": "qprof.baseline/1", "entries": []}), "it lacks 'key'"),
    "twice": (TEXT.replace('"rows"', '"queries"', 1), "two entries for artists.names queries"),
    "unanswered": (TEXT.replace('"measured"', '"above": 1, "measured"', 1), "without a reason"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_refused(kind: str, tmp_path: Path) -> None:
    """One sentence, with the file in it."""
    text, said = BROKEN[kind]
    (tmp_path / "b.json").write_text(text)
    with pytest.raises(QprofError, match=r"b\.json") as refused:
        read_baseline(tmp_path / "b.json")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_another_seed_is_refused() -> None:
    """Its figures are of other data."""
    with pytest.raises(QprofError, match=r"seed 1, sqlite, .* seed 2, sqlite"):
        run(BUG, seed=2).refuse_other(BASE, "b.json")
