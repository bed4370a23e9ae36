"""`python -m benchmarks.starting`: how long qprof takes to say who it is, against Python alone.

CPU time of whole processes, in turn.
"""

import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from resource import RUSAGE_CHILDREN, getrusage

from benchmarks.pages import publish, spread

ROUNDS = 15
COMMANDS: Mapping[str, Sequence[str]] = {
    "python -c pass": ("-c", "pass"),
    "python -c 'import typer'": ("-c", "import typer"),
    "qprof --version": ("-m", "qprof", "--version"),
    "qprof --help": ("-m", "qprof", "--help"),
    "qprof compare --help": ("-m", "qprof", "compare", "--help"),
}


def seconds(arguments: Sequence[str]) -> float:
    """Return the CPU time of one process."""
    # Not os.times, which counts in hundredths of a second: bare Python takes two of them.
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main() -> None:
    """Print the table."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, arguments in COMMANDS.items():
            times[name].append(seconds(arguments))
    bare = statistics.median(times["python -c pass"])
    lines = []
    for name, taken in times.items():
        ratio = spread([each / bare for each in taken], 1)
        lines.append((name, ratio, "6.6" if name in ("qprof --version", "qprof --help") else ""))
    publish("starting", lines, ("CPU time of a process", "÷ python -c pass", "at most"))


if __name__ == "__main__":
    main()
