"""A Trace and a Report survive JSON: equal afterwards, whatever they hold."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qprof.domain.jsonvalue import from_json, to_json
from qprof.domain.report import Finding, PlanReport, Report
from qprof.domain.trace import Call, Cost, Environment, Execution, Library, Root, Site, Tally, Trace

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | st.integers() | FLOATS | st.text()
MAPS = st.dictionaries(st.text(), SCALARS, max_size=2)
STRINGS = st.dictionaries(st.text(), st.text(), max_size=2)
COSTS = st.builds(Cost, st.integers(), st.integers(), st.integers())
SITES = st.builds(Site, st.text(), st.integers(), st.text())
TALLIES = st.builds(
    Tally,
    st.integers(),
    st.dictionaries(st.text(), st.integers(), max_size=2),
    st.dictionaries(st.text(), st.integers(), max_size=2),
    st.none() | st.builds(Root, st.text(), st.tuples(SCALARS), st.integers()),
    st.none() | COSTS,
)
EXECUTIONS = st.builds(
    Execution,
    sql=st.text(),
    count=st.integers(),
    execute=FLOATS,
    fetch=st.none() | FLOATS,
    repeated=COSTS,
    tally=st.none() | TALLIES,
    site=st.none() | SITES,
)
LIBRARIES = st.builds(Library, st.text(), FLOATS, st.integers())
ENVIRONMENTS = st.builds(Environment, library=st.none() | LIBRARIES)
CALLS = st.builds(
    Call,
    arguments=MAPS,
    executions=st.lists(EXECUTIONS, max_size=2).map(tuple),
    wall=FLOATS,
    needed=st.none() | COSTS,
)
FINDINGS = st.builds(Finding, evidence=MAPS, location=st.none() | SITES)
PLANS = st.builds(
    PlanReport,
    seconds=st.none() | FLOATS,
    spread=st.none() | st.tuples(FLOATS, FLOATS),
    strategies=STRINGS,
    findings=st.lists(FINDINGS, max_size=1).map(tuple),
)
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@QUICK
@given(st.builds(Trace, ENVIRONMENTS, st.lists(CALLS, max_size=2).map(tuple)))
def test_a_trace_survives(trace: Trace) -> None:
    """Through the text of JSON, not only its values."""
    assert from_json(Trace, json.loads(json.dumps(to_json(trace)))) == trace


@QUICK
@given(
    st.builds(
        Report,
        environment=ENVIRONMENTS,
        calls=st.just(()),
        findings=st.lists(FINDINGS, max_size=2).map(tuple),
    )
)
def test_a_report_survives(report: Report) -> None:
    """All nested values come back with their types."""
    assert from_json(Report, json.loads(json.dumps(to_json(report)))) == report


@QUICK
@given(PLANS)
def test_a_plan_survives(plan: PlanReport) -> None:
    """Tuples come back as tuples."""
    assert from_json(PlanReport, json.loads(json.dumps(to_json(plan)))) == plan
