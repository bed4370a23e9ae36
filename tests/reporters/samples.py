"""Hand-made reports: each shows what the reporters must be able to draw."""

import dataclasses

from qprof.domain.report import (
    Amplification,
    Breach,
    BreakEven,
    CallReport,
    Change,
    Comparison,
    Estimate,
    ExecutionReport,
    Finding,
    Fit,
    FrontPlan,
    Growth,
    JoinedPath,
    JoinTree,
    PlanGrowth,
    PlanPrediction,
    PlanReport,
    Prediction,
    Report,
    Search,
    Seconds,
    SizeReport,
)
from qprof.domain.trace import Cost, Environment, Library, Root, Scalar, Searched, Site, Unmeasured

ENVIRONMENT = Environment(
    qprof="0.1.0",
    python="3.13.1",
    sqlalchemy="2.1.9",
    dialect="sqlite",
    driver="pysqlite",
    database="sqlite:///library.db",
    library=Library("chinook", 1.0, 1),
)
SEARCH = Site("qprof/seeding/library/artists.py", 40, "search")


def call(
    name: str,
    cost: Cost,
    needed: Cost | None,
    wall: float = 0.0123,
    verdict: str = "",
    notes: tuple[str, ...] = (),
    executions: tuple[ExecutionReport, ...] = (),
    **arguments: Scalar,
) -> CallReport:
    """Return a call with its amplification worked out."""
    over = Amplification(None, None, None)
    if needed:
        over = Amplification(
            cost.queries / needed.queries if needed.queries else None,
            cost.rows / needed.rows if needed.rows else None,
            cost.cells / needed.cells if needed.cells else None,
        )
    seconds = Seconds(wall, wall / 8, wall / 2, cold=wall * 1.4)
    return CallReport(
        name,
        arguments,
        cost.queries,
        cost.rows,
        cost.cells,
        needed,
        over,
        seconds,
        executions,
        notes,
        verdict,
    )


def plan(
    name: str,
    cost: Cost,
    seconds: float | None = None,
    identical: bool | None = True,
    reason: str | None = None,
) -> PlanReport:
    """Return a plan that was measured."""
    spread = None if seconds is None else (seconds * 0.94, seconds * 1.21)
    return PlanReport(
        name,
        "measured",
        reason,
        cost.queries,
        cost.rows,
        cost.cells,
        seconds,
        spread,
        0 if seconds is None else 3 if seconds > 1 else 5,
        identical,
        {"Artist.tracks": name, "Artist.albums": name},
    )


def not_run(name: str, reason: str | None) -> PlanReport:
    """Return a plan that could not be applied."""
    return PlanReport(name, "not-applicable", reason, None, None, None, None, None, 0, None, {})


def finding(
    rule: str,
    name: str,
    level: str,
    call: str,
    message: str,
    fix: str,
    location: Site | None = None,
    title: str = "",
    paths: tuple[str, ...] = (),
) -> Finding:
    """Return a finding without evidence."""
    message = f"{title}. {message}" if title else message
    print_ = f"{rule}:{call}"
    return Finding(rule, name, level, call, paths, message, fix, {}, location, print_, title=title)


SELECT_ARTISTS = ExecutionReport(
    statement="SELECT artist.id, artist.name FROM artist WHERE artist.name LIKE ?",
    sql="SELECT artist.id, artist.name \nFROM artist \nWHERE artist.name LIKE ?",
    count=1,
    rows=41_230,
    columns=23,
    cells=948_290,
    repeats=0,
    path=None,
    strategy="root",
    site=SEARCH,
    tree=JoinTree(
        "Artist",
        275,
        (
            JoinedPath("Artist.tracks", True, "joined", 3458, 3400, 228, True),
            JoinedPath("Artist.tracks.medium", False, "joined", 3400, 3, None, False),
            JoinedPath("Artist.albums", True, "joined", 347, 347, 22, True),
        ),
        (Root("Artist", (90,), 4473),),
        ((1, 20), (144, 254), (4473, 1)),
    ),
)
SEARCH_CALL = call(
    "artists.search",
    Cost(1, 41_230, 948_290),
    Cost(6, 9_120, 129_700),
    0.8124,
    "artists.search fetches 41,230 rows where 9,120 do: tracks and albums are joined side by "
    "side, and their rows multiply.",
    ("Attribute reads were not watched: the call returned plain tuples.",),
    (SELECT_ARTISTS,),
    query="The",
)
GET_CALL = call(
    "playlists.get_with_tracks_and_their_genres",
    Cost(3_504, 7_010, 49_070),
    Cost(5, 7_010, 49_070),
    1.9042,
    "playlists.get_with_tracks_and_their_genres sends 3,504 queries where 5 do.",
    playlist_id=7,
)
COUNT_CALL = call("tracks.count", Cost(1, 1, 1), Cost(1, 1, 1), 0.0004, "tracks.count is ideal.")
EMPTY_CALL = call("genres.named", Cost(1, 0, 0), None, 0.00021, "genres.named found nothing.")

EXPLOSION = finding(
    "QP101",
    "cartesian-explosion",
    "error",
    "artists.search",
    "4.5× the rows and 7.3× the cells that the objects need. Artist 90 alone brings 4,473 rows.",
    ".options(selectinload(Artist.tracks).joinedload(Track.medium), selectinload(Artist.albums))",
    SEARCH,
    "Artist.tracks and Artist.albums multiply each other",
    ("Artist.tracks", "Artist.albums"),
)
N_PLUS_ONE = finding(
    "QP201",
    "n-plus-one",
    "error",
    "playlists.get_with_tracks_and_their_genres",
    "3,503 queries for 7,006 rows; one for every 500 parents is enough.",
    "select(Playlist).options(selectinload(Playlist.tracks).selectinload(Track.genres))",
    Site("qprof/seeding/library/playlists.py", 88, "get_with_tracks_and_their_genres"),
    "N+1 on Track.genres: one query for each Track",
)
UNUSED = finding(
    "QP301",
    "unused-eager-load",
    "warning",
    "artists.search",
    "That costs 347 rows and 1,735 cells.",
    "Remove joinedload(Artist.albums), or let a later read of it say so at once:\n"
    ".options(raiseload(Artist.albums))",
    Site("qprof/seeding/library/artists.py", 44, "search"),
    "Artist.albums is loaded (joined) but never read",
)
UNBOUNDED = finding(
    "QP403",
    "unbounded-load",
    "note",
    "artists.search",
    "The result has no LIMIT and grows with the library.",
    ".limit(50)",
)

PROFILE = Report(
    ENVIRONMENT,
    (SEARCH_CALL, GET_CALL, COUNT_CALL, EMPTY_CALL),
    findings=(UNBOUNDED, UNUSED, EXPLOSION, N_PLUS_ONE),
    unmeasured=(
        Unmeasured(
            "artists.rename", "artists.rename raised KeyError: 'name' (app.py:9 in rename).", True
        ),
        Unmeasured("artists.get", "artists.get needs artist_id.", False),
    ),
)

COMPARE = Report(
    ENVIRONMENT,
    (SEARCH_CALL,),
    comparisons=(
        Comparison(
            call="artists.search",
            recommended="balanced",
            reason="use balanced. It fetches 9,120 rows where the call as "
            "written fetches 41,230, and takes 95.1 ms where that takes 812.4 ms.",
            break_even=(BreakEven("subquery", 0.0411), BreakEven("joined", 0.14346)),
            plans=(
                plan("as-written", Cost(1, 41_230, 948_290), 0.8124, None),
                plan("joined", Cost(1, 41_230, 948_290), 0.8093),
                plan("selectin", Cost(7, 9_467, 118_220), 0.1022),
                plan("subquery", Cost(6, 9_120, 141_004), 0.1376),
                plan("balanced", Cost(6, 9_120, 129_700), 0.0951),
                plan(
                    "immediate",
                    Cost(1_105, 9_120, 121_003),
                    1.2047,
                    False,
                    "Artist 90: albums holds 20 of 21 objects, since the call filters them "
                    "with contains_eager.",
                ),
                not_run(
                    "lazy",
                    "the session is closed when the call returns, so Artist.tracks cannot be "
                    "loaded later.",
                ),
            ),
        ),
    ),
    predictions=(
        Prediction(
            "artists.search",
            (
                PlanPrediction("joined", 1, 41_230, 948_290),
                PlanPrediction("balanced", 6, 9_120, 129_700),
            ),
            Root("Artist", (90,), 4_473),
        ),
    ),
    findings=(UNBOUNDED, UNUSED, EXPLOSION),
    breaches=(Breach("artists.search", "rows-amplification", 1.5, 4.5208, "budget artists.*"),),
)

GATE = Report(
    ENVIRONMENT,
    (SEARCH_CALL, COUNT_CALL),
    findings=(EXPLOSION,),
    breaches=(
        Breach(
            "artists.search",
            "rows-amplification",
            1.5,
            4.5208,
            "budget default",
            message="artists.search fetches 4.52 times the rows that it needs; the budget "
            "default allows 1.5.",
            location=SEARCH,
        ),
        Breach("artists.search", "queries", 1, 3, "budget artists.*", "warning"),
        Breach(
            "tracks.count",
            "rows",
            0,
            1,
            "baseline",
            acknowledged="The count moved into SQL (by Ada, until 2027-01-31).",
        ),
    ),
    notices=("The baseline has rows 9 for tracks.count, which now fetches 1: prune it.",),
    gate="failed",
)

CHANGES = Report(
    ENVIRONMENT,
    (SEARCH_CALL, GET_CALL),
    findings=(EXPLOSION, N_PLUS_ONE),
    changes=(
        Change(
            "new",
            "artists.search",
            "QP101",
            None,
            None,
            None,
            "artists.search: error QP101 cartesian-explosion (Artist.tracks, Artist.albums): "
            "Artist.tracks and Artist.albums are joined in one SELECT.",
            "QP101:artists.search",
        ),
        Change(
            "worse",
            "artists.search",
            None,
            "rows",
            9_120,
            41_230,
            "artists.search: rows 41,230 instead of 9,120.",
            None,
        ),
        Change(
            "not-run",
            "tracks.count",
            None,
            None,
            None,
            None,
            "tracks.count was not measured.",
            None,
        ),
        Change(
            "better",
            "artists.search",
            None,
            "queries",
            6,
            1,
            "artists.search: queries 1 instead of 6.",
            None,
        ),
        Change(
            "better",
            "playlists.get_with_tracks_and_their_genres",
            "QP201",
            "queries",
            7_006,
            3_503,
            "playlists.get_with_tracks_and_their_genres: error QP201 n-plus-one: queries 3,503 "
            "instead of 7,006.",
            "QP201:playlists",
        ),
    ),
    notices=("Compared with main.json: 1 new, 1 worse, 1 not-run, 2 better, 0 resolved.",),
    rules=("QP101", "QP201"),
)

EMPTY = Report(dataclasses.replace(ENVIRONMENT, library=None), ())

HUGE = 10**12
NASTY = (
    "a|b`c`<b>*d*\n\x1b[31mred\x07\u202e@team #12 _x_ [l](u) ~~s~~ \\| &amp; "
    "\"q\" 'r' ::error::x,y=%0A%25 ]]> {0} \xe9"
)
HOSTILE = Report(
    dataclasses.replace(
        ENVIRONMENT, database="sqlite:////data/" + "very-long-folder/" * 8 + "x.db"
    ),
    (
        call(
            "package.module." + "Repository" * 12 + ".search",
            Cost(HUGE, HUGE, HUGE * 9),
            Cost(1, 1, 3),
            float(HUGE),
            "x" * 200,
            (NASTY,),
            argument="y" * 300,
        ),
        call(NASTY, Cost(0, 0, 0), Cost(0, 0, 0), 0.0, f"Verdict {NASTY}", (), query=NASTY, n=None),
    ),
    comparisons=(
        Comparison(
            call=NASTY,
            recommended=None,
            reason=NASTY,
            break_even=(BreakEven("joined", 0.0004),),
            plans=(
                plan("as-written", Cost(HUGE, HUGE, HUGE), float(HUGE), None),
                plan("a-mix-" + "of-paths-" * 20, Cost(HUGE, 0, 0), None, False),
                plan("joined", Cost(1, 0, 0), None, None, "nothing was returned to compare."),
                not_run(NASTY, NASTY),
                not_run("raise", None),
            ),
        ),
    ),
    findings=(
        finding(
            "QP101", "cartesian-explosion", "error", NASTY, NASTY, NASTY, Site(NASTY, 1, NASTY)
        ),
        finding(
            "QP102",
            "data-duplication",
            "warning",
            NASTY,
            "m" * 250,
            ".options(\n    selectinload(Artist.tracks, Artist.a_name_with_many_words_in_it, "
            "'text, with ``` a comma'),\n)",
            Site("folder/" * 20 + "artists.py", 123_456, "f" * 90),
        ),
        finding("MY1", "own-rule", "note", "elsewhere", "", ""),
    ),
    breaches=(
        Breach(NASTY, NASTY, 1, 2, NASTY, "warning", NASTY, Site(NASTY, 1, NASTY)),
        Breach("elsewhere", "rows", HUGE, HUGE * 2, NASTY, acknowledged=NASTY),
    ),
    unmeasured=(Unmeasured(NASTY, NASTY, True), Unmeasured(NASTY, NASTY, False)),
    notices=(NASTY,),
    changes=(
        Change("worse", NASTY, None, "rows", 0, HUGE, NASTY, None),
        Change("worse", NASTY, NASTY, "rows", 1, HUGE, NASTY, NASTY),
        Change("resolved", NASTY, NASTY, None, None, None, NASTY, NASTY),
    ),
)


def size(of: float, queries: int, rows: int, seconds: float) -> SizeReport:
    """Return what a plan cost at a size, 23 columns wide."""
    return SizeReport(of, queries, rows, 23 * rows, seconds, (0.9 * seconds, 1.2 * seconds), 5)


AS_WRITTEN_GROWTH = PlanGrowth(
    "as-written",
    (size(1, 1, 15_464, 0.16), size(2, 1, 24_274, 0.31), size(4, 1, 41_819, 0.52)),
    (
        Fit("queries", "constant", "1", 0.0, 0.0, None, Estimate(1, 1, 1, 1, 0.0), "constant"),
        Fit(
            "rows",
            "affine",
            "6,680 + 8,789 × size",
            0.7176,
            0.4924,
            None,
            Estimate(76_991, 75_713, 78_269, 78_439, -0.01846),
            "linear",
        ),
        Fit(
            "cells",
            "power",
            "355,672 × size^0.72",
            0.7176,
            0.4924,
            None,
            Estimate(1_770_799, 1_741_413, 1_800_184, None, None),
            "sublinear",
        ),
        Fit(
            "seconds",
            "power",
            "160 × size^0.85",
            0.85,
            None,
            "two sizes give no error estimate; add a third",
            Estimate(0.94, None, None, 1.02, -0.078),
            "linear",
        ),
    ),
    None,
)
BALANCED_GROWTH = PlanGrowth(
    "balanced",
    (size(1, 6, 4_031, 0.035), size(2, 8, 7_033, 0.062)),
    (
        Fit(
            "queries",
            "exact",
            "1 + 2 × ceil(Artist/500) + ceil(Track/500)",
            0.5,
            0.623,
            "below 500 parents, one batch and a constant look the same",
            Estimate(22, 10, 43, 22, 0.0),
            "batched",
        ),
        Fit("rows", "unknown", "", None, None, "one size shows no growth", None),
    ),
    "DetachedInstanceError: the objects were read after the session was closed",
)
GROWTH = Report(
    dataclasses.replace(ENVIRONMENT, database="a library seeded for each size"),
    (),
    unmeasured=(
        Unmeasured(
            "artists.search", "artists.search from size 8 on: stopped by Ctrl-C.", raised=True
        ),
    ),
    growths=(
        Growth(
            "artists.search",
            {"query": "The"},
            "library",
            (AS_WRITTEN_GROWTH, BALANCED_GROWTH),
            8,
            None,
            2.0,
            (),
        ),
        Growth(
            "artists.search",
            {"query": "The"},
            "children",
            (AS_WRITTEN_GROWTH,),
            59.4218,
            "fma",
            14.855,
            ("rows of as-written grow as roots^1.00 × children^2.00, N × M × M.",),
        ),
        Growth(
            NASTY,
            {"query": NASTY},
            "databases",
            (PlanGrowth(NASTY, (), (), NASTY),),
            0.5,
            NASTY,
            None,
            (NASTY,),
        ),
        Growth(
            "x" * 120,
            {},
            "roots",
            (
                PlanGrowth(
                    "Artist.tracks=selectin," * 5,
                    tuple(size(of, HUGE, HUGE * of, HUGE) for of in range(1, 9)),
                    (
                        Fit(
                            "rows",
                            "exact",
                            f"{HUGE:,} × size",
                            1.0,
                            0.0,
                            None,
                            Estimate(HUGE, 0, HUGE, None, None),
                            "linear",
                        ),
                    ),
                    None,
                ),
            ),
            0.5,
            None,
            0.0625,
            (),
        ),
    ),
)

MIXED = {"Artist.tracks": "selectin", "Artist.albums": "joined"}
SEARCH_REPORT = dataclasses.replace(
    COMPARE,
    comparisons=(
        Comparison(
            "artists.search",
            "mix-1",
            "use mix-1 (Artist.tracks=selectin, Artist.albums=joined), 2.0× as fast as written.",
            (),
            (
                plan("as-written", Cost(1, 1800, 61_200), 0.02, None),
                dataclasses.replace(
                    plan("mix-1", Cost(3, 1240, 9_100), 0.01, True),
                    strategies=MIXED,
                    options=".options(selectinload(Artist.tracks), joinedload(Artist.albums))\n"
                    "Keep the .and_() or of_type() of Artist.albums.",
                ),
                dataclasses.replace(
                    plan("mix-2", Cost(40, 1240, 9_000), 0.05, True), strategies=MIXED
                ),
            ),
            Search(
                Searched(
                    paths=("Artist.tracks", "Artist.albums"),
                    strategies=("joined", "selectin", "subquery", "lazy"),
                    combinations=1_048_576,
                    considered=1024,
                    named=4,
                    unknown={"Artist.tracks is loaded lazily, with paths joined below": 5},
                    too_large=3,
                    equal=10,
                    beaten=990,
                    cut=10,
                    run=2,
                    wrong=("mix-2",),
                ),
                (
                    FrontPlan("as-written", 0.005, None),
                    FrontPlan("mix-1", 0.0, 0.005),
                    FrontPlan("mix-2", None, None),
                ),
            ),
        ),
    ),
)

SAMPLES = {
    "profile": PROFILE,
    "compare": COMPARE,
    "gate": GATE,
    "changes": CHANGES,
    "search": SEARCH_REPORT,
    "growth": GROWTH,
    "empty": EMPTY,
    "hostile": HOSTILE,
}
