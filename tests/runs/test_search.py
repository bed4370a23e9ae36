"""A search finds what running every combination finds, and says why it ran no more."""

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, lazyload, selectinload, subqueryload

from qprof.domain.plans import AS_WRITTEN, PLANS, Plan
from qprof.domain.report import Comparison, Search
from qprof.domain.trace import Cost
from qprof.forecast.predict.worth_running import beats
from qprof.runs import searching
from qprof.runs.compare import compare
from qprof.runs.request import Request
from qprof.seeding.library import models
from qprof.seeding.library.repositories import Repositories
from tests.measure.experiments.oracle import counting, counting_engine
from tests.opening import discover, measure, on

Seeded = Callable[..., str]
CALLS = (
    "albums.newest",
    "albums.titles_by_artist",
    "albums.with_artist",
    "artists.get_all",
    "artists.get_by_id",
    "artists.search",
    "artists.with_discography",
    "genres.shares",
    "playlists.get_all",
    "playlists.overview",
    "tracks.count_by_genre",
    "tracks.count_in_genre",
    "tracks.get_all",
)
LOADERS = {each.__name__: each for each in (joinedload, lazyload, selectinload, subqueryload)}


@pytest.fixture(scope="module")
def found(seeded: Seeded) -> dict[str, Comparison]:
    """Search every built-in call, each plan timed once."""
    request = Request(calls=CALLS, database=seeded("tiny"))
    report = compare(request, (), 1, lambda _: None, every=True)
    return {each.call: each for each in report.comparisons}


def _search(comparison: Comparison) -> Search:
    assert comparison.search is not None
    return comparison.search


def _cost(comparison: Comparison, name: str) -> Cost:
    plan = next(each for each in comparison.plans if each.plan == name)
    return Cost(plan.queries or 0, plan.rows or 0, plan.cells or 0)


@pytest.mark.parametrize("call", CALLS)
def test_it_finds_a_plan_no_worse_than_each_named_one(
    call: str, found: dict[str, Comparison]
) -> None:
    """In cells; the named plans are run beside, and the front holds the least."""
    comparison = found[call]
    fair = [p for p in comparison.plans if p.plan == AS_WRITTEN or p.identical]
    front = {each.plan for each in _search(comparison).front}
    named = [plan.cells or 0 for plan in fair if plan.plan in PLANS]
    assert {plan.plan for plan in fair} >= {AS_WRITTEN}
    assert min(p.cells or 0 for p in comparison.plans if p.plan in front) <= min(named)


@pytest.mark.parametrize("call", CALLS)
def test_every_combination_is_accounted_for(call: str, found: dict[str, Comparison]) -> None:
    seen = _search(found[call]).looked_at
    assert seen.combinations == 4 ** len(seen.paths)
    assert seen.considered == seen.combinations
    assert seen.wrong == (), "what was predicted is what was measured"
    rest = (seen.named, seen.too_large, seen.equal, seen.beaten, seen.cut, seen.run)
    assert sum(rest) + sum(seen.unknown.values()) == seen.considered


def test_what_every_combination_costs_is_on_the_front_or_beaten(
    found: dict[str, Comparison], seeded: Seeded
) -> None:
    """All 16 are run and counted by a cursor; none that could be predicted beats what was run."""
    comparison = found["playlists.get_all"]
    engine = counting_engine(Path(seeded("tiny").removeprefix("sqlite:///")))
    opening = on(engine, _all_playlists)
    discovery = discover(opening)
    ran = {_cost(comparison, each.plan) for each in comparison.plans if each.queries is not None}
    beating: list[str] = []
    for chosen in product(("joined", "selectin", "subquery", "lazy"), repeat=2):
        names = (path.name for path in discovery.paths)
        plan = Plan("one", dict(zip(names, chosen, strict=True)))
        with counting(engine) as counted:
            measure(opening, plan, discovery)
        cost = Cost(*counted.figures())
        if (
            cost not in ran
            and not _is_unknown(*chosen)
            and not any(beats(each, cost) for each in ran)
        ):
            beating.append(str(plan.strategies))
    engine.dispose()
    assert not beating


def _is_unknown(tracks: str, album: str) -> bool:
    """Return whether a combination is one of those that the search says it cannot predict."""
    return (tracks == "lazy" and album != "lazy") or (tracks, album) == ("selectin", "subquery")


def _all_playlists(session: Session) -> Any:
    return Repositories(session).playlists.get_all()


def test_the_options_that_are_shown_yield_the_plan(
    found: dict[str, Comparison], seeded: Seeded
) -> None:
    """Each plan's code, pasted into a statement without options, costs what the plan cost."""
    comparison = found["artists.with_discography"]
    engine = counting_engine(Path(seeded("tiny").removeprefix("sqlite:///")))
    plans = [p for p in comparison.plans if p.options and "lazy" not in p.strategies.values()]
    assert any(plan.plan.startswith("mix-") for plan in plans)
    for plan in plans:
        made = eval(f"found{plan.options}", {**LOADERS, **vars(models), "found": _artists()})
        with counting(engine) as counted, Session(engine) as session:
            session.scalars(made).unique().all()
        assert counted.figures() == (plan.queries, plan.rows, plan.cells), plan.plan
    engine.dispose()


def _artists() -> Any:
    return select(models.Artist).order_by(models.Artist.id)


def test_what_is_left_out_for_its_number_is_said(
    seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 16 combinations ten are considered, and one is run."""
    monkeypatch.setattr(searching, "MOST_CONSIDERED", 10)
    monkeypatch.setattr(searching, "MOST_RUN", 1)
    request = Request(calls=["playlists.get_all"], database=seeded("tiny"))
    report = compare(request, (), 1, lambda _: None, every=True)
    seen = _search(report.comparisons[0]).looked_at
    assert (seen.combinations, seen.considered, seen.run) == (16, 10, 1)
    assert [p.plan for p in report.comparisons[0].plans if p.plan not in PLANS] == ["mix-1"]


def test_the_choice_is_the_same_again(found: dict[str, Comparison], seeded: Seeded) -> None:
    """Which plans are run, and under which names, depends on counts alone."""
    request = Request(calls=["playlists.get_all"], database=seeded("tiny"))
    again = compare(request, (), 1, lambda _: None, every=True).comparisons[0]
    before = [(each.plan, each.strategies) for each in found["playlists.get_all"].plans]
    assert [(each.plan, each.strategies) for each in again.plans] == before
