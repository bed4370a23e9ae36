"""qprof report of two files: side by side, or refused in a sentence."""

from dataclasses import replace
from pathlib import Path

import pytest

from qprof.domain.report import Report
from qprof.domain.trace import Call, Cost, Execution, Trace
from qprof.reporters import REPORTERS, Canvas
from qprof.runs.stored import trace_text
from tests.cli.door import in_process, refused
from tests.reporters.samples import ENVIRONMENT, EXPLOSION, SEARCH_CALL, call

BEFORE = Report(ENVIRONMENT, (SEARCH_CALL,), findings=(EXPLOSION,))
AFTER = Report(ENVIRONMENT, (call("artists.search", Cost(6, 9_120, 129_700), None, query="The"),))


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with two reports, one of another seed, and a trace; it is the current one."""
    monkeypatch.chdir(tmp_path)
    assert ENVIRONMENT.library
    seeded = replace(ENVIRONMENT, library=replace(ENVIRONMENT.library, seed=2))
    reports = {"a": BEFORE, "b": AFTER, "seed": replace(AFTER, environment=seeded)}
    for name, report in reports.items():
        (tmp_path / f"{name}.json").write_text(REPORTERS["json"](report, Canvas()))
    execution = Execution("SELECT 1", 6, 9_120, 2, 18_240)
    trace = Trace(ENVIRONMENT, (Call("artists.search", {"query": "The"}, (execution,), 0.1),))
    (tmp_path / "trace.json").write_text(trace_text(trace))
    return tmp_path


@pytest.mark.parametrize("files", [("a.json", "b.json"), ("b.json", "--against", "a.json")])
def test_two_reports_are_shown_side_by_side(saved: Path, files: tuple[str, ...]) -> None:
    """The figures, and what is resolved; and the exit code is of what is there now."""
    said = in_process("report", *files, "--fail-on", "error")
    assert said.code == 0
    lines = [line.split() for line in said.out.splitlines()]
    assert ["artists.search", "rows", "41,230", "9,120", "0.22", "better"] in lines
    assert "resolved: artists.search: error QP101" in said.out
    assert in_process("report", *files[::-1], "--fail-on", "error").code == 1


def test_a_trace_is_compared_with_an_earlier_report(saved: Path) -> None:
    """As what is left of it by the rules."""
    said = in_process("report", "trace.json", "--against", "a.json")
    assert "Compared with a.json: 0 new, 1 worse, 0 not-run, 2 better, 1 resolved." in said.out


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        (
            ["a.json", "seed.json"],
            "a.json and seed.json cannot be compared; they differ in the",
        ),
        (["a.json", "trace.json"], "a.json is a report, and only traces can be added up"),
        (["a.json", "b.json", "b.json"], "a.json is a report, and only traces can be added up"),
        (["a.json", "--against", "no.json"], "no.json cannot be read"),
    ],
)
def test_what_cannot_be_compared_is_refused(saved: Path, files: list[str], sentence: str) -> None:
    """In one line, with exit code 2."""
    assert sentence in refused(in_process("report", *files), 2)
