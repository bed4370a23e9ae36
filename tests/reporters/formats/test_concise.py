"""One line for each problem, that editors read."""

import re

import pytest

from qprof.domain.report import Report
from qprof.reporters import REPORTERS, Canvas
from qprof.reporters.problems import problems
from tests.reporters.samples import SAMPLES

LINE = re.compile(r"(?P<place>.+?:\d+|[^:]+): (?P<rule>QP\d{3}) .+")


@pytest.mark.parametrize("sample", ["profile", "compare", "gate"])
def test_each_problem_is_a_line(sample: str) -> None:
    """file:line: rule message; what somebody let pass is none."""
    report: Report = SAMPLES[sample]
    lines = REPORTERS["concise"](report, Canvas()).splitlines()
    standing = [each for each in problems(report) if each.acknowledged is None]
    failed = sum(each.raised for each in report.unmeasured)
    found = [match for line in lines if (match := LINE.fullmatch(line))]
    assert len(lines) == len(standing) + failed
    assert [each["rule"] for each in found] == [each.rule for each in standing]


def test_nothing_is_said_where_nothing_is_wrong() -> None:
    """An editor shows an empty list."""
    assert REPORTERS["concise"](SAMPLES["empty"], Canvas()) == ""
