"""What is not needed is not imported: a command line is as quick as its imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qprof import __version__, cli
from qprof.cli.app import app, loaded
from qprof.cli.names import COMMANDS, first_page
from qprof.domain.trace import Call, Execution, Trace
from qprof.reporters import REPORTERS, Canvas
from qprof.runs.stored import trace_text
from tests.cli.test_report import BEFORE
from tests.reporters.samples import ENVIRONMENT

SEEN = "import sys; sys.argv = ['qprof', {!r}]; import qprof.cli as cli\n{}print(*sys.modules)"
RUN = "try: cli.main()\nexcept SystemExit: pass\n"


@pytest.mark.parametrize(
    ("option", "unwanted"),
    [
        ("--version", {"typer", "sqlalchemy", "tabulate", "qprof.domain.report"}),
        (
            "--help",
            {"typer", "sqlalchemy", "tabulate", "rich", "qprof.domain.report", "qprof.cli.seed"},
        ),
    ],
)
def test_a_glance_imports_little(option: str, unwanted: set[str]) -> None:
    """Neither asks for what a measurement needs."""
    code = SEEN.format(option, RUN)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert unwanted & set(done.stdout.split()) == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ("rule",),
        ("rule", "QP101"),
        ("scan", "app.py", "--format", "json=scanned.json"),
        ("report", "report.json"),
        ("report", "trace.json", "trace.json"),
        ("report", "trace.json", "--against", "report.json"),
    ],
    ids=" ".join,
)
def test_what_runs_no_call_needs_no_sqlalchemy(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Nor Faker, of which the sample library is made, nor what fixes a scanned file."""
    (tmp_path / "app.py").write_text("from sqlalchemy.orm import joinedload\n")
    (tmp_path / "report.json").write_text(REPORTERS["json"](BEFORE, Canvas()))
    trace = Trace(
        ENVIRONMENT,
        (Call("artists.search", {"query": "The"}, (Execution("SELECT 1", 1, 1, 1, 1),), 0.1),),
    )
    (tmp_path / "trace.json").write_text(trace_text(trace))
    code = (
        "import sys, qprof.cli\n"
        f"sys.argv = ['qprof', *{arguments}]\n"
        "try: qprof.cli.main()\n"
        "except SystemExit as end: print(end.code, *sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    ended, *modules = done.stderr.splitlines()[-1].split()
    assert ended == "0", done.stderr
    assert {"sqlalchemy", "faker", "libcst"} & set(modules) == set()
    assert {"qprof.domain.report", "qprof.judge.detectors"} & set(modules), "it did nothing"


def test_only_a_scan_needs_libcst() -> None:
    """It takes a tenth of a second, which no measurement should wait for."""
    code = (
        "import sys; import qprof.cli.compare, qprof.runs.compare; print('libcst' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_only_an_html_report_needs_jinja2() -> None:
    """Every other format starts without it."""
    code = "import sys; import qprof.reporters, qprof.cli.compare; print('jinja2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_each_command_says_of_itself(name: str) -> None:
    """The first line of a command's help is its line in the list."""
    assert loaded(name).help.splitlines()[0] == COMMANDS[name]


def test_the_version_is_the_same_with_anything_after_it() -> None:
    """Asked alone, Typer is not imported; it says the same."""
    assert CliRunner().invoke(app, ["--version"]).output == f"qprof {__version__}\n"


def test_the_first_page_is_what_typer_would_print() -> None:
    """It is put together without Typer, and differs in nothing."""
    result = CliRunner().invoke(app, ["--help"], prog_name="qprof", terminal_width=78)
    assert result.output == first_page("qprof")


@pytest.mark.parametrize(
    ("columns", "program", "own"),
    [("80", "bin/qprof", True), ("200", "qprof", True), ("79", "qprof", False), ("80", "x", False)],
)
def test_what_is_narrow_or_has_another_name_is_left_to_typer(
    monkeypatch: pytest.MonkeyPatch, columns: str, program: str, own: bool
) -> None:
    """Typer wraps the page anew, and knows by what a module was started."""
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(sys, "argv", [program, "-h"])
    assert cli._at_once(["-h"]) == (first_page("qprof") if own else "")


def test_a_slip_is_answered_by_what_is_nearest() -> None:
    """Commands that are not imported are suggested, too."""
    assert "Did you mean 'profile'" in CliRunner().invoke(app, ["prfile"]).output
