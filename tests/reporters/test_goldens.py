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
    made = {golden.path(sample, reporter) for sample, reporter in product(SAMPLES, REPORTERS)}
    assert {each for each in golden.FOLDER.rglob("*") if each.is_file()} == made


def test_the_table_is_the_default() -> None:
    """The first of the registry is what a terminal gets."""
    assert next(iter(REPORTERS)) == "table"
