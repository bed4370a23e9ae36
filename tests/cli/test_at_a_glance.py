"""What profile and compare print by default, of the sample: the verdict first, no figure twice."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from qprof.domain.report import Report
from qprof.reporters import REPORTERS, Canvas
from qprof.runs.stored import read_report
from tests.cli.door import in_process

FIGURE = re.compile(r"(?<![\w,.:])[\d,]*\d(?= (?:rows?|cells?)\b)")
NUMBER = re.compile(r"(?<![\w,.:…])\d[\d,]*\d(?![\w.,:%])")
CALLS = ("artists.search", "albums.newest", "albums.titles_by_artist", "tracks.count_by_genre")
BRIEF = Canvas(brief=True, options=True)


@pytest.fixture(scope="module")
def profiled(cache: Path) -> Report:
    """Return what profile measures of the whole sample."""
    return saved(cache, "profile")


@pytest.fixture(scope="module")
def compared(cache: Path) -> Report:
    """Return what compare measures of four of its calls."""
    return saved(cache, "compare", "--repeat", "1", *CALLS)


def saved(cache: Path, *arguments: str) -> Report:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CACHE_HOME", str(cache))
        patched.chdir(cache)
        in_process(*arguments, "-q", "-f", f"json={arguments[0]}.json")
        return read_report(cache / f"{arguments[0]}.json")


def of(report: Report, *names: str) -> Report:
    """Return what a report says of some calls."""
    return replace(
        report,
        calls=tuple(each for each in report.calls if each.name in names),
        findings=tuple(each for each in report.findings if each.call in names),
        comparisons=tuple(each for each in report.comparisons if each.call in names),
    )


def table(report: Report, canvas: Canvas) -> str:
    return REPORTERS["table"](report, canvas)


def blocks(text: str) -> list[str]:
    return text.strip().split("\n\n")


def twice(table: list[str], said: str) -> list[str]:
    """Return the figures of rows and cells that are said again beside the rows of a table."""
    shown = {figure for row in table for figure in NUMBER.findall(row)}
    told = FIGURE.findall(said)
    return [each for each in told if each in shown or told.count(each) > 1]


def test_profile_fits_a_page_and_says_first_how_many_calls_need_attention(
    profiled: Report,
) -> None:
    """The worst call stands first, and has its fix; what is fine is counted."""
    said = table(profiled, BRIEF)
    lines = said.splitlines()
    assert lines[0] == "7 of 15 calls need attention: 3 errors, 4 warnings"
    assert len(lines) <= 40, said
    assert [
        line
        for line in lines
        if len(line) > 80 and line.lstrip(" 0123456789")[:2] not in ("- ", "+ ")
    ] == []
    assert "4 warnings, 2 notes hidden (`--full`); 8 calls are fine (`--all`)" in said
    assert "  39 - joinedload(Artist.tracks).joinedload(Track.genres),\n" in said
    assert "     + selectinload(Artist.tracks).selectinload(Track.genres),\n" in said


@pytest.mark.parametrize("canvas", [BRIEF, Canvas(every=True)], ids=["brief", "full"])
def test_profile_says_no_figure_of_rows_or_cells_twice(canvas: Canvas, profiled: Report) -> None:
    """Neither in a block what stands in the table, nor twice in the block."""
    rows, *rest = blocks(table(profiled, canvas))
    checked = 0
    for row in rows.splitlines()[2:]:
        name = row[2:].split()[0]
        own = "\n".join(each for each in rest if f"({name})" in each)
        assert twice([row], own) == [], name
        checked += bool(own)
    assert checked >= 3


@pytest.mark.parametrize("name", CALLS)
def test_profile_of_one_call_says_none_twice(name: str, profiled: Report) -> None:
    """Its statements have the figures, their sum has others."""
    said = blocks(table(of(profiled, name), Canvas(every=True)))
    statements = next(each for each in said if each.startswith("statement"))
    sums = [line for line in statements.splitlines() if line.startswith("together")]
    rows = [line for line in statements.splitlines() if line not in sums]
    rest = [*(each for each in said if each != statements), *sums]
    assert twice(rows, "\n".join(rest)) == []


@pytest.mark.parametrize("names", [CALLS[:1], CALLS[1:2], CALLS], ids=["one", "kept", "several"])
def test_compare_says_its_verdict_first_and_no_figure_twice(
    names: tuple[str, ...], compared: Report
) -> None:
    """Only the table of the plans has counts; the fix stands below it."""
    said = table(of(compared, *names), Canvas())
    if len(names) == 1:
        assert said.startswith(("Use ", "Keep it as written"))
    else:
        assert re.match(r"\d of 4 calls (is|are) better under another plan\n", said)
        assert "\ntracks.count_by_genre: nothing to compare" in said
    if CALLS[0] in names:
        assert (
            "\nfix   qprof/seeding/library/repositories/artists.py:39\n      - joinedload(" in said
        )
    tables = [each for each in blocks(said) if "  plan " in each]
    assert len(tables) == max(1, len(names) - 1)
    rest = "\n".join(each for each in blocks(said) if each not in tables)
    assert twice([row for each in tables for row in each.splitlines()], rest) == []


def test_the_sql_of_each_statement_is_printed_if_it_is_asked_for(profiled: Report) -> None:
    """Whole, below a line that says which it is."""
    one = of(profiled, "artists.search")
    said = table(one, Canvas(sql=True, options=True))
    assert "-- artists.search: SELECT Artist, 3 joins, root, " in said
    assert "\nLEFT OUTER JOIN albums AS albums_1" in said
    assert "`--sql`" not in said
    assert "LEFT OUTER JOIN" not in table(one, Canvas(options=True))
