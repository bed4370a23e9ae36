"""OpenMetrics text, read by the reference parser."""

from dataclasses import replace

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from qprof.domain.report import Report
from qprof.reporters import Canvas
from qprof.reporters.escape import plain
from qprof.reporters.formats.openmetrics import render
from tests.reporters.samples import (
    COMPARE,
    EMPTY,
    GATE,
    HOSTILE,
    NASTY,
    PROFILE,
    SAMPLES,
    SEARCH_CALL,
)


def read(report: Report) -> dict[tuple[str, ...], float]:
    """Return each sample by its name and the values of its labels."""
    families = text_string_to_metric_families(render(report, Canvas()))
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.parametrize("report", SAMPLES.values(), ids=SAMPLES)
def test_the_reference_parser_reads_as_many_samples_as_were_written(report: Report) -> None:
    """It refuses a sample that comes twice, a wrong order, a missing end."""
    lines = render(report, Canvas()).splitlines()
    assert len(read(report)) == len([line for line in lines if not line.startswith("#")])


def test_the_counts_are_those_of_the_report() -> None:
    """Of calls, paths, plans, findings and broken limits."""
    profiled, compared, gated = read(PROFILE), read(COMPARE), read(GATE)
    assert profiled["qprof_call_rows", "artists.search"] == 41_230
    assert profiled["qprof_needed_rows", "artists.search"] == 9_120
    assert profiled["qprof_path_rows", "artists.search", "root"] == 41_230
    assert profiled["qprof_findings", "artists.search", "QP101", "error"] == 1
    assert profiled["qprof_unmeasured", "artists.rename"] == 1
    assert compared["qprof_plan_queries", "artists.search", "selectin", "measured"] == 7
    assert compared["qprof_predicted_rows", "artists.search", "balanced"] == 9_120
    assert gated["qprof_breaches", "tracks.count", "rows", "acknowledged"] == 1


def test_a_name_that_comes_twice_is_added_up() -> None:
    """The format knows no second sample of the same labels."""
    twice = replace(EMPTY, calls=(SEARCH_CALL, SEARCH_CALL))
    assert read(twice)["qprof_call_queries", "artists.search"] == 2


def test_there_is_no_time_in_it() -> None:
    """A metrics report compares two runs, and times differ in each."""
    assert not [name for name, *_ in read(PROFILE) if "second" in name or name.endswith("ms")]


def test_hostile_names_arrive_whole() -> None:
    """Quotes, backslashes and line breaks are the format's own marks."""
    assert read(HOSTILE)["qprof_call_rows", plain(NASTY)] == 0
