"""The report for other programs: the contract of schema qprof.report/1."""

import math

from qprof.domain.jsonvalue import json_text, to_json
from qprof.domain.report import Report
from qprof.reporters.canvas import Canvas


def render(report: Report, canvas: Canvas) -> str:
    """Return the report as JSON; a number that JSON cannot hold is null."""
    value = {"schema": report.schema, **to_json(report)}
    return json_text(_finite(value))


def _finite(value: object) -> object:
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
