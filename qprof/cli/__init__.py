"""The command line: each command parses, calls `runs`, prints and exits."""

import sys

from qprof import __version__
from qprof.cli.versions import too_old

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    complaint = too_old()
    if complaint:
        sys.stderr.write(f"qprof: {complaint}\n")
        raise SystemExit(2)
    if sys.argv[1:] == ["--version"]:
        # The same as in `app`, without the tenth of a second that importing Typer takes.
        sys.stdout.write(f"qprof {__version__}\n")
        return
    from qprof.cli.app import main as run

    run()
