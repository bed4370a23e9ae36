"""Comments that silence a finding, and those that are reported because they silence none."""

from pathlib import Path

import pytest

from tests.scan.trees import IMPORTS, MODELS, found, scanned

CODE = """\
def search():
    return select(Artist).options(
        joinedload(Artist.tracks),{inside}
        joinedload(Artist.albums),
    ){after}
{above}
"""
SILENT = {
    "by id, at the end": {"after": "  # qprof: ignore[QP101]"},
    "by name, within the statement": {"inside": "  # qprof: ignore[cartesian-explosion]"},
    "among others": {"after": "  # noqa: E501  # qprof: ignore[ QP101 ] on purpose"},
}
REPORTED = {
    "nothing there": (
        {"after": "  # qprof: ignore[QP101, QP401]"},
        "warning The comment ignores nothing: QP401 is not found here.",
    ),
    "another statement": (
        {"above": "x = 1  # qprof: ignore[QP101]"},
        "warning The comment ignores nothing: QP101 is not found here.",
    ),
    "a typing error": (
        {"after": "  # qprof: ignore[QP1011]"},
        "error Unknown rule 'QP1011' in an ignore comment. Did you mean 'QP101'?",
    ),
    "no rule": (
        {"after": "  # qprof: ignore"},
        "error The ignore comment names no rule; write # qprof: ignore[QP101].",
    ),
}


def code(comments: dict[str, str]) -> dict[str, str]:
    written = CODE.format(**{"inside": "", "after": "", "above": "", **comments})
    return {"models.py": MODELS, "repo.py": IMPORTS + written}


@pytest.mark.parametrize("kind", SILENT)
def test_a_comment_silences_its_statement(kind: str, tmp_path: Path) -> None:
    result = scanned(tmp_path, code(SILENT[kind]))
    assert (found(result), result.complaints) == ([], ())


@pytest.mark.parametrize("kind", REPORTED)
def test_a_comment_that_silences_nothing_is_reported(kind: str, tmp_path: Path) -> None:
    comments, said = REPORTED[kind]
    complaints = scanned(tmp_path, code(comments)).complaints
    assert [f"{each.level} {each.message}" for each in complaints] == [said]


def test_a_text_is_no_comment(tmp_path: Path) -> None:
    result = scanned(tmp_path, {"repo.py": 'x = "# qprof: ignore[QP101]"\n'})
    assert result.complaints == ()
