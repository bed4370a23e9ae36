"""What was measured raises a suspicion, clears it, or leaves it where nothing was measured."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qprof.domain.report import Comparison, Finding, Report
from qprof.domain.trace import Environment, Site
from qprof.scan.measured import Weighed, weigh
from tests.scan.trees import IMPORTS, MODELS, scanned

HERE = Environment("0", "3", "2", "sqlite", "pysqlite", "sqlite://")
CODE = (
    IMPORTS
    + """
class Repo:
    def search(self):
        return select(Artist).options(joinedload(Artist.tracks), joinedload(Artist.albums))
    def page(self):
        return select(Artist).options(joinedload(Artist.tracks)).limit(5)
"""
)


def measured(rule: str, level: str, **changed: Any) -> Report:
    """Return a report of one finding in Repo.search or Repo.page of repo.py."""
    function, line = ("page", 10) if rule == "QP401" else ("search", 8)
    finding = Finding(
        rule=rule,
        name="",
        level=level,
        call=f"repo.{function}",
        paths=("Artist.tracks", "Artist.albums"),
        message="2,700 rows for 1,280 needed.",
        fix="",
        evidence={"rows": 2700, "rows_amplification": 2.11},
        location=Site("repo.py", line, function),
        fingerprint="",
    )
    return Report(HERE, (), findings=(replace(finding, **changed),))


def weighed(folder: Path, report: Report) -> Weighed:
    result = scanned(folder, {"models.py": MODELS, "repo.py": CODE})
    return weigh(result.suspects, [report])


def of(result: Weighed, rule: str) -> list[Finding]:
    return [each.finding for each in result.suspects if each.finding.rule == rule]


def test_a_measured_explosion_is_an_error_with_figures(tmp_path: Path) -> None:
    result = weighed(tmp_path, measured("QP101", "error"))
    (found,) = of(result, "QP101")
    assert (found.level, found.evidence["rows"]) == ("error", 2700)
    assert found.message == "2,700 rows for 1,280 needed. Measured in repo.search."
    assert result.cleared == ()


def test_no_damage_clears_it_and_says_so(tmp_path: Path) -> None:
    """With the verdict of a comparison, where there is one."""
    report = measured("QP101", "note", message="Latent: 900 rows for 1,220 needed (×0.74).")
    kept = Comparison("repo.search", "as-written", "joined is cheaper here", (), ())
    result = weighed(tmp_path, replace(report, comparisons=(kept,)))
    assert of(result, "QP101") == []
    (said,) = result.cleared
    assert "×0.74" in said
    assert said.endswith("Compared: joined is cheaper here")


UNMOVED = {
    "another function": {"location": Site("repo.py", 30, "other")},
    "another file": {"location": Site("shop/other.py", 8, "search")},
    "other paths": {"paths": ("Label.artists", "Label.offices")},
    "another rule": {"rule": "QP102"},
}


@pytest.mark.parametrize("kind", UNMOVED)
def test_what_was_not_measured_stays_a_note(kind: str, tmp_path: Path) -> None:
    changed = {"rule": "QP101", "level": "error", **UNMOVED[kind]}
    report = measured(**changed)
    (found,) = of(weighed(tmp_path, report), "QP101")
    assert (found.level, "is not known from the source" in found.message) == ("note", True)


def test_a_run_without_rows_clears_nothing(tmp_path: Path) -> None:
    report = measured("QP101", "note", evidence={"rows": 0, "rows_amplification": None})
    (found,) = of(weighed(tmp_path, report), "QP101")
    assert found.level == "note"


def test_lines_may_have_moved_since(tmp_path: Path) -> None:
    report = measured("QP101", "error", location=Site("repo.py", 88, "search"))
    assert of(weighed(tmp_path, report), "QP101")[0].level == "error"


@pytest.mark.parametrize(("rows", "kept"), [(3255, 1), (25, 0)])
def test_a_limit_is_cleared_where_no_root_came_twice(rows: int, kept: int, tmp_path: Path) -> None:
    report = measured("QP401", "warning", evidence={"rows": rows, "roots": 25})
    assert len(of(weighed(tmp_path, report), "QP401")) == kept


def test_a_comparison_that_keeps_the_method_makes_qp501_a_note(tmp_path: Path) -> None:
    """Not measured, it is a warning."""
    more = (
        "    def all(self):\n        return select(Artist).options(selectinload(Artist.tracks))\n"
    )
    result = scanned(tmp_path, {"models.py": MODELS, "repo.py": CODE + more})
    levels = [each.finding.level for each in result.suspects if each.finding.rule == "QP501"]
    assert levels == ["warning", "warning"]
