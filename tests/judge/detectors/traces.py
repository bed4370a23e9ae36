"""Short hand-written traces: what a case leaves out is filled in here."""

from collections.abc import Mapping
from typing import Any

from qprof.domain.jsonvalue import from_json
from qprof.domain.trace import Call


def call_from(case: Mapping[str, Any]) -> Call:
    """Return the call that `case` describes; hops give paths, rows and columns give cells."""
    return from_json(
        Call,
        {
            "name": "artists.search",
            "arguments": {},
            "wall": 0.0,
            **case,
            "executions": [_execution(each) for each in case.get("executions", [])],
            "paths": [_hopped(each, "name") for each in case.get("paths", [])],
            "idle": [_hopped(each, "path") for each in case.get("idle", [])],
            "swallowed": [_hopped(each, "path") for each in case.get("swallowed", [])],
            "several": [_hopped(each, "path") for each in case.get("several", [])],
            "unstable": [_hopped(each, "path") for each in case.get("unstable", [])],
        },
    )


def _execution(case: Mapping[str, Any]) -> dict[str, Any]:
    filled = {
        "sql": "SELECT a FROM artist",
        "count": 1,
        "rows": 0,
        "columns": 1,
        **_hopped(case, "path"),
    }
    filled.setdefault("cells", filled["rows"] * filled["columns"])
    filled["joins"] = [{"to_many": True, **_hopped(join, "path")} for join in case.get("joins", [])]
    if "site" in case:
        file, line, function = case["site"].split(":")
        filled["site"] = {"file": file, "line": int(line), "function": function}
    return filled


def _hopped(case: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return `case` with hops "Artist.tracks Track.genres" split, and the path that they spell."""
    if "hops" not in case:
        return dict(case)
    hops = case["hops"].split()
    path = ".".join([hops[0], *(hop.split(".")[1] for hop in hops[1:])])
    return {key: path, **case, "hops": hops}
