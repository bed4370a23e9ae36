import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qprof.reporters.escape import code_block, code_span, plain, prose
from qprof.reporters.findings import FixPart, code_lines, fix_parts
from qprof.reporters.grids import packed, paragraph, shortened


@given(st.text())
def test_plain_text_is_printable_and_settled(text: str) -> None:
    """Escaping twice changes nothing, so no caller can do it once too often."""
    once = plain(text)
    assert plain(once) == once
    assert not [char for char in once if char in "\n\r\x1b\x85\u2028\u202e" or ord(char) < 32]
    once.encode("utf-8")


def test_prose_turns_line_breaks_into_spaces() -> None:
    assert prose(" one\n  two\tthree\x1b[0m\n") == r"one two three\x1b[0m"


@given(st.text(), st.integers(1, 60))
def test_no_line_of_a_paragraph_is_too_long(text: str, width: int) -> None:
    assert all(len(line) <= width for line in paragraph(text, width))


@given(st.text(), st.integers(2, 60))
def test_a_shortened_text_keeps_its_ends(text: str, width: int) -> None:
    short = shortened(text, width)
    assert len(short) <= width
    assert short[-1:] == text[-1:]


def test_pieces_fill_the_lines() -> None:
    assert packed(["ab", "cd", "efghij", "k"], 5) == ["abcd", "efghij", "k"]


@pytest.mark.parametrize("width", range(1, 110, 6))
@pytest.mark.parametrize(
    "code",
    [
        "select(Artist).options(selectinload(Artist.tracks), joinedload(Artist.label))",
        "f(a, 'one, (two', {'x': [1, 2, 3]}, \"it's, \\\" quoted\", lambda: (1, 2)).order_by(b)",
        "session.scalars(\n    select(Track).where(Track.id.in_([1, 2, 3, 4])),\n).all()",
        "x = thing(first(second(third(fourth('a long, long text that stays whole')))))",
    ],
)
def test_broken_code_is_the_same_code(code: str, width: int) -> None:
    """However narrow, what is pasted parses to what was meant."""
    broken = "\n".join(code_lines(code, width, ""))
    assert ast.dump(ast.parse(broken)) == ast.dump(ast.parse(code))


def test_code_breaks_inside_its_largest_brackets() -> None:
    code = ".where(a).options(selectinload(Artist.tracks), selectinload(Artist.albums)).limit(5)"
    assert code_lines(code, 60, "  ") == [
        "  .where(a).options(",
        "      selectinload(Artist.tracks),",
        "      selectinload(Artist.albums)",
        "  ).limit(5)",
    ]


def test_a_fix_is_split_into_sentences_and_code() -> None:
    fix = "Load both:\n.options(\n    selectinload(A.b),\n)\n\nThen drop the join.\n"
    assert fix_parts(fix) == [
        FixPart("Load both:", is_code=False),
        FixPart(".options(\n    selectinload(A.b),\n)\n", is_code=True),
        FixPart("Then drop the join.", is_code=False),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "select(Artist)",
        ".limit(50)",
        "stmt = stmt.limit(50)",
        "tracks: Mapped[list[Track]] = relationship(lazy='selectin')",
        "from sqlalchemy.orm import selectinload",
        "Index('ix_track_genre', Track.genre_id)",
    ],
)
def test_code_is_told_from_a_sentence(line: str) -> None:
    assert fix_parts(line) == [FixPart(line, is_code=True)]
    sentence = f"Write {line} here."
    assert fix_parts(sentence) == [FixPart(sentence, is_code=False)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", "`a`"), ("a`b", "``a`b``"), ("`a", "`` `a ``"), ("", "`  `"), ("a\nb", r"`a\nb`")],
)
def test_a_code_span_outlasts_the_backticks_in_it(text: str, expected: str) -> None:
    assert code_span(text) == expected


def test_a_fence_outlasts_the_fences_in_it() -> None:
    assert code_block("a\n````\x1b") == ["`````python", "a", r"````\x1b", "`````"]
