"""What the first page of help says; nothing is imported for it."""

from collections.abc import Mapping

COMMANDS: Mapping[str, str] = {
    "demo": "Show one finding of each kind, in the built-in sample library.",
    "seed": "Make a synthetic music library.",
    "init": "Print a configuration to start with.",
    "profile": "Show what calls cost, against what they need.",
    "compare": "Run calls under every loading plan.",
    "predict": "Show what every plan of a call would fetch.",
    "bench": "Show how the cost of calls grows.",
    "check": "Fail where calls cost more than they may.",
    "run": "Profile a Python program, unedited.",
    "scan": "Find loader options that multiply or disagree, in source code.",
    "report": "Render what was saved before, or compare it.",
    "rule": "Explain a rule, and how to fix what it finds.",
    "baseline": "Write, update or prune what `qprof check` holds calls against.",
}
"""The first line of each command's own help; `tests/cli/test_starting.py` holds the two together.

`qprof.cli.NAME.NAME` is a function, or a Typer application with commands of its own.
"""
PURPOSE = (
    "Measure what SQLAlchemy loader strategies really cost: queries, rows and",
    "cells per call.",
)
"""In lines for 80 columns."""
EPILOG = "Exit codes: 0 ok, 1 a gate is broken, 2 wrong usage, 3 could not measure."
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
