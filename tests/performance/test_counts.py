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
"""Less than one call of fourteen; versions of Python differ by a line or two about `try`."""


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, float]]:
    """Count once for all."""
    return everything()


KEPT = {
    f"{way}.{name}": counts
    for way, workloads in tomllib.loads(FILE.read_text(encoding="utf-8")).items()
    for name, counts in workloads.items()
}


@pytest.mark.parametrize("name", KEPT)
def test_an_execution_costs_what_it_did(name: str, found: dict[str, dict[str, float]]) -> None:
    """More is a loss, less a gain that should be kept: `make counts` writes either down."""
    assert found[name] == pytest.approx(KEPT[name], rel=TOLERANCE)


def test_every_workload_is_kept(found: dict[str, dict[str, float]]) -> None:
    """A new workload without figures would hold nothing."""
    assert set(found) == set(KEPT)


@pytest.mark.parametrize("way", ["record", "run"])
def test_a_row_costs_no_line(way: str, found: dict[str, dict[str, float]]) -> None:
    """A thousand rows taken one by one run not one line of ours more than a few fixed ones."""
    fixed = found[f"{way}.thousand-rows-at-once"]["lines"]
    assert found[f"{way}.thousand-rows-one-by-one"]["lines"] < fixed + 20
