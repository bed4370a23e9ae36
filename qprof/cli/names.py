"""What the first page of help says; nothing is imported for it."""

from collections.abc import Mapping

COMMANDS: Mapping[str, str] = {
    "demo": "Show one finding of each kind, in the built-in sample library.",
    "seed": "Make a synthetic music library.",
    "init": "Print a configuration to start with.",
    "profile": "Measure calls and report loading problems.",
    "compare": "Time a call under each loading plan and recommend one.",
    "predict": "Show what every plan of a call would fetch.",
    "bench": "Show how the cost of calls grows.",
    "check": "Fail if a call exceeds its budget or its baseline.",
    "run": "Profile a Python program, unedited.",
    "scan": "Find risky loader options in source code, without running it.",
    "report": "Show a saved report, or the difference between two.",
    "rule": "Explain a rule, and how to fix what it finds.",
    "baseline": "Manage the baseline that `qprof check` compares with.",
}
"""The first line of each command's own help; `tests/cli/test_starting.py` holds the two together.

`qprof.cli.NAME.NAME` is a function, or a Typer application with commands of its own.
"""
PURPOSE = (
    "Measure what SQLAlchemy loader strategies really cost: queries, rows and",
    "cells per call.",
)
"""In lines for 80 columns."""
EPILOG = "Exit codes: 0 passed, 1 a check failed, 2 usage error, 3 could not measure."
VERSION_HELP = "Show the version."
WIDTH = 80


def first_page(program: str) -> str:
    """Return what Typer would print for `program --help` in 80 columns or more."""
    widest = max(map(len, COMMANDS))
    lines = [
        f"Usage: {program} [OPTIONS] COMMAND [ARGS]...",
        "",
        *(f"  {line}" for line in PURPOSE),
        "",
        "Options:",
        f"  -V, --version         {VERSION_HELP}",
        "  --install-completion  Install completion for the current shell.",
        "  --show-completion     Show completion for the current shell, to copy it or",
        "                        customize the installation.",
        "  -h, --help            Show this message and exit.",
        "",
        "Commands:",
        *(f"  {name:{widest}}  {line}" for name, line in COMMANDS.items()),
        "",
        f"  {EPILOG}",
    ]
    return "\n".join(lines) + "\n"
