"""The report for other programs: the contract of schema qprof.report/1."""

import json
import math
from typing import Any

from qprof.domain.jsonvalue import to_json
from qprof.domain.report import Report
from qprof.reporters.canvas import Canvas


def render(report: Report, canvas: Canvas) -> str:
    """Return the report as JSON; a number that JSON cannot hold is null."""
    value = {"schema": report.schema, **to_json(report)}
    text = json.dumps(_finite(value), indent=2, ensure_ascii=False, allow_nan=False)
    # Half a surrogate pair cannot be written to a file; its backslash form is JSON's own.
    return text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
