import re
from dataclasses import replace

import pytest

from qprof.reporters import Canvas
from qprof.reporters.formats.markdown import MOST, render
from tests.reporters.samples import (
    COMPARE,
    EXPLOSION,
    HOSTILE,
    N_PLUS_ONE,
    NASTY,
    PROFILE,
    SAMPLES,
    SEARCH_CALL,
)

markdown_it = pytest.importorskip("markdown_it")


def parsed(text: str) -> list[tuple[str, str]]:
    """Return the kind and content of every block and of the inline tokens in it."""
    tokens = markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    inner = [child for token in tokens for child in token.children or ()]
    return [(token.type, token.content) for token in [*tokens, *inner]]


@pytest.mark.parametrize("report", SAMPLES.values(), ids=SAMPLES)
def test_every_table_has_as_many_cells_in_every_row(report) -> None:  # type: ignore[no-untyped-def]
    """No pipe of a name or a message adds a cell: a dropped one would be lost text."""
    rows = [line for line in render(report, Canvas()).splitlines() if line.startswith("|")]
    tables = {row.split("|")[1].strip(): row.count("|") for row in rows}
    kinds = [kind for kind, _ in parsed(render(report, Canvas()))]
    assert kinds.count("th_open") + kinds.count("td_open") == sum(
        row.count("|") - 1 for row in rows if not re.match(r"\|:?-", row)
    )
    assert kinds.count("tr_open") == len(rows) - kinds.count("table_open")
    assert bool(tables) == ("table_open" in kinds)


@pytest.mark.parametrize("report", SAMPLES.values(), ids=SAMPLES)
def test_nothing_but_our_own_markup_is_markup(report) -> None:  # type: ignore[no-untyped-def]
    """No HTML, link, picture, emphasis or strikethrough gets in."""
    kinds = {kind for kind, _ in parsed(render(report, Canvas()))}
    assert not kinds & {"html_inline", "html_block", "link_open", "image", "em_open", "s_open"}


def test_hostile_text_is_shown_as_it_was() -> None:
    """What the parser reads is what was written, but for the space that parts a mention."""
    shown = "".join(text for kind, text in parsed(render(HOSTILE, Canvas())) if "text" in kind)
    expected = NASTY.replace("\n", " ").replace("\x1b", r"\x1b").replace("\x07", r"\x07")
    assert expected.replace("\u202e", r"\u202e") in shown.replace("\u200b", "")


def test_a_mention_calls_nobody() -> None:
    """Outside code, GitHub would notify @team and link #12."""
    outside = re.sub(r"(`+).+?\1", "", render(HOSTILE, Canvas()))
    assert "@t" not in outside
    assert "#1" not in outside.replace("&#1", "")


def test_code_is_fenced_and_sentences_are_not() -> None:
    """A fix can be copied whole."""
    fences = [text for kind, text in parsed(render(COMPARE, Canvas())) if kind == "fence"]
    assert ".options(raiseload(Artist.albums))\n" in fences
    assert not [text for text in fences if "Remove" in text]
    assert "Fix: Remove joinedload" in render(COMPARE, Canvas())


def test_the_recommended_plan_is_bold() -> None:
    """One row stands out."""
    assert re.findall(r"^\| \*\*(\S+)\*\* ", render(COMPARE, Canvas()), re.M) == ["balanced"]


def test_a_comment_stays_below_its_limit_and_says_what_was_cut() -> None:
    """GitHub refuses a longer one; the worst is at the top, and rows of tables go first."""
    findings = tuple(replace(N_PLUS_ONE, call=f"calls.number_{n}") for n in range(50))
    calls = tuple(replace(SEARCH_CALL, name=f"calls.number_{n}", notes=()) for n in range(1_000))
    text = render(replace(PROFILE, calls=calls, findings=findings), Canvas())
    assert 60_000 < len(text.encode()) <= MOST
    last = text.splitlines()[-1]
    cut = {what: int(n.replace(",", "")) for n, what in re.findall(r"([\d,]+) (call|para)", last)}
    shown = len([line for line in text.splitlines() if line.startswith("| calls.")])
    assert cut["call"] + shown == 1_000
    assert text.count("QP201") == 50


def test_a_comment_of_findings_alone_is_cut_between_them() -> None:
    """No block of code is left open."""
    findings = tuple(replace(EXPLOSION, call=f"calls.number_{n}") for n in range(900))
    text = render(replace(PROFILE, calls=(), findings=findings), Canvas())
    assert len(text.encode()) <= MOST
    assert text.count("```") % 2 == 0
    (cut,) = re.findall(r"([\d,]+) findings", text.splitlines()[-1])
    assert text.count("**error QP101**") + int(cut.replace(",", "")) == 900
