"""Calls at several sizes: the counts are those of plain SQL, and Ctrl-C keeps what is done."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from qprof.domain.errors import MeasureError, QprofError
from qprof.domain.jsonvalue import from_json, to_json
from qprof.domain.report import Growth, PlanGrowth, Report
from qprof.runs.bench import bench
from qprof.runs.bench_options import asked
from qprof.runs.request import Request
from qprof.seeding.library.recipes import load_recipe
from qprof.seeding.library.seeding import seed

SEARCH = "artists.search"
NEEDED = """
    WITH found AS (SELECT id FROM artists WHERE lower(name) LIKE 'the%'),
    own AS (SELECT track_id FROM track_artists WHERE artist_id IN (SELECT id FROM found))
    SELECT (SELECT count(*) FROM found)
         + (SELECT count(*) FROM albums WHERE artist_id IN (SELECT id FROM found))
         + (SELECT count(*) FROM own)
         + (SELECT count(*) FROM track_genres WHERE track_id IN (SELECT track_id FROM own))
"""
JOINED = """
    SELECT count(*) FROM artists a
    LEFT JOIN (track_artists ta JOIN tracks t ON t.id = ta.track_id) ON ta.artist_id = a.id
    LEFT JOIN (track_genres tg JOIN genres g ON g.id = tg.genre_id) ON tg.track_id = t.id
    LEFT JOIN albums b ON b.artist_id = a.id
    WHERE lower(a.name) LIKE 'the%'
"""


def silent(*_: object) -> None:
    """Say nothing."""


def benched(*calls: str, progress: Any = silent, request: Any = None, **options: Any) -> Report:
    """Return the growth of calls on the tiny recipe, each plan timed once."""
    given: dict[str, Any] = {
        "target": None,
        "recipe": "tiny",
        "sizes": None,
        "axes": (),
        "plans": (),
        "to": None,
        "check": False,
        "repeats": 1,
        "seed": 1,
        "at": (),
        **options,
    }
    return bench(request or Request(calls=calls or (SEARCH,)), asked(**given), silent, progress)


def plan_of(growth: Growth, name: str) -> PlanGrowth:
    """Return one plan."""
    (found,) = [each for each in growth.plans if each.plan == name]
    return found


def plain(tmp_path: Path, sql: str, scale: float = 1.0, **changes: str) -> int:
    """Return what plain SQL counts in a library that is seeded anew."""
    file = tmp_path / f"{scale}{changes}.db"
    if not file.exists():
        seed(f"sqlite:///{file}", load_recipe("tiny", changes), scale=scale)
    with closing(sqlite3.connect(file)) as database:
        return int(database.execute(sql).fetchone()[0])


@pytest.mark.parametrize(
    ("axis", "library"),
    [
        ("library", lambda size: {"scale": size}),
        ("roots", lambda size: {"artists": str(int(6 * size))}),
        ("children", lambda size: {"children": str(size)}),
    ],
)
def test_the_rows_at_each_size_are_those_of_plain_sql(
    axis: str, library: Callable[[int], dict[str, Any]], tmp_path: Path
) -> None:
    """On libraries that were seeded apart from qprof bench, counted without SQLAlchemy."""
    (growth,) = benched(axes=[axis]).growths
    for plan, sql in (("as-written", JOINED), ("balanced", NEEDED)):
        rows = [each.rows for each in plan_of(growth, plan).sizes]
        assert rows == [plain(tmp_path, sql, **library(size)) for size in (1, 2, 4)]


def test_siblings_multiply_with_children_and_not_with_roots() -> None:
    """The audit: N × M × M as it is written, N × M as it should be."""
    report = benched(recipe="audit", axes=["roots", "children"], plans=["all"])
    roots, children = report.growths
    assert [each.axis for each in report.growths] == ["roots", "children"]
    found = {
        plan: [plan_of(growth, plan).fits[1].formula for growth in (roots, children)]
        for plan in ("as-written", "balanced")
    }
    assert found == {
        "as-written": ["1,800 × size", "1,800 × size × size"],
        "balanced": ["1,260 × size", "20 + 1,240 × size"],
    }
    said = " ".join(children.conclusions)
    assert "rows of as-written grow as roots^1.00 × children^2.00, N × M × M" in said
    assert "queries of lazy grow as roots^1.00 × children^0.93, N × M" in said
    assert "queries of selectin grow as roots^0.29 × children^0.29, in batches" in said


def test_queries_are_told_apart_on_the_audit() -> None:
    """A batch for every 500 parents against one for each; both are exact at twice the size."""
    report = benched(recipe="audit", plans=["balanced", "lazy"], to="8", check=True)
    balanced, lazy = (plan.fits[0] for plan in report.growths[0].plans)
    assert balanced.formula == "1 + 2 × ceil(Artist/500) + ceil(Track/500)"
    assert lazy.formula == "1 + 2 × Artist + Track"
    assert [each.estimate.error for each in (balanced, lazy) if each.estimate] == [0, 0]


def test_what_is_checked_is_never_fitted() -> None:
    """The size that is extrapolated to is measured, and stays out of the sizes."""
    (growth,) = benched(to="3", check=True).growths
    plan = plan_of(growth, "as-written")
    assert [each.size for each in plan.sizes] == [1, 2, 4]
    assert all(fit.estimate and fit.estimate.measured is not None for fit in plan.fits)
    assert benched(to="3").growths[0].plans[0].fits[1].estimate == _unchecked(plan)


def _unchecked(plan: PlanGrowth) -> Any:
    from dataclasses import replace

    estimate = plan.fits[1].estimate
    assert estimate is not None
    return replace(estimate, measured=None, error=None)


def test_a_recipe_says_how_far_to_go() -> None:
    """As many artists, and as many tracks for each of them, as the other recipe."""
    library, children = benched(axes=["library", "children"], to="audit").growths
    assert (library.named, library.to) == ("audit", pytest.approx(20 / 6))
    assert children.to == pytest.approx(15 / 3.75)


def test_databases_of_known_sizes_need_no_recipe(tmp_path: Path) -> None:
    """As for a user's own models; the one that is checked is not fitted."""
    urls = {size: f"sqlite:///{tmp_path / f'{size}.db'}" for size in (1, 2, 4, 8)}
    for size, url in urls.items():
        seed(url, load_recipe("tiny"), scale=size)
    at = [f"{size}={url}" for size, url in urls.items()]
    report = benched(recipe=None, at=at, to="8", check=True)
    (growth,) = report.growths
    assert (growth.axis, growth.beyond) == ("databases", 2)
    assert [each.size for each in growth.plans[0].sizes] == [1, 2, 4]
    assert growth.plans[0].sizes == _timeless(growth, benched().growths[0])
    assert report.environment.library is None


def _timeless(like: Growth, growth: Growth) -> tuple[Any, ...]:
    """Return the sizes of a growth with the times of another."""
    from dataclasses import replace

    pairs = zip(growth.plans[0].sizes, like.plans[0].sizes, strict=True)
    return tuple(replace(each, seconds=other.seconds, spread=other.spread) for each, other in pairs)


def test_a_report_survives_json() -> None:
    """What is written can be read back, equal."""
    report = benched(to="8")
    assert from_json(Report, to_json(report)) == report


def interrupting(at: str) -> Callable[[str, float], None]:
    """Return a progress that is stopped by Ctrl-C where it says `at`."""

    def progress(doing: str, _share: float) -> None:
        if doing == at:
            raise KeyboardInterrupt

    return progress


def test_ctrl_c_keeps_what_is_done() -> None:
    """Two of three sizes are fitted, and it is said where it was stopped."""
    report = benched(progress=interrupting(f"{SEARCH} at size 4"))
    assert [each.size for each in report.growths[0].plans[0].sizes] == [1, 2]
    (stopped,) = report.unmeasured
    assert (stopped.raised, stopped.reason) == (
        True,
        "artists.search from size 4 on: stopped by Ctrl-C.",
    )


def test_ctrl_c_before_the_first_figure_is_passed_on() -> None:
    """There is nothing to keep."""
    with pytest.raises(KeyboardInterrupt):
        benched(progress=interrupting("seeding size 1"))


@pytest.mark.parametrize("at", ["seeding size 2", f"{SEARCH} at size 2"])
def test_no_library_stays(at: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it ends well or by Ctrl-C."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    benched()
    benched(progress=interrupting(at))
    assert list(tmp_path.iterdir()) == []


def test_a_plan_that_cannot_run_says_why() -> None:
    """The others are measured."""
    (growth,) = benched(plans=["Artist.albums=raise", "joined"]).growths
    refused, joined = growth.plans
    assert (refused.sizes, refused.fits) == ((), ())
    assert "lazy='raise'" in (refused.reason or "")
    assert len(joined.sizes) == 3


def test_a_call_that_raises_is_not_measured() -> None:
    """Nothing at any size: one sentence."""
    request = Request(calls=["raises"], target="tests.apps.oddities:raises")
    with pytest.raises(MeasureError, match="at size 1, raises raised"):
        benched(request=request, target="tests.apps.oddities:raises")


def test_a_call_without_statements_is_never_a_pass() -> None:
    """Cheap at every size, because nothing was seen."""
    request = Request(calls=["is_silent"], target="tests.apps.oddities:is_silent")
    with pytest.raises(MeasureError, match="No statement was seen in is_silent"):
        benched(request=request, target="tests.apps.oddities:is_silent")


def test_progress_goes_up_to_the_end() -> None:
    """Shares of the work, by size."""
    told: list[tuple[str, float]] = []
    benched(progress=lambda doing, share: told.append((doing, share)))
    assert [doing for doing, _ in told[:2]] == ["seeding size 1", "artists.search at size 1"]
    assert [share for _, share in told] == pytest.approx([0, 0, 1 / 7, 1 / 7, 3 / 7, 3 / 7])


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "one size": ({"sizes": "2"}, "--sizes 2 is one size"),
    "no size": ({"sizes": "1,two"}, "'two' is no size"),
    "size of zero": ({"sizes": "0,1"}, "'0' is no size"),
    "axis": ({"axes": ["root"]}, "Did you mean 'roots'?"),
    "plan": ({"plans": ["selectn"]}, "Did you mean 'selectin'?"),
    "path": ({"plans": ["Artist.track=lazy"]}, "Did you mean 'Artist.tracks'?"),
    "recipe": ({"recipe": "tin"}, 'did you mean "tiny"?'),
    "recipe to go to": ({"to": "chinok"}, 'did you mean "chinook"?'),
    "size to go to": ({"to": "-3"}, "'-3' is no size"),
    "check of nothing": ({"check": True}, "--to 8"),
    "repeat": ({"repeats": 0}, "at least 1 run"),
    "too large": ({"sizes": "1,1e9"}, "Size 1e\\+09 of library"),
    "own tables": ({"target": "shop:Shop", "recipe": None}, "--at 1=URL --at 2=URL"),
    "form of at": ({"at": ["two.db"], "recipe": None}, "SIZE=URL"),
    "size of at": ({"at": ["two=sqlite:///x.db"], "recipe": None}, "'two' is no size"),
    "at twice": ({"at": ["1=sqlite:///a.db", "1=sqlite:///b.db"], "recipe": None}, "twice"),
    "one at": ({"at": ["1=sqlite:///a.db"], "recipe": None}, "at least two"),
    "at and recipe": ({"at": ["1=sqlite:///a.db", "2=sqlite:///b.db"]}, "Leave out the one"),
    "at unchecked": (
        {
            "at": ["1=sqlite:///a.db", "2=sqlite:///b.db"],
            "recipe": None,
            "to": "8",
            "check": True,
        },
        "--at 8=URL",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_input_is_answered_in_a_sentence(wrong: str) -> None:
    """What was wrong, the value, and what to type."""
    options, said = WRONG[wrong]
    with pytest.raises(QprofError, match=said.replace("?", r"\?")) as told:
        benched(**options)
    assert told.value.exit_code == 2


def test_a_database_out_of_reach_is_not_measured(tmp_path: Path) -> None:
    """Exit 3, as everywhere."""
    at = [f"1=sqlite:///{tmp_path}/a.db", f"2=sqlite:///{tmp_path}/b.db"]
    with pytest.raises(QprofError):
        benched(recipe=None, at=at)
