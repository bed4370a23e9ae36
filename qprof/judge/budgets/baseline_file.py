"""The baseline as a file: sorted, one line for each call and metric, the same bytes each time."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qprof.domain.errors import QprofError
from qprof.judge.budgets.baseline import Baseline, Entry, Key, Raised, read_acknowledgement
from qprof.judge.budgets.metrics import COUNTS
from qprof.judge.budgets.suite import Suite, suite_entries, suite_from

SCHEMA = "qprof.baseline/1"
NAME = "qprof-baseline.json"
_PART = ",\n "
_CONFLICT = ("<<<<<<< ", "=======", ">>>>>>> ")


def baseline_text(baseline: Baseline | None, suite: Suite | None = None) -> str:
    """Return calls and tests as JSON that merges line by line."""
    parts = [f'"schema": "{SCHEMA}"']
    if baseline is not None:
        key = baseline.key
        head = {"data": dict(key.data), "dialect": key.dialect, "sqlalchemy": key.sqlalchemy}
        lines = [_line(_as_json(each)) for each in sorted(baseline.entries, key=_order)]
        parts += [f'"key": {_line(head)}', f'"entries": {_listed(lines)}']
    if suite is not None:
        lines = [_line(each) for each in suite_entries(suite)]
        about = f'"sqlalchemy": {_line(suite.sqlalchemy)}, "code": {_line(suite.code)}'
        parts.append(f'"tests": {{{about}, "entries": {_listed(lines)}}}')
    return f"{{{_PART.join(parts)}}}\n"


def _listed(lines: Sequence[str]) -> str:
    entries = ",\n".join(f"  {each}" for each in lines)
    return f"[\n{entries}\n]"


def _line(value: object) -> str:
    return json.dumps(value)


def _order(entry: Entry) -> tuple[str, int]:
    return entry.call, COUNTS.index(entry.metric)


def _as_json(entry: Entry) -> dict[str, object]:
    value: dict[str, object] = {"call": entry.call, "metric": entry.metric}
    value |= {"measured": entry.measured, "needed": entry.needed}
    value |= {"arguments": dict(entry.arguments)} if entry.arguments else {}
    if entry.raised:
        said = entry.raised.acknowledged
        value |= {"above": entry.raised.above, "reason": said.reason, "by": said.by}
        value |= {"expires": said.expires.isoformat()}
    return value


def read_suite(file: Path) -> Suite | None:
    """Return what `file` says of tests; None where it says nothing, or is not there.

    Raises QprofError as `read_baseline` does.
    """
    if not file.exists():
        return None
    value = _json(file)
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise QprofError(f"{file} is no baseline of schema {SCHEMA!r}. Remove it, or name another.")
    try:
        return suite_from(value["tests"]) if "tests" in value else None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise QprofError(
            f"{file}: its section of tests cannot be read: {_said(error)}. Restore it from version "
            "control, or write it anew with pytest --qprof-update."
        ) from None


def has_calls(file: Path) -> bool:
    """Return whether `file` is there, and says more than what tests cost."""
    if not file.exists():
        return False
    value = _json(file)
    return not isinstance(value, dict) or "tests" not in value or "entries" in value


def read_baseline(file: Path) -> Baseline:
    """Return what `file` says.

    Raises QprofError where it is missing, cut off, half merged, of another schema, or wrong.
    """
    value = _json(file)
    schema = value.get("schema") if isinstance(value, dict) else None
    if schema != SCHEMA:
        raise QprofError(
            f"{file} has schema {schema!r}, and this qprof reads {SCHEMA!r}. Remove it, and write "
            "it anew with qprof baseline write."
        )
    try:
        entries = tuple(_entry(each, file) for each in value["entries"])
        baseline = Baseline(_key(value["key"]), entries)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise QprofError(
            f"{file} says it is {SCHEMA}, but is not: {_said(error)}. Restore it from version "
            "control, or remove it and run qprof baseline write."
        ) from None
    _refuse_twice(baseline, file)
    return baseline


def _said(error: Exception) -> str:
    return f"it lacks {error}" if isinstance(error, KeyError) else str(error)


def _json(file: Path) -> Any:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise QprofError(f"The baseline {file} cannot be read: {reason}.") from None
    _refuse_conflict(text, file)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        line = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise QprofError(
            f"The baseline {file} is not JSON, or was cut off{line}. Restore it from version "
            "control."
        ) from None


def _refuse_conflict(text: str, file: Path) -> None:
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(_CONFLICT):
            raise QprofError(
                f"{file} has a merge conflict in line {number}. Keep the lower figure of each "
                "line, remove the markers, and run qprof check."
            )


def _key(value: Mapping[str, Any]) -> Key:
    data = {_of(str, name): each for name, each in value["data"].items()}
    return Key(data, _of(str, value["dialect"]), _of(str, value["sqlalchemy"]))


def _entry(value: Mapping[str, Any], file: Path) -> Entry:
    if value["metric"] not in COUNTS:
        raise ValueError(f"{value['metric']!r} is no metric of {', '.join(COUNTS)}")
    needed = value["needed"]
    return Entry(
        _of(str, value["call"]),
        value["metric"],
        dict(value.get("arguments", {})),
        _of(int, value["measured"]),
        None if needed is None else _of(int, needed),
        _raised(value, f"{file}: {value['call']} {value['metric']}"),
    )


def _raised(value: Mapping[str, Any], where: str) -> Raised | None:
    said = read_acknowledgement(value, where)
    if said is None and "above" not in value:
        return None
    if said is None:
        raise ValueError(f"{where} was raised without a reason")
    return Raised(_of(int, value["above"]), said)


def _of(kind: type, value: object) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _refuse_twice(baseline: Baseline, file: Path) -> None:
    seen: set[tuple[str, str]] = set()
    for name in ((each.call, each.metric) for each in baseline.entries):
        if name in seen:
            raise QprofError(f"{file} has two entries for {' '.join(name)}; keep the lower one.")
        seen.add(name)
