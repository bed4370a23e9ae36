"""The command line: each command parses, calls `runs`, prints and exits."""

import sys
from pathlib import Path

from qprof import __version__
from qprof.cli.versions import too_old

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    complaint = too_old()
    if complaint:
        sys.stderr.write(f"error: {complaint}\n")
        raise SystemExit(2)
    said = _at_once(sys.argv[1:])
    if said:
        sys.stdout.write(said)
        return
    from qprof.cli.app import main as run

    run()


def _at_once(arguments: "list[str]") -> str:
    """Return what `app` would say, without the tenth of a second that importing Typer takes.

    "" where it is for Typer to answer.
    """
    if arguments in (["--version"], ["-V"]):
        return f"qprof {__version__}\n"
    started = Path(sys.argv[0])
    module = started == Path(__file__).parent.with_name("__main__.py")
    if arguments not in (["--help"], ["-h"]) or not (module or started.name == "qprof"):
        return ""
    from shutil import get_terminal_size

    from qprof.cli.names import WIDTH, first_page

    wide = get_terminal_size().columns >= WIDTH
    return first_page("python -m qprof" if module else "qprof") if wide else ""
