import json
from itertools import product

import pytest

from qprof.reporters import REPORTERS
from tests.reporters import golden
from tests.reporters.samples import SAMPLES


@pytest.mark.parametrize(("sample", "reporter"), [*product(SAMPLES, REPORTERS)])
def test_every_reporter_draws_every_sample_as_its_golden_does(sample: str, reporter: str) -> None:
    """A reporter without a golden says which command makes one."""
    kept = golden.path(sample, reporter)
    assert kept.exists(), f"no golden for {reporter}: run make golden"
    assert golden.drawn(sample, reporter) == kept.read_text(encoding="utf-8")


def test_a_rule_without_a_result_is_in_no_golden() -> None:
    """So a new rule changes no golden, wherever in the list it stands."""
    first, second = ({"id": name, "help": {"text": name}} for name in ("QP001", "QP101"))
    result = {"ruleId": "QP101", "ruleIndex": 1}
    run = {"tool": {"driver": {"rules": [first, second]}}, "results": [result]}
    (kept,) = json.loads(golden.with_used_rules(golden.as_text({"runs": [run]})))["runs"]
    assert kept["tool"]["driver"]["rules"] == [second]
    assert kept["results"] == [{"ruleId": "QP101", "ruleIndex": 0}]


def test_no_golden_is_left_behind() -> None:
    """A golden that nothing makes any more is stale."""
    made = set(golden.everything())
    assert {each for each in golden.FOLDER.rglob("*") if each.is_file()} == made


@pytest.mark.parametrize("sample", golden.SEEN)
def test_the_table_looks_as_its_goldens_do_at_other_terminals(sample: str) -> None:
    """Wide, narrow, brief, in colour with links, and without Unicode."""
    for view in golden.VIEWS:
        kept = golden.view_path(sample, view).read_text(encoding="utf-8")
        assert golden.viewed(sample, view) == kept
    ascii_text = golden.ascii_path(sample).read_text(encoding="utf-8")
    assert ascii_text.isascii()
    assert golden.in_ascii(sample) == ascii_text


def test_the_table_is_the_default() -> None:
    """The first of the registry is what a terminal gets."""
    assert next(iter(REPORTERS)) == "table"
