"""The hot path stays as short as it was: counted, not timed."""

from __future__ import annotations

import sys

import pytest

from tests.performance.counts import FILE, everything

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TOLERANCE = 0.05
"""Less than one call of seven; versions of Python differ by a line or two about `try`."""


Found = dict[str, dict[str, float]]


@pytest.fixture(scope="module")
def found() -> Found:
    """Count once for all."""
    return everything()


KEPT = {
    f"{way}.{name}": counts
    for way, workloads in tomllib.loads(FILE.read_text(encoding="utf-8")).items()
    for name, counts in workloads.items()
}


@pytest.mark.parametrize("name", KEPT)
def test_an_execution_costs_what_it_did(name: str, found: Found) -> None:
    """More is a loss, less a gain that should be kept: `make counts` writes either down."""
    assert found[name] == pytest.approx(KEPT[name], rel=TOLERANCE)


def test_every_workload_is_kept(found: Found) -> None:
    """A new workload without figures would hold nothing."""
    assert set(found) == set(KEPT)


@pytest.mark.parametrize("way", ["record", "run"])
def test_a_row_costs_one_function_in_place_of_another(way: str, found: Found) -> None:
    """A row taken alone runs five lines of ours instead of SQLAlchemy's own; among many, none."""
    fixed, each = (found[f"{way}.thousand-rows-{how}"] for how in ("at-once", "one-by-one"))
    assert each["calls"] < fixed["calls"] + 1_005
    assert each["lines"] < fixed["lines"] + 5_020
    assert fixed["lines"] == pytest.approx(found[f"{way}.driver-sql"]["lines"], rel=TOLERANCE)
