"""The command line: each command parses, calls `runs`, prints and exits."""

import sys

from qprof.cli.versions import too_old

__all__ = ["main"]


def main() -> None:
    """Run the command line; never returns."""
    complaint = too_old()
    if complaint:
        sys.stderr.write(f"qprof: {complaint}\n")
        raise SystemExit(2)
    from qprof.cli.app import main as run

    run()
