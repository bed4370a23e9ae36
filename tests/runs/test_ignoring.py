"""Findings that a comment, a call's name or a file's name ignores; and how rules are named."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from qprof.domain.errors import QprofError
from qprof.domain.report import Finding
from qprof.domain.trace import Site
from qprof.runs.ignoring import ignoring
from qprof.runs.request import choose_rules
from qprof.runs.rules import named_ids

SOURCE = """def search(session):  # qprof: ignore[QP201] one page at most
    statement = (
        select(Artist)
        .options(joinedload(Artist.albums))  # qprof: ignore[QP101, data-duplication] small
    )
    return session.scalars(statement)
"""


def at(file: str, line: int, rule: str) -> Finding:
    """Return a finding of `rule` at a line of artists.search."""
    where = Site(file, line, "search")
    return Finding(rule, rule, "error", "artists.search", (), "", "", {}, where, "f")


@pytest.fixture
def file(tmp_path: Path) -> str:
    """Return a file of the user's."""
    (tmp_path / "artists.py").write_text(SOURCE)
    return str(tmp_path / "artists.py")


@pytest.mark.parametrize(
    ("line", "rule", "ignored"),
    [
        (2, "QP101", True),
        (5, "QP102", True),
        (2, "QP401", False),
        (6, "QP101", False),
        (1, "QP201", True),
    ],
)
def test_a_comment_counts_in_its_statement(line: int, rule: str, ignored: bool, file: str) -> None:
    """On any of its lines, for the rules that it names."""
    assert ignoring({})(at(file, line, rule)) is ignored


@pytest.mark.parametrize(
    ("patterns", "ignored"),
    [
        ({"artists.*": ["QP1"]}, True),
        ({"*/artists.py": ["QP101,QP201"]}, True),
        ({"albums.*": ["QP1"]}, False),
        ({"artists.*": ["QP2"]}, False),
    ],
)
def test_a_pattern_is_of_a_call_or_a_file(
    patterns: Mapping[str, Sequence[str]], ignored: bool, file: str
) -> None:
    """As [tool.qprof.ignore] has it."""
    assert ignoring(patterns)(at(file, 6, "QP101")) is ignored


def test_rules_are_named_by_how_they_begin_and_in_lists() -> None:
    """QP10 is QP101, QP102 and QP103."""
    assert named_ids(["QP10", "n-plus-one,QP301"]) == ["QP101", "QP102", "QP103", "QP201", "QP301"]
    with pytest.raises(QprofError, match="Unknown rule 'QP9'"):
        named_ids(["QP9"])


def test_rules_of_design_are_off_until_somebody_asks() -> None:
    """QP402 shows in no count; QP403 is there for its warnings alone."""
    default = [rule.id for rule in choose_rules([], [])]
    assert "QP402" not in default
    assert "QP403" in default
    assert "QP402" in [rule.id for rule in choose_rules([], [], ["QP402"])]
    assert [rule.id for rule in choose_rules(["QP40"], ["QP401"])] == ["QP402", "QP403", "QP404"]
