"""Traces and reports in files: written for later, read again, added up, compared."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from qprof.domain.errors import QprofError
from qprof.domain.jsonvalue import from_json, json_text, to_json
from qprof.domain.merging import merged_traces
from qprof.domain.report import SCHEMA, Report
from qprof.domain.trace import SCHEMA as TRACE_SCHEMA
from qprof.domain.trace import Trace
from qprof.judge.verdict import against, judge
from qprof.runs.ignoring import ignoring
from qprof.runs.request import choose_rules
from qprof.runs.rules import choose_ids
from qprof.targets.config import Config


def trace_text(trace: Trace) -> str:
    """Return `trace` as JSON, to be saved."""
    return json_text({"schema": TRACE_SCHEMA, **to_json(trace)}, indent=1)


def judge_trace(
    trace: Trace, config: Config, select: Sequence[str] | None, ignore: Sequence[str] | None
) -> Report:
    """Return what `trace` shows by the rules of `config`, on which `select` and `ignore` win.

    Raises QprofError for a rule that does not exist.
    """
    rules = choose_rules(select or config.select, ignore or config.ignore, config.extend_select)
    return judge(trace, config.thresholds, rules, ignoring(config.ignored))


def stored_report(
    files: Sequence[Path],
    config: Config,
    select: Sequence[str] | None = None,
    ignore: Sequence[str] | None = None,
    earlier: Path | None = None,
) -> Report:
    """Return the report of saved traces, added up, or the one saved report.

    Of two reports, or with an `earlier` file, it is the later one with what changed. Raises
    QprofError for a file that is not qprof's, for traces of different environments, and for reports
    that cannot be compared.
    """
    found = [(str(file), _read(file)) for file in files]
    if earlier is not None:
        before = stored_report([earlier], config, select, ignore)
        names = " + ".join(name for name, _ in found)
        return against(str(earlier), before, names, _one(found, config, select, ignore))
    reports = [_selected(each, select, ignore) for _, each in found if isinstance(each, Report)]
    if len(found) == len(reports) == 2:
        return against(found[0][0], reports[0], found[1][0], reports[1])
    return _one(found, config, select, ignore)


def _one(
    found: Sequence[tuple[str, Trace | Report]],
    config: Config,
    select: Sequence[str] | None,
    ignore: Sequence[str] | None,
) -> Report:
    if len(found) == 1 and isinstance(found[0][1], Report):
        return _selected(found[0][1], select, ignore)
    traces = [(name, each) for name, each in found if isinstance(each, Trace)]
    for name, each in found:
        if isinstance(each, Report):
            raise QprofError(
                f"{name} is a report, and only traces can be added up; qprof run -o FILE saves "
                "one. To compare: qprof report --against EARLIER FILE."
            )
    return judge_trace(merged_traces(traces), config, select, ignore)


def read_report(file: Path) -> Report:
    """Return a saved report. Raises QprofError for any other file."""
    found = _read(file)
    if isinstance(found, Report):
        return found
    raise QprofError(
        f"{file} is a trace, and a report is wanted; qprof report {file} -f json=report.json "
        "makes one."
    )


def _selected(report: Report, select: Sequence[str] | None, ignore: Sequence[str] | None) -> Report:
    """Return `report` with the findings of the chosen rules; it has not those of others."""
    rules = choose_ids(select or (), ignore or ())
    found = tuple(each for each in report.findings if each.rule in rules)
    return replace(
        report, findings=found, rules=tuple(each for each in report.rules if each in rules)
    )


def _read(file: Path) -> Trace | Report:
    value = _json(file)
    schema = value.pop("schema", None) if isinstance(value, dict) else None
    if not isinstance(schema, str) or not schema.startswith("qprof."):
        raise QprofError(f"{file} is neither a trace nor a report of qprof.")
    kinds: dict[str, type[Any]] = {TRACE_SCHEMA: Trace, SCHEMA: Report}
    if schema not in kinds:
        raise QprofError(
            f"{file} has schema {schema}; this qprof reads {TRACE_SCHEMA} and {SCHEMA}."
        )
    try:
        read: Trace | Report = from_json(kinds[schema], value)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise QprofError(f"{file} says it is {schema}, but is not: {error}.") from None
    return read


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise QprofError(f"{file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise QprofError(f"{file} is not JSON, or was cut off.") from None
