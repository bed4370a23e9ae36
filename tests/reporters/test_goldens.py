from itertools import product

import pytest

from qprof.reporters import REPORTERS, Canvas
from tests.reporters import golden
from tests.reporters.samples import SAMPLES


@pytest.mark.parametrize(("sample", "reporter"), [*product(SAMPLES, REPORTERS)])
def test_every_reporter_draws_every_sample_as_its_golden_does(sample: str, reporter: str) -> None:
    """A reporter without a golden says which command makes one."""
    kept = golden.path(sample, reporter)
    assert kept.exists(), f"no golden for {reporter}: run make golden"
    drawn = REPORTERS[reporter](SAMPLES[sample], Canvas())
    assert drawn == kept.read_text(encoding="utf-8")


def test_no_golden_is_left_behind() -> None:
    """A golden that nothing makes any more is stale."""
    made = {golden.path(sample, reporter) for sample, reporter in product(SAMPLES, REPORTERS)}
    assert {each for each in golden.FOLDER.rglob("*") if each.is_file()} == made


def test_the_table_is_the_default() -> None:
    """The first of the registry is what a terminal gets."""
    assert next(iter(REPORTERS)) == "table"
