"""`python -m qprof`."""

from qprof.cli import main

main()
