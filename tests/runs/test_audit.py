"""The worked example of the audited search, through the command line, against plain SQL."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.door import by_process

TABLE = {0: (900, 1220), 1: (900, 1240), 2: (1800, 1260), 3: (2700, 1280)}
"""Albums for each artist: rows joined, and rows needed."""


@pytest.fixture(scope="module", params=TABLE)
def audited(request: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Path, Any]:
    """Seed, compare, and read the JSON, each as a user types it."""
    albums, folder = request.param, tmp_path_factory.mktemp("audit")
    url = ["--database", "sqlite:///a.db"]
    recipe = ["--recipe", "audit", "--set", f"albums_per_artist={albums}"]
    made = by_process("seed", *recipe, *url, cache=folder)
    assert made.code == 0, made.err
    compare = ["compare", "artists.search", *url, "--format", "json", "--repeat", "1"]
    said = by_process(*compare, cache=folder)
    assert (said.code, said.err) == (0, "")
    return albums, folder / "a.db", json.loads(said.out)


def _plans(report: Any) -> dict[str, Any]:
    return {each["plan"]: each for each in report["comparisons"][0]["plans"]}


def test_the_joined_rows(audited: Any) -> None:
    """As written and joined are 20 × 45 × max(1, A) rows in 1 query."""
    albums, _, report = audited
    for name in ("as-written", "joined"):
        plan = _plans(report)[name]
        assert (plan["queries"], plan["rows"]) == (1, TABLE[albums][0])


def test_the_needed_rows(audited: Any) -> None:
    """20 + 300 + 900 + 20 × A."""
    albums, _, report = audited
    assert report["calls"][0]["needed"]["rows"] == TABLE[albums][1]


def test_needed_is_what_balanced_measures(audited: Any) -> None:
    """Queries, rows and cells."""
    _, _, report = audited
    plan, needed = _plans(report)["balanced"], report["calls"][0]["needed"]
    assert {key: plan[key] for key in ("queries", "rows", "cells")} == needed


def test_the_ratio_is_their_quotient(audited: Any) -> None:
    """To the digits that the report gives."""
    albums, _, report = audited
    joined, needed = TABLE[albums]
    found = report["calls"][0]["amplification"]["rows"]
    assert found == pytest.approx(joined / needed, abs=0.00005)


def test_all_plans_are_identical(audited: Any) -> None:
    """Proven, each of them."""
    _, _, report = audited
    assert all(each["identical"] for each in report["comparisons"][0]["plans"][1:])


def test_qp101_is_an_error_from_two_albums_on(audited: Any) -> None:
    """Never at 0 and 1, where QP102 speaks of the cells."""
    albums, _, report = audited
    levels = {each["rule"]: each["level"] for each in report["findings"]}
    if albums >= 2:
        assert levels["QP101"] == "error"
        return
    assert levels.get("QP101") != "error"
    (found,) = [each for each in report["findings"] if each["rule"] == "QP102"]
    assert "cells" in found["message"]


def test_the_findings_figures_are_the_table_s(audited: Any) -> None:
    """Rows and needed rows in the evidence of QP101."""
    albums, _, report = audited
    evidence = [each["evidence"] for each in report["findings"] if each["rule"] == "QP101"]
    assert [(each["rows"], each["needed_rows"]) for each in evidence] == [TABLE[albums]]
