"""The command line: each command parses, calls `runs`, prints and exits."""

from qprof.cli.app import main

__all__ = ["main"]
